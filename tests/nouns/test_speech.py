"""Every text for a person is in the catalogue: the source is searched for sentences, and for what is said."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sync
from sync import messages
from sync.cli.commands import sandbox
from tests.translations import every_text

SOURCE = Path(sync.__file__).parent
TREES = {
    path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(SOURCE.rglob("*.py"))
    if path.name != "messages.py"
}
KNOWN = {" ".join(part.split()) for text in every_text() for part in ((text,) if isinstance(text, str) else text)}
_WORDS = """
    the and is are was were be been of to from with without that this these those its not no nothing there than by has
    have had it for or but which who where when what would could can cannot will a an in on at as row rows file files
    must more
"""
ENGLISH = frozenset(_WORDS.split())
# What databases, patterns and documents are written in.
QUERY = re.compile(
    r"\b(SELECT|CREATE|INSERT|PRAGMA|UPDATE|DELETE|ALTER|WHERE|ORDER BY|GROUP BY|JOIN|FROM|IN|CASE|IS NOT|INDEX)\b"
    r"|\\[dwsSDW]|\[A-Z|^<\w|instr\(|=\"$|\"><"
)
# Texts with English words that no person reads.
LAZY = {"has no attribute"}  # of a package that imports its parts when they are asked for
ALLOWED = {
    "canonical.py": {"ağustos ağu"},
    "cli/commands/init.py": {"imsync init --from-book"},  # a command
    "reader/guess/text.py": {"on_blank: keep", "on_key_change: conflict"},  # lines of a mapping
    "reader/ods_file.py": {"a document type"},  # errors that only say that a file is damaged
    "reader/sheet_scan.py": {"two rows with one number"},
    "reader/xlsb_file.py": {
        "a text that is longer than its record", "a record of more than 16 MiB", "the part ends within a record",
    },
    "remote/shapes.py": {
        "no status", "no contact", "no group", "a text where a list was expected", "an item without an id",
        "is not a number",
    },
    "remote/status.py": {"not authorised"},  # no text, but a reason for the reader of the source
    "remote/wire_xml.py": {"the answer carries a DTD", "XML cannot carry this character: U+"},  # see SYSTEM_FAULTS
    "remote/client.py": {"an id that was given before:"},
    "apply/groups.py": {"an id that was given before:"},
    "runs/run_file.py": {"input, row, key,"},  # columns
    "sheet.py": {"imsync: row"},  # a header
}  # fmt: skip
# Parts of what a parser says, by which its kinds are known.
PARSERS = ("reader/yaml_faults.py", "cli/jobs_file.py", "reader/csv_file.py", "reader/mapping_file.py")

SPEAKING = {
    "told", "result", "error", "plain", "echo", "secho", "print", "write", "UsageError", "BadParameter", "fail",
    "ClickException", "prompt", "confirm", "debug", "info", "warning", "critical", "exception", "log", "warn",
}  # fmt: skip
UNTOLD = {"an id that was given before: ", "another contact: "}  # of a message without a place for its reason
# What is said besides: the command's own name, and lines that a shell takes.
PLAIN = {
    "imsync: ", "imsync, version ", "  export IMSYNC_BASE_URL=", "  export ILETIMERKEZI_API_KEY=",
    "  export ILETIMERKEZI_API_HASH=",
}  # fmt: skip


def docstrings(tree: ast.AST) -> set[int]:
    """Texts that stand for themselves: what a module, a class, a function or an attribute is."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each text that is no docstring and no assertion's, with its line."""
    left = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg:
            left |= {id(each) for each in ast.walk(node.msg)}
        if isinstance(node, ast.keyword) and node.arg == "help":  # every command's whole help is translated
            left |= {id(each) for each in ast.walk(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left:
            yield node.lineno, node.value


def is_sentence(text: str) -> bool:
    """Whether a text has English words, and more than one word."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    return len(words) > 1 and " " in text.strip() and bool(ENGLISH & set(words)) and not QUERY.search(text)


@pytest.mark.parametrize("file", [name for name in TREES if not name.startswith("sandbox/") and name not in PARSERS])
def test_no_sentence_stands_outside_the_catalogue(file: str) -> None:
    found = [
        (line, text)
        for line, text in texts(TREES[file])
        if is_sentence(text)
        and " ".join(text.split()) not in KNOWN | LAZY | ALLOWED.get(file, set())
        # A command's help is one text, and its paragraphs are the catalogue's.
        and not all(" ".join(each.split()) in KNOWN for each in text.split("\n\n"))
    ]
    assert found == []


def test_what_is_allowed_is_there() -> None:
    unused = {
        (file, text)
        for file, allowed in ALLOWED.items()
        for text in allowed
        if text not in {" ".join(each.split()) for _, each in texts(TREES[file])}
    }
    assert unused == set()


def spoken(call: ast.Call) -> Iterator[tuple[int, str]]:
    """The texts that a call says as they are, with their lines: those that go through the catalogue are left out."""
    return said_in([*call.args, *(each.value for each in call.keywords if each.arg in ("text", "message"))])


def said_in(values: list[ast.expr]) -> Iterator[tuple[int, str]]:
    """The texts in these values that no further call makes anything of."""
    left: list[ast.AST] = list(values)
    while left:
        node = left.pop()
        if isinstance(node, ast.Call | ast.Subscript):
            continue  # a call's own arguments are codes, or are looked at by themselves
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        left += ast.iter_child_nodes(node)


@pytest.mark.parametrize("file", [name for name in TREES if not name.startswith("sandbox/")])
def test_whatever_speaks_takes_its_words_from_the_catalogue(file: str) -> None:
    found = []
    for node in ast.walk(TREES[file]):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in SPEAKING or (name == "UsageError" and isinstance(node.func, ast.Name)):
            continue  # our own UsageError takes a code, which other tests look at
        found += [
            (line, text)
            for line, text in spoken(node)
            if re.search(r"[^\W\d_]{2,} |[^\W\d_]{2,}$", text) and text not in PLAIN
        ]
    assert found == [], file


def reasons(tree: ast.AST) -> Iterator[tuple[int, ast.expr]]:
    """What is given as the value `reason` of a message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            yield node.value.lineno, node.value
        if isinstance(node, ast.Dict):
            keyed = zip(node.keys, node.values, strict=True)
            yield from (
                (value.lineno, value) for key, value in keyed if isinstance(key, ast.Constant) and key.value == "reason"
            )


@pytest.mark.parametrize("file", [name for name in TREES if not name.startswith("sandbox/")])
def test_a_reason_is_a_code_or_what_a_system_says(file: str) -> None:
    known = {*messages.FAULTS, *messages.REASONS, *messages.SYSTEM_FAULTS, *messages.CATALOGUE}
    found = [
        (line, text)
        for line, value in reasons(TREES[file])
        for _, text in said_in([value])
        if re.search(r"[^\W\d_]{2}", text) and text not in known | UNTOLD
    ]
    assert found == []


def test_a_sentence_is_known_from_a_code() -> None:
    assert is_sentence("there is no standard input")
    assert not is_sentence("mapping_not_utf8")
    assert not is_sentence("SELECT * FROM rows WHERE number IS NOT NULL")
    tree = ast.parse('printing.told(f"{count} rows were read"); printing.told(messages.phrase("a", file="the file"))')
    said = [text for node in ast.walk(tree) if isinstance(node, ast.Call) for _, text in spoken(node)]
    assert said.count(" rows were read") == 1


# The sandbox has English of its own, and knows no catalogue


def templates(node: ast.expr) -> str:
    """A text with `{}` for whatever is filled in, and for numbers."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "{}"


def test_everything_that_the_sandbox_says_is_wrong_can_be_told() -> None:
    # What answers a request is the API's own language; the other three are choices that click has checked before.
    answering = {"sandbox/json_node.py", "sandbox/xml_node.py", "sandbox/requests.py", "sandbox/nodes.py"}
    pieces = set()
    for file, tree in TREES.items():
        if not file.startswith("sandbox/") or file in answering:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("ValueError", "StateError"):
                pieces |= set(re.sub(r"\d+", "{}", templates(node.args[0])).split(": "))
    checked = {"an outage is by {}, and {}", "what others do is {}, not {}", "{} semantics are {}, not {}"}
    own = {"groups", "contacts", "blacklist", "api_access", "{}"}

    assert len(pieces) > 20
    assert pieces - set(sandbox.SAID) - checked - own == set()
