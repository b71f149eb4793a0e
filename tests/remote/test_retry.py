"""The budget of one request, in attempts and in time, under a clock that nobody waits for."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.remote.retry import Retries, TryAgain, pause_of
from tests.fakes import START as NOW
from tests.fakes import FakeClock


@dataclass
class Tried:
    clock: FakeClock
    at: list[float] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    result: Any = None
    error: TryAgain | None = None


class Chance(random.Random):
    """Chance that always falls the same way."""

    def __init__(self, value: float) -> None:
        super().__init__(0)
        self._value = value

    def random(self) -> float:
        return self._value


def tried(
    troubles: list[TryAgain | None], *, attempts: int = 8, patience: float = 300.0, chance: float = 0.5, each: float = 0
) -> Tried:
    """Sends once for each trouble, None being an answer; the last trouble is met again and again."""
    found = Tried(FakeClock())

    async def send() -> str:
        found.at.append(found.clock.seconds - 1000.0)
        found.clock.advance(each)
        trouble = troubles[min(len(found.at), len(troubles)) - 1]
        if trouble is not None:
            raise trouble
        return "answer"

    async def go(run: Callable[..., Awaitable[Any]]) -> None:
        try:
            found.result = await run(send, lambda _, trouble: found.retried.append(trouble.reason))
        except TryAgain as error:
            found.error = error

    retries = Retries(attempts=attempts, patience=patience, clock=found.clock, chance=Chance(chance))
    asyncio.run(go(retries.run))
    return found


def gaps(found: Tried) -> list[float]:
    return [b - a for a, b in zip(found.at, found.at[1:], strict=False)]


def test_what_succeeds_is_sent_once() -> None:
    found = tried([None])

    assert (found.result, len(found.at), found.retried) == ("answer", 1, [])


def test_trouble_is_tried_again_until_an_answer_comes() -> None:
    found = tried([TryAgain("503"), TryAgain("429"), None])

    assert (found.result, len(found.at), found.retried) == ("answer", 3, ["503", "429"])


@pytest.mark.parametrize("attempts", [1, 2, 8])
def test_the_attempts_are_counted(attempts: int) -> None:
    found = tried([TryAgain("503")], attempts=attempts)

    assert len(found.at) == attempts
    assert found.error is not None
    assert found.error.reason == "503"


def test_the_last_trouble_is_the_one_that_is_told() -> None:
    found = tried([TryAgain("first"), TryAgain("second"), TryAgain("last")], attempts=3)

    assert found.error is not None
    assert found.error.reason == "last"


def test_time_is_a_budget_too() -> None:
    found = tried([TryAgain("503")], attempts=1000, patience=60.0)

    assert found.error is not None
    assert len(found.at) < 12


def test_no_attempt_begins_after_the_patience_is_over() -> None:
    found = tried([TryAgain("503", pause=40.0)], attempts=100, patience=60.0)

    assert max(found.at) <= 60.0


def test_slow_answers_use_up_the_patience() -> None:
    found = tried([TryAgain("ReadTimeout")], attempts=100, patience=60.0, each=30.0)

    assert len(found.at) <= 3


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_waits_grow_and_jitter_stays_between_half_and_whole(chance: float) -> None:
    found = tried([TryAgain("503")], attempts=9, patience=1e9, chance=chance)

    assert gaps(found) == pytest.approx([min(30.0, 0.5 * 2**n) * (0.5 + chance / 2) for n in range(8)])


def test_a_pause_that_the_server_asked_for_is_kept() -> None:
    found = tried([TryAgain("429", pause=7.0), None])

    assert 7.0 <= gaps(found)[0] <= 8.0


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_to_a_pause_a_quarter_of_the_usual_wait_is_added(chance: float) -> None:
    found = tried([TryAgain("429", pause=7.0)], attempts=4, patience=1e9, chance=chance)

    assert gaps(found) == pytest.approx([7.0 + 0.5 * 2**n * (0.5 + chance / 2) / 4 for n in range(3)])


def test_a_pause_of_nought_is_still_no_hammering() -> None:
    found = tried([TryAgain("429", pause=0.0)], attempts=5)

    assert min(gaps(found)) > 0


def test_a_pause_without_end_is_not_believed() -> None:
    found = tried([TryAgain("429", pause=1e9), None], patience=1e12)

    assert gaps(found)[0] <= 130.0


def test_other_errors_are_not_tried_again() -> None:
    calls = []

    async def send() -> None:
        calls.append(1)
        raise ValueError("ours")

    retries = Retries(attempts=8, patience=300.0, clock=FakeClock(), chance=random.Random(1))
    with pytest.raises(ValueError, match="ours"):
        asyncio.run(retries.run(send, lambda _number, _trouble: None))

    assert calls == [1]


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("3", 3.0),
        (" 5 ", 5.0),
        ("120", 120.0),
        ("1000000000", 120.0),
        ("9" * 5000, 120.0),
        ("-1", None),
        ("1e9", None),
        ("abc", None),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("²", None),
        ("1,5", None),
    ],
)
def test_retry_after_is_read_as_plain_seconds_or_not_at_all(header: str | None, pause: float | None) -> None:
    assert pause_of(header, NOW) == pause


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("Sat, 21 Nov 2026 12:00:07 GMT", 7.0),
        ("Saturday, 21-Nov-26 12:00:07 GMT", 7.0),
        ("Sat, 21 Nov 2026 12:00:00 GMT", 0.0),
        ("Sat, 21 Nov 2026 11:59:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 120.0),
        ("Sat, 21 Nov 2026 12:03:00 GMT", 120.0),
        ("Sat, 32 Nov 2026 12:00:07 GMT", None),
        ("Sat, 21 Nov 2026 25:00:07 GMT", None),
        ("Sat, 21 Nov 0000 12:00:07 GMT", 0.0),
        ("2026-11-21T12:00:07Z", None),
        ("Sat, 21 Nov 2026", None),
        ("Sat, 21 Nov 2026 12:00:07 GMT" + " " * 10_000 + "x", None),
    ],
)
def test_retry_after_may_be_a_date_but_asks_for_two_minutes_at_most(header: str, pause: float | None) -> None:
    assert pause_of(header, NOW) == pause


@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [A-Z]{3}"))
def test_whatever_a_retry_after_says_it_is_a_pause_within_bounds_or_none(header: str) -> None:
    pause = pause_of(header, NOW)

    assert pause is None or 0 <= pause <= 120


def test_time_that_a_request_waits_to_be_sent_is_not_taken_from_its_budget() -> None:
    clock, queued = FakeClock(), 0.0

    async def send() -> str:
        nonlocal queued
        clock.advance(200.0)  # an outage, say
        queued += 200.0
        calls.append(clock.monotonic())
        if len(calls) < 4:
            raise TryAgain("503")
        return "answer"

    calls: list[float] = []
    retries = Retries(attempts=8, patience=60.0, clock=clock, chance=random.Random(1))

    assert asyncio.run(retries.run(send, lambda _number, _trouble: None, queued=lambda: queued)) == "answer"


def test_a_date_with_a_zone_that_nobody_knows_is_taken_as_universal_time() -> None:
    assert pause_of("Sat, 21 Nov 2026 12:00:07 XYZ", NOW) == 7.0
