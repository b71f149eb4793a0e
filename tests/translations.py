"""`make translations`: gathers every text for a person, brings the Turkish catalogue up to date, and compiles it.

What enters: the messages, the commands' help, click's own texts. What leaves: imsync.po with what is new (without its
translation, which a test tells) and without what is used no more; imsync.mo.
What never happens here: guessing a translation from that of a similar text.
"""

import ast
import io
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from sync import language, messages
from sync.cli import overview
from sync.cli.commands import sandbox
from sync.cli.commands.schema import mapping_schema, report_schema
from sync.cli.commands.schema import texts as texts_of_schema
from sync.cli.overview import COMMANDS
from sync.cli.program import imsync
from sync.cli.translated import A_NUMBER, LANG_HELP, NUMBER, texts

Text = str | tuple[str, str]
PO = Path(language.FOLDER) / "tr" / "LC_MESSAGES" / "imsync.po"
MO = PO.with_suffix(".mo")


def every_text() -> dict[Text, list[str]]:
    """Each text for a person, as gettext is asked for it, and what it belongs to."""
    found: dict[Text, list[str]] = {}
    for origin, text in [*_messages(), *_words(), *_help(), *_schemas(), *_click()]:
        if text:
            found.setdefault(text, []).append(origin)
    # “file” is what we count, and click's word for a kind of path, of which we tell nobody.
    counted = {text[0] for text in found if isinstance(text, tuple)}
    return {text: origins for text, origins in found.items() if text not in counted or not _is_clicks(origins)}


def _is_clicks(origins: list[str]) -> bool:
    return all(origin.startswith("click.") for origin in origins)


def _messages() -> Iterator[tuple[str, Text]]:
    for code, message in messages.CATALOGUE.items():
        yield code, (message.what, message.many) if message.many else message.what
        yield code, message.next
        for hint in message.hints.values():
            yield code, hint


def _words() -> Iterator[tuple[str, Text]]:
    yield from messages.LABELS.items()
    yield from messages.PHRASES.items()
    yield from (*messages.COUNTED.items(), *messages.UNITS.items())
    for stage in messages.STAGES:
        yield "stage", stage
    yield from messages._FIELD_WORDS.items()
    yield "custom", messages._CUSTOM_FIELD
    yield from (*messages.FAULTS.items(), *messages.REASONS.items())
    for fault in sorted(messages.SYSTEM_FAULTS):
        yield "system", fault


def _help() -> Iterator[tuple[str, Text]]:
    for text in (*overview.TEXTS, LANG_HELP, NUMBER, A_NUMBER, "LANG"):
        yield "imsync --help", text
    context = click.Context(imsync)
    for name in COMMANDS:
        command = imsync.get_command(context, name)
        assert command is not None
        for text in texts(command):
            yield f"imsync {name} --help", text
    for title in (*sandbox.TITLES, *sandbox.SAID):
        yield "imsync sandbox", title


def _schemas() -> Iterator[tuple[str, Text]]:
    for text in texts_of_schema(mapping_schema()):
        yield "imsync schema", text
    for text in texts_of_schema(report_schema()):
        yield "imsync schema --report", text


def _click() -> Iterator[tuple[str, Text]]:
    """What click asks gettext for."""
    yield "click.core", "required"  # put together there
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name not in ("_", "ngettext"):
                continue
            assert isinstance(node, ast.Call)
            said = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if said:
                yield f"click.{path.stem}", (said[0], said[1]) if name == "ngettext" else said[0]


def catalogue() -> Catalog:
    """The Turkish catalogue as it stands."""
    with PO.open("rb") as file:
        return read_po(file, locale="tr")


def compiled(found: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    memory = io.BytesIO()
    write_mo(memory, found)
    return memory.getvalue()


def main() -> None:
    """Brings both files up to date, and tells how many texts lack a translation."""
    template = Catalog(charset="utf-8")
    for text, origins in every_text().items():
        template.add(text, auto_comments=list(dict.fromkeys(origins)))
    found = catalogue()
    found.update(template, no_fuzzy_matching=True, update_creation_date=False)  # the same texts, the same files
    found.obsolete.clear()
    with PO.open("wb") as file:
        write_po(file, found, width=118, omit_header=False)
    MO.write_bytes(compiled(found))
    lacking = [each.id for each in found if each.id and not each.string]
    print(f"{len(found)} texts, {len(lacking)} without a translation")  # noqa: T201 - a tool of ours


if __name__ == "__main__":
    main()
