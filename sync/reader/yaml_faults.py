"""What is wrong with a text that is no YAML, by its kind; the parser has words for that in English alone.

What enters: the text, and the parser's error. What leaves: a line, a column, a message's code and values.
What never happens here: a value of the file in a message, which may be a secret; reading the file.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

_LONGEST = 40  # letters of a name that are shown
_DEEP = 50  # brackets within brackets
_COLON = re.compile(r":(?:\s|$)")
_COLON_ALONE = re.compile(r"[^\s:]:(?=[^\s/:])")
_BRACKETS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|(?<!\S)#.*|[\[\]{}]")
_SHARE = re.compile(r"%(100|\d{1,2})(?=[\s,}\]]|$)")
_CLOSING = {"[": "]", "{": "}"}
_TIME = "tag:yaml.org,2002:timestamp"


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake of the text: its place, counted from 1 (0 where nobody knows it), and what it is."""

    line: int
    column: int
    code: str
    values: dict[str, Any] = field(default_factory=dict)


def fault(text: str, error: Exception) -> Fault:
    """What the parser's error means to the person who wrote the text."""
    if isinstance(error, MarkedYAMLError):
        return _marked(text, error)
    if isinstance(error, ReaderError):
        line, column = _place_of(text, error.position)
        return Fault(line, column, "yaml_character", {"character": f"U+{ord(text[error.position]):04X}"})
    if isinstance(error, RecursionError):
        return Fault(*(too_deep(text) or (1, 1)), "yaml_deep")
    if isinstance(error, TypeError):  # a list for a name, without a place
        lines = (number for number, line in enumerate(text.splitlines(), 1) if line.lstrip(" -").startswith("?"))
        return Fault(next(lines, 1), 1, "yaml_key")
    return _unread_value(text) or Fault(0, 0, "mapping_not_yaml", {"reason": " ".join(str(error).split())})


def _marked(text: str, error: MarkedYAMLError) -> Fault:
    """Of an error that has a place: each kind is known by a part of what the parser says."""
    said = " ".join(str(error.problem or error.context or "").split())
    context = str(error.context or "")
    here = _mark(error.problem_mark) or (0, 0)
    began = _mark(error.context_mark) or here
    for part, tell in _KINDS:
        if part in said or part in context:
            return tell(text, said, began, here)
    # Of a name that stands twice ruamel quotes both values, which may be secrets.
    return Fault(*here, "mapping_not_yaml", {"reason": re.sub(" with value .*", "", said)})


Place = tuple[int, int]


def _mark(mark: Any) -> Place | None:  # noqa: ANN401 - ruamel has several kinds of marks
    return None if mark is None else (mark.line + 1, mark.column + 1)


# The kinds


