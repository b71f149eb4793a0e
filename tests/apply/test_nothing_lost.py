"""Whatever goes wrong: no contact twice, no row lost, the journal and the book agree."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.apply.carrying import add, carried_out, edit, existing, phone
from tests.fakes import Fault, MemoryBook

FAULTS = st.one_of(
    st.builds(Fault, st.sampled_from(["lost_before", "lost_after", "not_done"])),
    st.builds(Fault, st.just("refused"), st.sampled_from([422, 466, 472])),
    st.builds(Fault, st.just("lost_before"), st.just(422), st.floats(0.1, 29.0)),
)
FEW_FAULTS = st.dictionaries(st.integers(1, 14), FAULTS, max_size=8)
# An edit that lands late has a test of its own: test_an_edit_that_may_still_land_is_never_called_failed.
PROMPT_FAULTS = st.dictionaries(st.integers(1, 14), FAULTS.filter(lambda fault: fault.lands_after is None), max_size=8)
LOST = ("lost_before", "lost_after")


@given(
    kinds=st.lists(st.sampled_from(["add", "edit"]), min_size=1, max_size=9),
    adds=FEW_FAULTS,
    edits=PROMPT_FAULTS,
    workers=st.integers(1, 4),
    lag=st.sampled_from([0.0, 0.5, 4.0, 14.0]),
    latency=st.sampled_from([0.0, 0.3]),
    unproven=st.booleans(),
    one_group=st.booleans(),
)
@example(["add"], {1: Fault("lost_before")}, {}, 1, 0.0, 0.0, False, False)
@example(["add", "add"], {1: Fault("lost_before", lands_after=29.0)}, {}, 2, 14.0, 0.3, False, True)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_change_is_settled_once_and_the_book_agrees(
    kinds: list[str],
    adds: dict[int, Fault],
    edits: dict[int, Fault],
    workers: int,
    lag: float,
    latency: float,
    unproven: bool,
    one_group: bool,
) -> None:
    book = MemoryBook(adds=adds, edits=edits, lag=lag, latency=latency, one_group=one_group)
    changes: list[Any] = []
    for number, kind in enumerate(kinds, start=1):
        if kind == "edit":
            book.put(existing(number))
            changes.append(edit(number, name="Deniz"))
        else:
            changes.append(add(number, groups=(7, 8)))

    keys = frozenset({"gsm"}) if unproven else frozenset()
    done = carried_out(book, changes, workers=workers, unproven=keys)

    assert done.error is None
    assert sorted(done.journal.results) == list(range(1, len(kinds) + 1))
    lost = {contact.gsm for contact in _lost(book, adds, edits)}
    for change in changes:
        (settled,) = done.journal.results[change.row]
        holders = book.holders("gsm", phone(change.row))
        assert len(holders) <= 1
        if settled.outcome == "unresolved":
            assert phone(change.row) in lost
        elif change.kind == "add":
            assert (settled.outcome, len(holders)) in {("added", 1), ("failed", 0)}
            assert settled.contact_id == (holders[0].id if holders else None)
        else:
            assert (settled.outcome, holders[0].name) in {("edited", "Deniz"), ("failed", "Ada")}


def _lost(book: MemoryBook, adds: dict[int, Fault], edits: dict[int, Fault]) -> list[Any]:
    """The contacts of all writes whose answer was lost."""
    found, counts = [], {"add": 0, "edit": 0}
    names = (name for name, _ in book.log if name in counts)
    for name, contact in zip(names, book.sent, strict=True):
        counts[name] += 1
        fault = (adds if name == "add" else edits).get(counts[name])
        if fault is not None and fault.kind in LOST:
            found.append(contact)
    return found
