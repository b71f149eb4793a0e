"""Writes docs/faults.md from the tests: the cells that `test_every_cell.py` carries out, and tests marked with `fault`.

What enters: the cells of `words`, the test files. What leaves: the page's text.
What never happens here: a line without a test that is there; an import of a test.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import test_every_cell
from tests.faults.words import ABOUT, CODES, MOMENTS, comes, does, passes

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"

_HEAD = """\
# What goes wrong, and what is done about it

Each line of this page is shown by a test; `make faults` writes the page from the tests, and the gate fails where it is
not what the tests say. The words: a write whose answer was lost is *unsure*; it is *adopted* where it turns out to have
been carried out. Rows that did not come about are told in every report; the exit codes are those of
[command-line.md](command-line.md).

Whatever happens, these hold, and the tests of the first part and all kills check them against the server's own book:
nothing is lost, nothing is there twice, nothing is changed that no row asked for, and what is told is what is there.

## On the line

Each fault that the [sandbox](command-line.md) can bring about (`imsync sandbox --help`) and each refusal that the API
documents, at each kind of request. Where nothing is written, carried out or not is one and the same. What a run passes
it meets at all these requests of one run, and with `make fuzz` at each of them alone.
"""
_ELSEWHERE = """\
## Elsewhere

Everything that is not one request's trouble: on this machine, with others, over time.
"""
_SHOWN = {
    True: test_every_cell.test_trouble_that_passes_is_passed_at_every_moment.__name__,
    False: test_every_cell.test_what_stops_a_run_stops_it_at_once_and_it_goes_on_later.__name__,
    None: test_every_cell.test_what_is_refused_is_told_and_everything_else_comes_about.__name__,
}
_CELLS_FILE = "tests/faults/test_every_cell.py"
ORDER = (
    "Trouble that lasts, or comes back",
    "Refusals, one after the other",
    "Search is late",
    "The server stores something else",
    "Somebody else is at work",
    "A signal, or the time is up",
    "The process is killed, or the power fails",
    "The disk is full, or cannot be written",
    "Files change or are damaged",
    "The clock is wrong",
    "Answers that are meant to harm",
)
"""The faults that marks may name, in the page's order."""


@dataclass(frozen=True, order=True)
class Marked:
    """A test with a mark."""

    fault: str
    moment: str
    does: str
    file: str
    test: str


def marked(root: Path = ROOT) -> list[Marked]:
    """The marked tests of all files.

    Raises:
        ValueError: a mark that is not three texts.
    """
    found = [each for path in sorted((root / "tests").rglob("test_*.py")) for each in _marks(path, root)]
    return sorted(found, key=lambda each: (ORDER.index(each.fault), each.file, each.moment))


def _marks(path: Path, root: Path) -> Iterator[Marked]:
    text = path.read_text(encoding="utf-8")
    if "mark.fault" not in text:
        return
    file = path.relative_to(root).as_posix()
    for node in ast.walk(ast.parse(text)):
        for each in node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ():
            if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.fault":
                said = [ast.literal_eval(argument) for argument in each.args]
                if len(said) != 3 or not all(isinstance(one, str) for one in said) or each.keywords:
                    raise ValueError(f"{file}, {node.name}: a fault, when it comes, and what is done, as texts")
                if said[0] not in ORDER:
                    raise ValueError(f"{file}, {node.name}: “{said[0]}” is none of {ORDER}")
                yield Marked(*said, file, node.name)


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_line(), _ELSEWHERE, *_elsewhere()])


def _line() -> Iterator[str]:
    for moment in MOMENTS:
        request = MOMENTS[moment]
        yield f"### {moment[0].upper()}{moment[1:]} (`{request.method}`)\n"
        yield "| what happens | what is done | shown by |"
        yield "|---|---|---|"
        told: dict[tuple[str, str], list[str]] = {}
        for fault in ABOUT:
            if comes(fault, moment):
                about = ABOUT[fault] if request.writes else ABOUT[fault].replace(", nothing done", "")
                told.setdefault((does(fault, moment), shown(fault)), []).append(about)
        for (done, test), faults in told.items():
            yield f"| {'; '.join(map(_cell, faults))} | {_cell(done)} | {_link(_CELLS_FILE, test)} |"
        yield ""


def shown(fault: str) -> str:
    """The test that carries out the cells of a fault."""
    stops = fault in ("unauthorised", "redirect", "404")
    return _SHOWN[True if passes(fault) else None if fault in CODES and not stops else False]


def _elsewhere() -> Iterator[str]:
    tests = marked()
    for fault in ORDER:
        yield f"### {fault}\n"
        yield "| when | what is done | shown by |"
        yield "|---|---|---|"
        for each in tests:
            if each.fault == fault:
                yield f"| {_cell(each.moment)} | {_cell(each.does)} | {_link(each.file, each.test)} |"
        yield ""


def _link(file: str, test: str) -> str:
    return f"[{test.removeprefix('test_').replace('_', ' ')}](../{file})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
