"""`python -m tests.chaos.every_write WHAT FOLDER`: kills runs wherever they make something durable.

What enters: which of `GAMES`, a folder. What leaves: on standard output, a JSON object with every case.
What never happens here: a thread that lives on before the last fork. All lives are forks of one process that has
everything imported and has run once, so that a life begins in milliseconds; so is each case's sandbox, which therefore
is another process.
"""

import gc
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from sync.cli.main import main
from sync.remote import transport
from sync.sandbox import BookState, Faults, SandboxServer
from tests.chaos.durable import AtStep, AtTransitions, Moment, arm
from tests.chaos.stage import RESUME, SYNC, Stage
from tests.chaos.verdict import breaches, same_book
from tests.chaos.world import World, made

_MOST_LIVES = 40  # of one case; a run that needs more does not come forward
_MOST_LEFT_OVER = 2  # lives that may end by themselves, and early
_AT_ONCE = 12
_NOTHING_BEGUN, _TROUBLED_ROWS, _INTERRUPTED = 2, 3, 6
_KILLED = -signal.SIGKILL
_SOME = 5  # odd, too: of every so many cases one
_GATE_STRIDE = 11  # odd: most changes have two transitions


@dataclass(frozen=True)
class Case:
    """One run, and where it is killed.

    Attributes:
        changes: sixty or few.
        step: of the first life, at which it is killed; 0: at none.
        offset, stride: with a stride, every life is killed at the next transition that is `offset` modulo it.
        moment: before or after it is on the disk.
        workers: of the run.
    """

    changes: str = "sixty"
    step: int = 0
    offset: int = 0
    stride: int = 0
    moment: Moment = "before"
    workers: int = 1


@dataclass(frozen=True)
class Result:
    """How a case ended.

    Attributes:
        case: which one.
        codes: the exit codes of its lives.
        steps: the kinds of the durable steps of a life that nobody killed, see `AtStep`.
        deaths: the transitions at which a life was killed.
        transitions: how many there are in all.
        breaches: everything that is wrong.
    """

    case: Case
    codes: list[int]
    steps: str
    deaths: list[int]
    transitions: int
    breaches: list[str]


def world(changes: str) -> World:
    """Sixty changes, or three of which each needs new groups; and what must stay as it is."""
    if changes == "sixty":
        return made(adds=45, edits=15, same=4, wrong=1, others=6, seed=60)
    return made(adds=3, edits=2, same=1, wrong=1, others=2, seed=4)


def played(case: Case, folder: Path) -> Result:
    """One case from its first life to its last."""
    here = world(case.changes)
    stage = Stage(folder, here, rate=5000, workers=case.workers, settle_after=1.0, timeout=1.0)
    server = _forked(lambda: _serve(stage, seed=case.step * 100 + case.offset))
    stage.base_url = _address(stage)
    codes = list(_lives(stage, case))
    os.kill(server, signal.SIGTERM)
    _ended(server)
    if codes[-1] not in (0, _TROUBLED_ROWS, _INTERRUPTED):
        said = (folder / "said").read_text(encoding="utf-8")[-900:]
        return Result(case, codes, "", _numbers(folder / "deaths"), 0, [f"exit codes {codes}: {said}"])
    left = stage.left()
    wrong = [*breaches(here, left), *same_book(here, left.book)]
    if codes[-1] != _TROUBLED_ROWS:
        wrong.append(f"exit codes {codes}: {(folder / 'said').read_text(encoding='utf-8')[-500:]}")
    if left.outcomes != here.outcomes:
        wrong.append(f"{left.outcomes} instead of {here.outcomes}")
    transitions = _transitions(next((folder / "state" / "runs").glob(f"{left.summary['run']}.run")))
    result = Result(case, codes, _text(folder / "steps"), _numbers(folder / "deaths"), transitions, wrong)
    if not wrong:
        shutil.rmtree(folder)
    return result


def _lives(stage: Stage, case: Case) -> Iterator[int]:
    """The exit codes: `sync`, then `resume` until there is nothing left to do."""
    words, left_over = SYNC, 0
    for life in range(_MOST_LIVES):
        dies = case if life == 0 or case.stride else None
        code = _ended(_forked(lambda: _live(stage, words, dies)))  # noqa: B023 - a fork has its own
        yield code
        if code == _NOTHING_BEGUN and words is RESUME:  # killed before there was anything to go on with
            words = SYNC
        elif code == _KILLED or (code == _INTERRUPTED and left_over < _MOST_LEFT_OVER):
            words = RESUME
            left_over += code == _INTERRUPTED
        else:
            return


def _live(stage: Stage, words: tuple[str, ...], dies: Case | None = None) -> int:
    """The command line in this process, until its end or its death; the exit code."""
    os.chdir(stage.folder)
    os.environ.update(stage.environment)
    with Path("said").open("a", encoding="utf-8") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    death: AtStep | AtTransitions | None = None
    if dies:
        death = (
            AtTransitions(dies.offset, dies.stride, dies.moment, Path("deaths").absolute())
            if dies.stride
            else AtStep(dies.step, dies.moment)
        )
        arm(death)
    try:
        main([*words, "--json", "--quiet", "--report-dir", "reports"])
    except SystemExit as ended:
        if isinstance(death, AtStep):
            Path("steps").write_text(death.kinds, encoding="ascii")
        return ended.code if isinstance(ended.code, int) else 1


