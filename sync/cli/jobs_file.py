"""Reads imsync.toml: named jobs, and what holds for all of them.

What enters: a path, the options that `imsync sync` takes. What leaves: jobs, each with the words of its command.
What never happens here: stopping at the first mistake; a credential; opening a sheet.
"""

import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from sync.cli.durations import DURATION
from sync.errors import JobsError, Problem

FILE = "imsync.toml"
FOREVER = "forever"
KEEP_RUNS = 90 * 86400.0  # seconds: the default
_TOP = ("keep_runs", "state_dir", "defaults", "jobs")
_OWN = ("files", "mapping", "newest")
# What `run` itself says for every job, or says nothing about.
_NOT_FOR_JOBS = {"files", "mapping_path", "dry_run", "yes", "as_json", "quiet", "verbose", "log_format", "state_dir"}
_NOT_FOR_JOBS |= {"language", "help"}
_SECRETS = {"key", "hash", "api_key", "api_hash", "password", "secret", "token", "credentials"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
# A part of what the parser says, and what it is told as; the first that fits.
_KINDS = (
    ("Invalid statement", "toml_statement"),
    ("Expected '=' after a key", "toml_statement"),
    ("initial character for a key", "toml_statement"),
    ("after a statement", "toml_after"),
    ("Unterminated string", "toml_quote"),
    ('Expected "\'"', "toml_quote"),
    ("Expected \"'''\"", "toml_quote"),
    ('Expected \'"""\'', "toml_quote"),
    ("Illegal character '\\n'", "toml_quote"),
    ("Unclosed", "toml_bracket"),
    ("Expected ']'", "toml_bracket"),
    ("Expected ']]'", "toml_bracket"),
    ("Cannot ", "toml_twice"),
    ("Duplicate ", "toml_twice"),
    ("Unescaped", "toml_escape"),
    ("Invalid hex", "toml_escape"),
    ("Escaped character", "toml_escape"),
    ("Invalid date", "toml_date"),
    ("Invalid value", "toml_value"),
    ("integer string conversion", "toml_value"),
    ("character", "toml_character"),
)
_WILD = re.compile(r"[*?\[]")

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes:
        patterns: of its files, as written.
        newest: of the files that match, only the one that was written last.
        words: its options as the command line takes them.
        max_runtime: seconds, or None.
    """

    name: str
    patterns: tuple[str, ...]
    mapping: str
    profile: str | None = None
    newest: bool = False
    words: tuple[str, ...] = ()
    max_runtime: float | None = None

    def files(self, folder: Path) -> list[str]:
        """The files that are there now, a plain name even where it is not; none where no pattern matches."""
        found: dict[str, None] = {}
        for pattern in self.patterns:
            if not _WILD.search(pattern):
                found[pattern] = None
                continue
            there = Path(pattern)
            base, rest = (Path(there.anchor), there.relative_to(there.anchor)) if there.anchor else (folder, there)
            found.update(dict.fromkeys(sorted(str(path) for path in base.glob(str(rest)) if path.is_file())))
        if self.newest and found:
            return [max(found, key=lambda name: _written(folder / name))]
        return list(found)


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the file says.

    Attributes:
        keep_runs: seconds after which runs are forgotten; None for never.
    """

    path: Path
    jobs: Mapping[str, Job]
    keep_runs: float | None = KEEP_RUNS
    state_dir: str | None = None


def read_jobs(path: Path, sync: click.Command) -> Jobs:
    """The jobs in the file.

    Raises:
        JobsError: it cannot be read, is no TOML, or says something that is not valid; all mistakes at once.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise JobsError([Problem(str(path), 0, 0, "jobs_unreadable", {"reason": error.strerror})]) from error
    except UnicodeDecodeError as error:
        raise JobsError([Problem(str(path), 0, 0, "jobs_not_utf8")]) from error
    except (ValueError, RecursionError) as error:
        raise JobsError([_not_toml(path, text, error)]) from error
    try:
        reader = _Reader(path, text, sync)
        found = reader.jobs(data)
    except RecursionError as error:  # names in names in names …
        raise JobsError([_not_toml(path, text, error)]) from error
    if reader.problems:
        raise JobsError(sorted(reader.problems, key=lambda problem: (problem.line, problem.column)))
    return found


def _not_toml(path: Path, text: str, error: Exception) -> Problem:
    """What is wrong with a text that is no TOML, by its kind; the parser has words for that in English alone."""
    said = str(error)
    at = _AT.search(said)
    line, column = (int(at[1]), int(at[2])) if at and at[1] else (len(text.splitlines()) or 1, 1)
    if isinstance(error, RecursionError):
        return Problem(str(path), 1, 1, "toml_deep")
    code = next((code for part, code in _KINDS if part in said), "")
    if not code:
        return Problem(str(path), line, column, "jobs_not_toml", {"reason": _AT.sub("", said).rstrip(".")})
    return Problem(str(path), line, column, code)


@dataclass
class _Reader:
    path: Path
    text: str
    sync: click.Command
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = dict(_places(self.text))
        own = (each for each in self.sync.params if isinstance(each, click.Option))
        self.options = {name: each for each in own if (name := _long(each)) and (each.name or "") not in _NOT_FOR_JOBS}

    def jobs(self, data: Mapping[str, Any]) -> Jobs:
        """What the file says, as far as it is valid."""
        self.unknown((), data, _TOP)
        shared = self.table(("defaults",), data.get("defaults", {}))
        self.unknown(("defaults",), shared, self.options)
        tables = self.table(("jobs",), data.get("jobs", {}))
        if not tables:
            self.wrong(("jobs",), "jobs_none")
        jobs = {name: self.job(name, table, shared) for name, table in tables.items()}
        for name, value in shared.items():  # told once, not for every job
            self.words(("defaults", name), name, value)
        keep = data.get("keep_runs")
        seconds = None if keep == FOREVER else KEEP_RUNS if keep is None else self.span(("keep_runs",), keep)
        state = None if data.get("state_dir") is None else self.said(("state_dir",), data["state_dir"])
        return Jobs(self.path, jobs, seconds, state)

    def job(self, name: str, data: Any, shared: Mapping[str, Any]) -> Job:  # noqa: ANN401 - whatever the file holds
        """One job."""
        at = ("jobs", name)
        table = self.table(at, data)
        if not _NAME.fullmatch(name):
            self.wrong(at, "jobs_name", name=name)
        self.unknown(at, table, (*_OWN, *self.options))
        for wanted in ("files", "mapping"):
            if wanted not in table:
                self.wrong(at, "jobs_missing", name=wanted, job=name)
        files = table.get("files", [])
        listed = [files] if isinstance(files, str) else files
        if not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
            self.wrong((*at, "files"), "jobs_wants_list", name="files")
            listed = []
        elif "files" in table and not listed:
            self.wrong((*at, "files"), "jobs_wants_list", name="files")
        newest = table.get("newest", False)
        if not isinstance(newest, bool):
            self.wrong((*at, "newest"), "jobs_wants_bool", name="newest")
        own = {key: value for key, value in table.items() if key in self.options}
        words = [word for key, value in own.items() for word in self.words((*at, key), key, value)]
        others = {key: value for key, value in shared.items() if key in self.options and key not in own}
        quiet = _Reader(self.path, "", self.sync)  # what is wrong with the defaults is told with them
        words += [word for key, value in others.items() for word in quiet.words((), key, value)]
        profile = own.get("profile", shared.get("profile"))
        limit = own.get("max_runtime", shared.get("max_runtime"))
        return Job(
            name=name,
            patterns=tuple(listed),
            mapping=self.said((*at, "mapping"), table["mapping"]) if "mapping" in table else "",
            profile=profile if isinstance(profile, str) else None,
            newest=newest is True,
            words=tuple(words),
            max_runtime=None if limit is None else quiet.span((), limit),
        )

    def words(self, place: Place, name: str, value: Any) -> list[str]:  # noqa: ANN401
        """An option as the command line takes it; nothing where it is wrong."""
        option = self.options.get(name)
        if option is None:
            return []
        if option.is_flag:
            if not isinstance(value, bool):
                self.wrong(place, "jobs_wants_bool", name=name)
            return [option.opts[0]] if value is True else []
        values = value if option.multiple and isinstance(value, list) else [value]
        words = []
        for each in values:
            if isinstance(each, bool) or not isinstance(each, str | int | float):
                self.wrong(place, "jobs_wants_list" if option.multiple else "jobs_wants_text", name=name)
                return []
            try:
                option.type.convert(str(each), option, None)
            except click.BadParameter as error:
                self.wrong(place, "jobs_value", name=name, given=each, reason=error.message.rstrip("."))
                return []
            words.append(f"{_flag(option)}={each}")
        return words

    def span(self, place: Place, value: Any) -> float | None:  # noqa: ANN401
        """A span of time in seconds."""
        try:
            return DURATION.convert(str(value), None, None)
        except click.BadParameter as error:
            self.wrong(place, "jobs_value", name=".".join(place), given=value, reason=error.message.rstrip("."))
            return None

    def said(self, place: Place, value: Any) -> str:  # noqa: ANN401
        """A text that is not empty."""
        if not isinstance(value, str) or not value:
            self.wrong(place, "jobs_wants_text", name=place[-1])
            return ""
        return value

    def table(self, place: Place, value: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """Names with values."""
        if not isinstance(value, dict):
            self.wrong(place, "jobs_wants_table", name=".".join(place))
            return {}
        return value

    def unknown(self, place: Place, table: Mapping[str, Any], known: Collection[str]) -> None:
        """Notes the names that are not known there."""
        for name in table:
            if name not in known:
                secret = name.lower() in _SECRETS
                near = difflib.get_close_matches(name.lower().replace("-", "_"), known, n=1)
                self.wrong(
                    (*place, name),
                    "mapping_secret" if secret else "mapping_unknown_name",
                    name=".".join((*place, name)),
                    near=near[0] if near else "",
                    known=", ".join(sorted(known)),
                )

    def wrong(self, place: Place, code: str, **values: Any) -> None:  # noqa: ANN401
        """Notes a mistake at this place, or at the nearest one above it that the file has."""
        while place and place not in self.places:
            place = place[:-1]
        line, column = self.places.get(place, (1, 1))
        self.problems.append(Problem(str(self.path), line, column, code, values))


def _places(text: str) -> Iterator[tuple[Place, tuple[int, int]]]:
    """Where each name stands: its line and column, from 1. The text is valid TOML."""
    table: Place = ()
    statement, first = "", 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        first = first if statement else number
        statement += line
        try:
            data = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # it goes on in the next line
        opening = statement.lstrip()
        column = len(statement) - len(opening) + 1
        if opening.startswith("["):
            table = max(_names(data), key=len)
            for depth in range(1, len(table) + 1):
                yield table[:depth], (first, column)
        else:
            for name in _names(data):
                yield (*table, *name), (first, column)
        statement = ""


def _names(data: Any, above: Place = ()) -> Iterator[Place]:  # noqa: ANN401
    """The names in parsed TOML, each with those above it."""
    here = data[-1] if isinstance(data, list) and data else data
    if isinstance(here, dict):
        for name, value in here.items():
            yield (*above, name)
            yield from _names(value, (*above, name))


def _long(option: click.Option) -> str:
    """The option's long name as TOML has it."""
    return _flag(option).removeprefix("--").replace("-", "_")


def _flag(option: click.Option) -> str:
    return next((name for name in option.opts if name.startswith("--")), "")


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