def _start(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    """A mark with which no text begins; a tab before one is not a blank."""
    if (_letter(text, here)) == "\t":
        return Fault(*here, "yaml_tab")
    line, column = here
    if share := _SHARE.match(_line(text, line), column - 1):
        return Fault(line, column, "yaml_share", {"share": f"{share[1]}%"})
    return Fault(line, column, "yaml_mark", {"mark": _letter(text, here)})


def _mark_began(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return Fault(*began, "yaml_mark", {"mark": _letter(text, began)})


def _mark_here(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return Fault(*here, "yaml_mark", {"mark": _letter(text, here)})


def _colon(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    """A colon where no name can be: a second one in a line, or the first in a line that should not go on."""
    line, column = here
    own = _line(text, line)
    if _COLON.search(own[: column - 1]):
        return Fault(line, column, "yaml_second_colon")
    above = _line_above(text, line)
    if above and not _COLON.search(_line(text, above)):
        return _no_colon(text, above)
    return _indented(text, line)


def _colon_missing(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return _no_colon(text, began[0])


def _no_colon(text: str, line: int) -> Fault:
    written = _line(text, line)
    alone = _COLON_ALONE.search(written)
    if alone:
        return Fault(line, alone.end(), "yaml_colon_blank")
    return Fault(line, _indent(written) + 1, "yaml_no_colon")


def _block(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    """Something where the names of this level go on, or end."""
    line, column = here
    found = _letter(text, here)
    before = _line(text, line)[: column - 1].rstrip()
    if before.endswith(('"', "'")):
        return Fault(line, column, "yaml_after_quote")
    if found in _CLOSING.values():
        return Fault(line, column, "yaml_closing", {"mark": found})
    if found == "-":
        return Fault(line, column, "yaml_dash")
    above = _line_above(text, line)
    if above and not _COLON.search(_line(text, above)) and not _line(text, above).lstrip().startswith("-"):
        return _no_colon(text, above)
    return _indented(text, line)


def _indented(text: str, line: int) -> Fault:
    return Fault(line, _indent(_line(text, line)) + 1, "yaml_indent")


def _bracket(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    opening = _letter(text, began)
    return Fault(*began, "yaml_bracket", {"opening": opening, "closing": _CLOSING.get(opening, "]")})


def _entry(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    if "stream end" not in said:
        return Fault(*here, "yaml_entry")
    opened = _open_brackets(text)
    return _bracket(text, said, opened[-1], here) if opened else Fault(*here, "yaml_entry")


def _quote(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return Fault(*began, "yaml_quote", {"mark": _letter(text, began)})


def _escape(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    line, column = here
    slash = _line(text, line).rfind("\\", 0, column)
    return Fault(line, slash + 1 if slash >= 0 else column, "yaml_escape")


def _dash(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return Fault(*here, "yaml_dash")


def _documents(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return Fault(*here, "yaml_documents")


def _twice(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    """A name that stands twice; the values that the parser quotes stay out of it."""
    line, column = here
    name = re.match(r"\"[^\"]*\"|'[^']*'|[^:,}\]]*", _line(text, line)[column - 1 :])
    return Fault(line, column, "yaml_twice", {"name": _shown(name[0].strip("\"' ") if name else "")})


def _key(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return Fault(*here, "yaml_key")


def _date(text: str, said: str, began: Place, here: Place) -> Fault:  # noqa: ARG001
    return Fault(*here, "yaml_date")


_KINDS: tuple[tuple[str, Callable[[str, str, Place, Place], Fault]], ...] = (
    ("cannot start any token", _start),
    ("mapping values are not allowed", _colon),
    ("found unexpected ':'", _colon),
    ("could not find expected ':'", _colon_missing),
    ("expected <block end>", _block),
    ("expected ',' or", _bracket),
    ("expected the node content", _entry),
    ("scanning a quoted scalar", _quote),
    ("scanning a double-quoted scalar", _escape),
    ("sequence entries are not allowed", _dash),
    ("mapping keys are not allowed", _mark_here),
    ("undefined alias", _mark_here),
    ("undefined tag handle", _mark_here),
    ("scanning an alias", _mark_began),
    ("scanning an anchor", _mark_began),
    ("scanning a block scalar", _mark_began),
    ("scanning a directive", _mark_began),
    ("scanning a tag", _mark_began),
    ("a tag", _mark_began),
    ("another document", _documents),
    ("document end", _documents),
    ("document start", _documents),
    ("duplicate key", _twice),
    ("unhashable key", _key),
    ("unacceptable key", _key),
    ("construct timestamp", _date),
)
"""A part of what the parser says, and what it is told as; the first that fits."""


# Values that look like dates or numbers and are none: the parser has no place for them


def _unread_value(text: str) -> Fault | None:
    """The first value that the parser takes for a date or a number and cannot read as one."""
    yaml = YAML(typ="rt", pure=True)
    try:
        root = yaml.compose(text)
    except Exception:  # noqa: BLE001 - the text has been parsed once; whatever is wrong here was told of it then
        return None
    for tag, node in _scalars(root):
        try:
            YAML(typ="rt", pure=True).load(f"!!{tag.rpartition(':')[2]} {node.value}")
        except Exception:  # noqa: BLE001 - what it cannot read, by whatever error
            code = "yaml_date" if tag == _TIME else "yaml_number"
            return Fault(node.start_mark.line + 1, node.start_mark.column + 1, code)
    return None


def _scalars(root: Node | None) -> Iterator[tuple[str, ScalarNode]]:
    """The values that are no texts, with what they are taken for; each once, however often it is referred to."""
    left, seen = [root], set()
    while left:
        node = left.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        tag = node.tag or ""
        if isinstance(node, ScalarNode) and not tag.endswith((":str", ":null")):
            yield tag, node
        elif isinstance(node, SequenceNode):
            left += reversed(node.value)
        elif isinstance(node, MappingNode):
            left += [part for pair in reversed(node.value) for part in reversed(pair)]


# Places


def _place_of(text: str, position: int) -> Place:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _line_above(text: str, number: int) -> int:
    """The number of the line before it that says something; 0 where none does."""
    for above in range(number - 1, 0, -1):
        said = _line(text, above).strip()
        if said and not said.startswith("#"):
            return above
    return 0


def _letter(text: str, place: Place) -> str:
    line, column = place
    return _line(text, line)[column - 1 : column]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _brackets(text: str) -> Iterator[tuple[int, str]]:
    """Where brackets stand that are no part of a text in quotes, or of a comment."""
    for match in _BRACKETS.finditer(text):
        if match[0] in _CLOSING or match[0] in _CLOSING.values():
            yield match.start(), match[0]


def _open_brackets(text: str) -> list[Place]:
    """The brackets that are not closed at the end, outermost first."""
    found: list[int] = []
    for position, mark in _brackets(text):
        if mark in _CLOSING:
            found.append(position)
        elif found:
            found.pop()
    return [_place_of(text, position) for position in found]


def too_deep(text: str) -> Place | None:
    """Where brackets stand deeper within each other than anybody means; None where they do not."""
    depth = 0
    for position, mark in _brackets(text):
        depth = depth + 1 if mark in _CLOSING else max(0, depth - 1)
        if depth > _DEEP:
            return _place_of(text, position)
    return None


def _shown(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