def _serve(stage: Stage, seed: int) -> int:
    """The sandbox in this process, until SIGTERM; now and then an answer to a write is lost."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    writes = frozenset({"add-contact", "edit-contact", "add-group"})
    faults = Faults(lost_after=0.08, only=writes, seed=seed)
    server = SandboxServer(
        BookState.load(stage.book_path), faults=faults, data_path=stage.book_path, ledger_path=stage.ledger_path
    )
    draft = stage.folder / "address.draft"
    draft.write_text(server.base_url, encoding="utf-8")
    draft.rename(stage.folder / "address")
    try:
        server.serve_forever()
    except SystemExit:
        return 0
    return 1


def _address(stage: Stage) -> str:
    """Where the sandbox of a case is, as soon as it is there."""
    path = stage.folder / "address"
    while not path.exists():
        time.sleep(0.002)
    return path.read_text(encoding="utf-8")


def _transitions(run_file: Path) -> int:
    """How many transitions a run's journal has."""
    connection = sqlite3.connect(run_file)
    (found,) = connection.execute("SELECT count(*) FROM transitions").fetchone()
    connection.close()
    return int(found)


def _numbers(path: Path) -> list[int]:
    return [int(line) for line in path.read_text(encoding="ascii").split()] if path.exists() else []


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.exists() else ""


def _forked(act: Callable[[], int]) -> int:
    """The id of a new process that does it, and nothing else of ours."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        code = act()
    except BaseException:  # noqa: BLE001 - whatever it is: the parent's business must not be gone on with
        traceback.print_exc()
    finally:
        os._exit(code)


def _ended(child: int) -> int:
    """The exit code of a process, below 0 for a signal."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _all(cases: Iterable[Case], folder: Path) -> Iterator[Result]:
    """Plays the cases, several at once, each in a process of its own."""
    playing: dict[int, Path] = {}
    for number, case in enumerate(cases):
        if len(playing) == _AT_ONCE:
            yield _result(playing)
        path = folder / f"{number:04}"
        playing[_forked(lambda: _play(case, path))] = path  # noqa: B023 - a fork has its own
    while playing:
        yield _result(playing)


def _play(case: Case, folder: Path) -> int:
    result = played(case, folder)
    folder.with_suffix(".json").write_text(json.dumps(asdict(result), ensure_ascii=False), encoding="utf-8")
    return 0


def _result(playing: dict[int, Path]) -> Result:
    child, status = os.waitpid(-1, 0)
    path = playing.pop(child)
    assert os.waitstatus_to_exitcode(status) == 0, f"{path}: the case could not be played"
    return as_result(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))


def as_result(found: dict[str, object]) -> Result:
    """A result that came as JSON."""
    return Result(**{**found, "case": Case(**found["case"])})  # type: ignore[arg-type]


def _warm(folder: Path) -> None:
    """Runs once in this process, so that whatever is made at its first use is there for every fork."""
    transport._trust = cache(transport._trust)
    stage = Stage(folder, world("few"), rate=5000, workers=1, settle_after=1.0, timeout=1.0)
    server = _forked(lambda: _serve(stage, 0))
    stage.base_url = _address(stage)
    before = [os.dup(number) for number in (1, 2)]
    _live(stage, SYNC)
    for number, kept in zip((1, 2), before, strict=True):
        os.dup2(kept, number)
    os.kill(server, signal.SIGTERM)
    _ended(server)
    gc.collect()
    gc.freeze()  # what is never looked at again is never copied
    gc.disable()


def _transitions_of(stride: int, *, workers: int = 1) -> list[Case]:
    """Runs that together are killed at every transition, before and after."""
    moments: tuple[Moment, ...] = ("before", "after")
    return [
        Case(offset=offset, stride=stride, moment=moment, workers=workers)
        for offset in range(stride)
        for moment in moments
    ]


def _steps_of(changes: str, folder: Path, *, workers: int = 1) -> list[Case]:
    """The unbroken run, and one run for each of its durable steps that is killed there once, before and after.

    After a renaming no request leaves before the next step, so it is enough to die before that one.
    """
    unbroken = Case(changes, workers=workers)
    cases = [unbroken]
    for step, kind in enumerate(played(unbroken, folder / "unbroken").steps, start=1):
        cases.append(Case(changes, step, moment="before", workers=workers))
        if kind == "c":
            cases.append(Case(changes, step, moment="after", workers=workers))
    return cases


def _some(cases: list[Case]) -> list[Case]:
    """The unbroken run, and some of the others."""
    return [cases[0], *cases[1::_SOME]]


GAMES: dict[str, Callable[[Path], list[Case]]] = {
    "transitions": lambda _: _transitions_of(_GATE_STRIDE),
    "some transitions": lambda _: _transitions_of(_GATE_STRIDE)[::_SOME],
    "steps": lambda folder: _steps_of("few", folder),
    "some steps": lambda folder: _some(_steps_of("few", folder)),
    "sixty": lambda folder: [*_steps_of("sixty", folder), *_transitions_of(_GATE_STRIDE, workers=4)],
}
"""What is played: all transitions of sixty changes, by several kills in a run; all steps of a few changes, by one kill
in a run; one kill in a run at each step of sixty changes, and with four workers. Where minutes count, some of them."""


if __name__ == "__main__":
    began = time.monotonic()
    _warm(Path(sys.argv[2]) / "warm")
    results = list(_all(GAMES[sys.argv[1]](Path(sys.argv[2])), Path(sys.argv[2])))
    told = {"seconds": time.monotonic() - began, "results": [asdict(each) for each in results]}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - whoever started it reads this
