"""The pace against a clock that wakes sleepers late."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.remote.pace import Pace
from tests.fakes import FakeClock

RATES = [0.2, 0.5, 1, 1.5, 2, 2.5, 7, 10, 25, 50]


def grants(pace: Pace, clock: FakeClock, count: int, callers: int = 1) -> list[float]:
    """The moments at which so many callers, each again and again, were told to send."""
    moments: list[float] = []

    async def caller() -> None:
        for _ in range(count // callers):
            await pace.wait()
            moments.append(clock.monotonic())

    async def all_callers() -> None:
        await asyncio.gather(*(caller() for _ in range(callers)))

    asyncio.run(all_callers())
    return moments


def most_in_a_second(moments: list[float]) -> int:
    """The most in any second; its end, exactly one second after its beginning, belongs to the next."""
    return max(sum(1 for each in moments if first <= each < first + 1 - 1e-9) for first in moments)


@pytest.mark.parametrize("rate", RATES)
def test_never_more_than_the_rate_are_sent_in_a_second(rate: float) -> None:
    clock = FakeClock()

    moments = grants(Pace(rate, clock), clock, int(rate * 4) + 4)

    assert most_in_a_second(moments) <= max(1, rate)


@pytest.mark.parametrize("rate", RATES)
def test_never_more_than_the_rate_are_sent_in_a_second_by_many_callers(rate: float) -> None:
    clock = FakeClock()

    moments = grants(Pace(rate, clock), clock, (int(rate * 4) + 4) // 4 * 4, callers=4)

    assert most_in_a_second(moments) <= max(1, rate)


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_below_one_a_second_requests_are_a_whole_period_apart(rate: float) -> None:
    clock = FakeClock()

    moments = grants(Pace(rate, clock), clock, 6)

    assert min(b - a for a, b in itertools.pairwise(moments)) >= 1 / rate - 1e-9


@given(
    rate=st.sampled_from(RATES),
    lateness=st.lists(st.floats(0, 0.4) | st.sampled_from([0.0, 0.001, 0.019, 0.02, 0.021, 0.999, 3.0]), max_size=60),
)
@settings(max_examples=150, deadline=None)
def test_waking_late_never_brings_more_than_the_rate_into_a_second(rate: float, lateness: list[float]) -> None:
    clock = FakeClock(lateness)

    moments = grants(Pace(rate, clock), clock, 60)

    assert most_in_a_second(moments) <= max(1, rate)


@given(idle=st.lists(st.floats(0, 3), min_size=1, max_size=40), rate=st.sampled_from([1, 2.5, 10]))
@settings(max_examples=100, deadline=None)
def test_idle_time_is_never_saved_up_for_a_burst(idle: list[float], rate: float) -> None:
    clock = FakeClock()
    pace = Pace(rate, clock)
    moments: list[float] = []

    async def go() -> None:
        for pause in idle:
            clock.advance(pause)
            for _ in range(3):
                await pace.wait()
                moments.append(clock.monotonic())

    asyncio.run(go())

    assert most_in_a_second(moments) <= max(1, rate)
    assert min((b - a for a, b in itertools.pairwise(moments)), default=1) >= 1 / rate - 0.021


@pytest.mark.parametrize("rate", [1, 2, 10, 50])
def test_sending_is_evenly_spread(rate: float) -> None:
    clock = FakeClock()

    moments = grants(Pace(rate, clock), clock, 40)

    gaps = [b - a for a, b in itertools.pairwise(moments)]
    assert max(abs(gap - 1 / rate) for gap in gaps) <= 0.021  # so much may be caught up


@pytest.mark.parametrize("rate", [1, 2, 10, 50, 100])
def test_at_least_99_percent_of_the_rate_is_reached_though_every_wake_up_is_late(rate: float) -> None:
    clock = FakeClock([0.001] * 5000)

    moments = grants(Pace(rate, clock), clock, int(rate * 10) + 10)

    within = sum(1 for moment in moments if moment < moments[0] + 10)
    assert within >= 0.99 * rate * 10


def test_those_who_come_first_send_first() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    order: list[int] = []

    async def caller(number: int) -> None:
        await pace.wait()
        order.append(number)

    async def go() -> None:
        await asyncio.gather(*(caller(number) for number in range(12)))

    asyncio.run(go())

    assert order == list(range(12))


def test_push_back_halves_the_rate() -> None:
    pace = Pace(16, FakeClock())

    pace.pushed_back(None)

    assert pace.rate == 8


def test_the_rate_is_halved_at_most_once_a_second() -> None:
    clock = FakeClock()
    pace = Pace(16, clock)

    for _ in range(5):
        pace.pushed_back(None)
        clock.advance(0.19)
    assert pace.rate == 8
    clock.advance(0.06)
    pace.pushed_back(None)

    assert pace.rate == 4


def test_the_rate_never_reaches_nought() -> None:
    clock = FakeClock()
    pace = Pace(16, clock)

    for _ in range(30):
        pace.pushed_back(None)
        clock.advance(1.1)

    assert pace.rate == 1


def test_a_halved_rate_is_kept() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    pace.pushed_back(None)

    moments = grants(pace, clock, 20)

    assert most_in_a_second(moments) <= 6  # one of them caught up


def test_nothing_is_sent_while_the_server_asks_for_silence() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    pace.pushed_back(7.0)

    assert grants(pace, clock, 1)[0] >= 1007.0


def test_those_who_already_wait_for_a_slot_keep_the_silence_too() -> None:
    clock = FakeClock()
    pace = Pace(1, clock)
    moments: list[float] = []

    async def caller() -> None:
        await pace.wait()
        moments.append(clock.monotonic())

    async def go() -> None:
        await pace.wait()
        waiting = [asyncio.create_task(caller()) for _ in range(3)]
        await asyncio.sleep(0)
        pace.pushed_back(30.0)
        await asyncio.gather(*waiting)

    asyncio.run(go())

    assert min(moments) >= 1030.0


def test_after_a_silence_there_is_no_burst() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    pace.pushed_back(5.0)

    moments = grants(pace, clock, 30, callers=10)

    assert most_in_a_second(moments) <= 5


def test_a_shorter_silence_does_not_end_a_longer_one() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    pace.pushed_back(20.0)
    pace.pushed_back(1.0)

    assert grants(pace, clock, 1)[0] >= 1020.0


def test_the_rate_recovers_step_by_step_and_never_beyond_the_limit() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    pace.pushed_back(None)
    rates = [pace.rate]

    for _ in range(40):
        pace.answered()
        rates.append(pace.rate)

    assert rates == sorted(rates)
    assert rates[1] < 6
    assert rates[-1] == 10


def test_a_caller_who_gives_up_leaves_its_slot_to_the_next() -> None:
    clock = FakeClock()
    pace = Pace(1, clock)

    async def go() -> float:
        await pace.wait()
        first = asyncio.create_task(pace.wait())
        await asyncio.sleep(0)
        second = asyncio.create_task(pace.wait())
        await asyncio.sleep(0)
        first.cancel()
        await second
        return clock.monotonic()

    assert asyncio.run(go()) == pytest.approx(1001.0)


def test_one_pace_holds_over_planning_and_applying_which_have_a_loop_each() -> None:
    clock = FakeClock()
    pace = Pace(4, clock)
    sent: list[float] = []

    async def two_at_once() -> None:
        async def one() -> None:
            await pace.wait()
            sent.append(clock.monotonic())

        await asyncio.gather(one(), one(), one())

    asyncio.run(two_at_once())
    asyncio.run(two_at_once())

    assert len(sent) == 6
    assert all(fifth - first >= 1 for first, fifth in zip(sent, sent[4:], strict=False))
