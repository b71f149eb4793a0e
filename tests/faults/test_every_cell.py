"""Every fault at every moment: the run comes to its end all the same, or stops and goes on, or tells which row failed.

Each cell of docs/faults.md is carried out here. What a run passes it meets at all moments of one run; `make fuzz` tries
each of these cells alone, too.
"""

import os
from functools import cache

import pytest

from sync.errors import CallFailed, NotAuthorised, RunStopped, WrongAddress
from sync.remote.status import REFUSALS
from sync.sandbox.faults import FAULTS, OUT
from tests.faults.troubled import Ended, run_with
from tests.faults.words import (
    ABOUT,
    ADD,
    BEFORE_EDIT,
    CODES,
    DELETE,
    EDIT,
    GROUPS,
    LOOK,
    MOMENTS,
    NEW_GROUP,
    PAGE,
    READ_BACK,
    ROWS_OWN,
    SEARCH,
    SETTLE,
    cells,
    comes,
    passes,
)  # fmt: skip

ALONE = os.environ.get("HYPOTHESIS_PROFILE", "gate") != "gate"
CELLS = list(cells())
STOPS = ("unauthorised", "redirect", "404")


@cache
def unbroken(phase: str) -> Ended:
    """What comes of it where nothing goes wrong."""
    return run_with("", *([MOMENTS[DELETE]] if phase == "undo" else []))


def test_an_unbroken_run_sends_what_every_moment_waits_for() -> None:
    done = unbroken("undo")

    assert done.met
    assert done.error is None
    assert set(done.sent) >= {moment.method for moment in MOMENTS.values()}
    assert done.book != unbroken("apply").book
    assert unbroken("apply").outcomes == {"added": 3, "edited": 2}


def check_passed(ended: Ended, phase: str) -> None:
    assert ended.met, ended.sent
    assert ended.error is None
    assert (ended.outcomes, ended.codes) == (unbroken(phase).outcomes, [])
    assert ended.book == unbroken(phase).book, "nothing is lost, nothing doubled"


@pytest.mark.parametrize("fault", [fault for fault in ABOUT if passes(fault)])
def test_trouble_that_passes_is_passed_at_every_moment(fault: str) -> None:
    """All of them in one run: reading, adding, settling, editing, deleting."""
    moments = [moment for moment in MOMENTS if comes(fault, moment)]

    check_passed(run_with(fault, *(MOMENTS[moment] for moment in moments)), "undo")


@pytest.mark.skipif(not ALONE, reason="`make fuzz` tries each cell alone; the gate all moments in one run")
@pytest.mark.parametrize(("fault", "moment"), [cell for cell in CELLS if passes(cell[0])] if ALONE else [("", "")])
def test_trouble_that_passes_is_passed_at_each_moment_alone(fault: str, moment: str) -> None:
    check_passed(run_with(fault, MOMENTS[moment]), MOMENTS[moment].phase)


@pytest.mark.parametrize(
    ("fault", "moment"), [cell for cell in CELLS if cell[0] in ("unauthorised", "redirect", "404")]
)
def test_what_stops_a_run_stops_it_at_once_and_it_goes_on_later(fault: str, moment: str) -> None:
    where = MOMENTS[moment]

    ended = run_with(fault, where)

    assert ended.met
    assert isinstance(ended.error, NotAuthorised if fault == "unauthorised" else WrongAddress)
    assert ended.error.exit_code == (5 if fault == "unauthorised" else 2)
    assert ended.sent[-1] == where.method, "nothing more is sent"
    if fault == "redirect" and moment in (ADD, EDIT, DELETE):
        assert ended.outcomes["unresolved"] == 1, "nobody knows whether it was carried out first"
    assert ended.mended == unbroken(where.phase).book, "nothing is lost, nothing doubled"


def refused(moment: str, code: str) -> tuple[type[Exception] | None, dict[str, int], list[str]]:
    """How a run ends in which one request is refused: its error, what it tells besides the whole, and why."""
    gone = code == "465"
    if moment in (GROUPS, PAGE) and not (gone and moment == PAGE):
        return CallFailed, {}, []
    if moment == NEW_GROUP:
        return RunStopped, {"pending": 5}, []
    if moment in (ADD, BEFORE_EDIT, EDIT) or (moment == READ_BACK and gone):
        done = {"added": 2, "edited": 2} if moment == ADD else {"added": 3, "edited": 1}
        return None, {**done, "conflict" if gone else "failed": 1}, ["contact_gone" if gone else REFUSALS[int(code)]]
    if moment == READ_BACK:
        return None, {"added": 3, "edited": 1, "unresolved": 1}, [REFUSALS[int(code)]]
    if moment == SETTLE and not gone:
        return None, {"added": 2, "edited": 2, "unresolved": 1}, ["search_refused"]
    if moment == DELETE:
        told = {"unchanged": 1} if gone else {"failed": 1}
        return None, {"deleted": 2, "edited": 2, **told}, [] if gone else [REFUSALS[int(code)]]
    assert moment in (PAGE, SEARCH, SETTLE, LOOK)
    return None, unbroken("apply").outcomes, []  # type: ignore[return-value]


@pytest.mark.parametrize(("code", "moment"), [cell for cell in CELLS if cell[0] in CODES and cell[0] != "404"])
def test_what_is_refused_is_told_and_everything_else_comes_about(code: str, moment: str) -> None:
    where = MOMENTS[moment]
    error, outcomes, codes = refused(moment, code)

    ended = run_with(code, where)

    assert ended.met
    assert isinstance(ended.error, error) if error else ended.error is None
    assert (ended.outcomes, ended.codes) == (outcomes, codes)
    if (code in ROWS_OWN and moment in (ADD, BEFORE_EDIT, EDIT)) or (code == "465" and moment == DELETE):
        assert ended.mended == ended.book, "it is held, or believed, and nothing else is touched"
        assert len(set(unbroken(where.phase).book) ^ set(ended.book)) <= 2, "one contact"
    else:
        assert ended.mended == unbroken(where.phase).book, "nothing is lost, nothing doubled"


def test_everything_that_the_sandbox_can_do_has_its_cells() -> None:
    # Connections that are refused are the transport's matter alone, and are tried there too.
    outages = {f"outage_{how}".replace("outage_refuse", "no_connection") for how in OUT}

    assert {fault.name for fault in FAULTS} | outages | {"unauthorised"} <= ABOUT.keys()


def test_every_code_of_the_contract_has_a_cell_or_cannot_come() -> None:
    ours = {462, 464, 471}  # an empty id, page 0, a short term: only a bug of ours could bring them

    assert {str(code) for code in REFUSALS.keys() - ours} | {"465", "404"} == CODES.keys()
