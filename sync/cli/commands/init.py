"""`imsync init`: a first mapping, guessed from the person's own file."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync import messages, run
from sync.cli import printing
from sync.cli.commands.schema import SCHEMA_ID, schema_text
from sync.cli.options import WITHOUT_CHANGES, WITHOUT_REPORTS, Options, common_options
from sync.cli.progress import set_up_logging
from sync.cli.running import finished
from sync.cli.settings import context
from sync.cli.terminal import fitted
from sync.errors import UsageError
from sync.messages import phrase
from sync.report import visible

if TYPE_CHECKING:
    from sync.grid import Grid

_STANDARD_OUTPUT = Path("-")
_NOT_USABLE = 3
_WIDEST = 28


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="MAPPING", help="Write the mapping into this new file."
)
@click.option("--force", is_flag=True, help="Replace the file that -o names.")
@click.option("--sheet", metavar="NAME", help="The sheet to look at.  [default: the first visible one]")
@click.option("--job", metavar="NAME", help="What the job is called in reports.  [default: the file's name]")
@click.option("--from-book", is_flag=True, help="Look at the account for its groups and the ids of its custom fields.")
@common_options(idle=(*WITHOUT_CHANGES, *WITHOUT_REPORTS))
def init(
    file: Path,
    output: Path | None,
    sheet: str | None,
    job: str | None,
    options: Options,
    *,
    force: bool,
    from_book: bool,
) -> int:
    """Guess a mapping from a file's headers and cells. Nothing is sent.

    \b
    imsync init customers.xlsx -o customers.yaml
    imsync check customers.xlsx -m customers.yaml
    """  # noqa: D301 - click's mark for lines that stay as they are
    set_up_logging(verbose=options.verbose, quiet=options.quiet, as_json=options.log_format == "json")
    if output == _STANDARD_OUTPUT:
        output = None  # where the mapping goes in any case
    if output is not None and not force and os.path.lexists(output):
        raise UsageError("mapping_exists", file=str(output))
    book = _seen_book(options) if from_book else None
    grid, guess = run.initial_mapping(file, sheet=sheet, job=job, book=book)
    text, schema = guess.text, None
    if output is not None:
        schema = _schema_beside(output)
        text = text if schema else _with_advice(text)
        _write(output, text)
    else:
        text = _with_advice(text)
    warnings = [(code, messages.text(code, values)) for code, values in guess.warnings]
    for _, warning in warnings:
        printing.told(f"imsync: {visible(warning)}")
    if options.as_json:
        printing.result_object(
            {
                "mapping": text,
                "path": None if output is None else str(output),
                "schema": None if schema is None else str(schema),
                "sheet": grid.sheet or None,
                "encoding": grid.encoding or None,
                "delimiter": grid.delimiter or None,
                "header_row": guess.header_row,
                "columns": [_column_object(each) for each in guess.columns],
                "warnings": [{"code": code, "message": message} for code, message in warnings],
            }
        )
    elif output is None:
        printing.result(text.rstrip("\n"))
    elif not options.quiet:
        printing.result(fitted("\n".join(_told(file, output, grid, guess))))
    return 0 if guess.has_key else _NOT_USABLE


def _seen_book(options: Options) -> "run.KnownBook":
    here = context(options, {}, reports=False)
    with here.lock("imsync init --from-book"):
        return finished(here, run.known_book(here), drains=False)


# Files


def _schema_beside(mapping: Path) -> Path | None:
    """Writes the schema for editors beside the mapping; None where somebody else's file has its name, or on failure."""
    import json

    path = mapping.parent / run.SCHEMA_FILE
    try:
        if os.path.lexists(path) and json.loads(path.read_text(encoding="utf-8")).get("$id") != SCHEMA_ID:
            return None
        _write(path, schema_text())
    except (OSError, ValueError, AttributeError, UsageError):
        return None  # it is a help for editors; the mapping does without
    return path


def _with_advice(text: str) -> str:
    first, _, rest = text.partition("\n")
    return f"{first}\n# {phrase('made_advice')}\n{rest}"


def _write(path: Path, text: str) -> None:
    """Puts the whole file in place, or nothing."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise UsageError("file_unwritable", file=str(path), reason=error.strerror or str(error)) from error


# What is shown


def _told(file: Path, output: Path, grid: "Grid", guess: "run.Guess") -> Iterator[str]:
    if grid.sheet:
        how = phrase("check_sheet", sheet=visible(grid.sheet))
    else:
        delimiter = phrase("check_tab") if grid.delimiter == "\t" else grid.delimiter
        how = phrase("check_csv_guessed", encoding=grid.encoding, delimiter=delimiter)
    yield phrase("check_file_guessed", file=visible(file.name), how=how, row=guess.header_row)
    yield ""
    head = phrase("check_column"), phrase("init_taken_for"), phrase("init_samples")
    yield from _table([head, *(_line(each) for each in guess.columns)])
    if guess.field_samples:
        yield ""
        yield phrase("init_left")
        yield from _table([(str(number), "; ".join(texts)) for number, texts in guess.field_samples.items()])
    yield ""
    if any(each.role == "candidate" for each in guess.columns):
        yield phrase("init_candidates")
    yield phrase("init_written", file=output)
    if guess.has_key:
        yield phrase("init_next", command=f"imsync check {_word(file)} -m {_word(output)}")


def _line(each: "run.ColumnGuess") -> tuple[str, str, str]:
    return each.header or f"({run.column_letters(each.index)})", _meaning(each), "; ".join(map(_short, each.samples))


def _meaning(each: "run.ColumnGuess") -> str:
    kind = "" if each.type == "text" else f", {phrase(f'type_{each.type}')}"
    if each.role == "candidate":
        return f"{phrase('init_candidate')}{kind}"
    if each.role == "nothing":
        return phrase("init_nothing")
    from sync.contact import custom_field_number

    if custom_field_number(each.role) is not None:
        return f"{messages.field_words(each.role)}{kind}"
    return messages.field_words(each.role)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    shown = [[visible(text) for text in row] for row in rows]
    widths = [min(_WIDEST, max(len(row[place]) for row in shown)) for place in range(len(shown[0]) - 1)]
    for row in shown:
        cells = [_short(text).ljust(width) for text, width in zip(row, widths, strict=False)]
        yield "  " + "  ".join([*cells, row[-1]]).rstrip()


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _word(path: Path) -> str:
    """A path as it can be typed."""
    return f'"{path}"' if " " in str(path) else str(path)


def _column_object(each: "run.ColumnGuess") -> dict[str, object]:
    return {
        "place": run.column_letters(each.index),
        "header": each.header,
        "taken_for": each.role,
        "type": each.type,
        "filled": round(each.filled, 4),
        "samples": list(each.samples),
    }
