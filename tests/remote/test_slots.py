"""The slots of an account, shared by processes that are killed, through a file that may hold anything."""

import asyncio
import math
import random
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import RunStopped
from sync.messages import error_text
from sync.remote.pace import Pace
from sync.remote.slots import Bound, Slot, Spent, Timetable
from tests.fakes import FakeClock
from tests.remote.test_pace import grants, most_in_a_second


def shared(path: Path, clock: FakeClock, rate: float = 10) -> Pace:
    """The pace of one process."""
    pace = Pace(rate, clock)
    pace.share_through(path)
    return pace


@pytest.mark.fault(
    "The process is killed, or the power fails",
    "and resumed at once, again and again",
    "the rate is never exceeded",
)
@given(
    rate=st.sampled_from([0.5, 1, 2.5, 10, 40, 300]),
    lateness=st.lists(st.sampled_from([0.0, 0.0, 0.001, 0.005, 0.019, 0.021, 0.4]), max_size=60),
    seed=st.integers(0, 1000),
    processes=st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_processes_that_are_killed_and_resumed_never_send_more_than_the_rate_together(
    rate: float, lateness: list[float], seed: int, processes: int
) -> None:
    clock, chance = FakeClock(lateness), random.Random(seed)
    moments: list[float] = []

    async def process(path: Path) -> None:
        for _ in range(4):
            pace = shared(path, clock, rate)
            for _ in range(chance.randrange(1, 12)):
                await pace.wait()
                moments.append(clock.monotonic())
                if chance.random() < 0.2:
                    await clock.sleep(chance.choice([0.003, 0.05, 1.5]))
            # It is killed here: what it had booked is neither sent nor given back.

    async def all_processes(path: Path) -> None:
        await asyncio.gather(*(process(path) for _ in range(processes)))

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(all_processes(Path(folder) / "pace"))

    assert most_in_a_second(sorted(moments)) <= max(1, rate)


def test_two_processes_share_the_rate_without_losing_any_of_it(tmp_path: Path) -> None:
    clock = FakeClock()
    paces = [shared(tmp_path / "pace", clock, 100) for _ in range(2)]
    moments: list[float] = []

    async def process(pace: Pace) -> None:
        while clock.monotonic() < 1010.0:
            await pace.wait()
            moments.append(clock.monotonic())

    async def both() -> None:
        await asyncio.gather(*(process(pace) for pace in paces))

    asyncio.run(both())

    assert sum(1 for each in moments if each < 1010.0) >= 990
    assert most_in_a_second(sorted(moments)) <= 100


def test_a_resumed_run_goes_on_at_once_where_the_killed_one_has_left_room(tmp_path: Path) -> None:
    clock = FakeClock()
    grants(shared(tmp_path / "pace", clock), clock, 3)

    assert grants(shared(tmp_path / "pace", clock), clock, 1)[0] <= 1000.5


# What the file may hold


def spoiled(path: Path, content: Callable[[bytes], bytes]) -> None:
    path.write_bytes(content(path.read_bytes()))


@pytest.mark.fault("Files change or are damaged", "the file that keeps the pace is damaged", "waits a second; no burst")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda old: old[:100], id="truncated"),
        pytest.param(lambda old: old + b"x", id="too-long"),
        pytest.param(lambda old: b"\0" * len(old), id="noughts"),
        pytest.param(lambda old: b"\xff" * len(old), id="ones"),
        pytest.param(lambda old: old[:200] + struct.pack("d", 1e300) + old[208:], id="one-value"),
    ],
)
def test_a_damaged_file_costs_a_second_and_lets_no_burst_through(
    tmp_path: Path, content: Callable[[bytes], bytes]
) -> None:
    clock = FakeClock()
    before = grants(shared(tmp_path / "pace", clock), clock, 10)
    spoiled(tmp_path / "pace", content)

    after = grants(shared(tmp_path / "pace", clock), clock, 20)

    assert most_in_a_second(before + after) <= 10
    assert after[0] - before[-1] <= 1.1


class OtherBoot(FakeClock):
    """A clock after the machine was started again: the monotonic one began anew, the other one went on."""

    def __init__(self, monotonic: float, later: float = 0.0) -> None:
        super().__init__()
        self.seconds = monotonic
        self._wall = super().now() - timedelta(seconds=monotonic - 1001.0) + timedelta(seconds=later)
        self._started = monotonic

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self.seconds - self._started)


@pytest.mark.parametrize("monotonic", [0.5, 30.0, 990.0, 1e9])
def test_a_restarted_machine_waits_for_a_second_at_most(tmp_path: Path, monotonic: float) -> None:
    before = FakeClock()
    pace = shared(tmp_path / "pace", before)
    grants(pace, before, 10)
    pace.pushed_back(100.0)
    after = OtherBoot(monotonic)

    moments = grants(shared(tmp_path / "pace", after), after, 20)

    assert moments[0] - monotonic <= 1.1
    assert most_in_a_second(moments) <= 10


@pytest.mark.fault("The clock is wrong", "the clock is set while requests are sent", "neither blocks nor bursts")
@pytest.mark.parametrize("step", [-1e7, -3600.0, 3600.0, 1e7])
def test_a_wall_clock_that_is_set_neither_blocks_nor_bursts(tmp_path: Path, step: float) -> None:
    clock = FakeClock()
    before = grants(shared(tmp_path / "pace", clock), clock, 10)
    stepped = OtherBoot(clock.seconds, later=step)

    after = grants(shared(tmp_path / "pace", stepped), stepped, 20)

    assert after[0] - before[-1] <= 1.1
    assert most_in_a_second(before + after) <= 10


def test_moments_from_the_future_do_not_block(tmp_path: Path) -> None:
    clock = FakeClock()
    clock.seconds = 5000.0
    pace = shared(tmp_path / "pace", clock)
    grants(pace, clock, 15)
    pace.pushed_back(119.0)
    grants(pace, clock, 1)
    clock.seconds = 1000.0  # and the wall's clock with it, so that nothing else gives it away

    moments = grants(shared(tmp_path / "pace", clock), clock, 20)

    assert moments[0] <= 1001.1
    assert most_in_a_second(moments) <= 10


@pytest.mark.parametrize("rate", [0.01, 0.3, 1, 1.5, 9.9, 10, 300, 999, 1000, 1001, 1500.5, 10_000, 1e6])
def test_a_bound_never_allows_more_than_the_rate_in_a_second(rate: float) -> None:
    bound = Bound.of(rate)

    assert bound.count <= 1000
    assert bound.count * (1 / bound.window) <= max(rate, bound.count) * (1 + 1e-9)
    assert bound.count / bound.window >= 0.99 * rate or rate < 100  # a fraction of one request more makes no second


# The moment at which a request really leaves


def test_requests_that_leave_late_hold_back_those_a_second_later() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    left: list[float] = []

    async def request(number: int) -> None:
        await pace.wait()
        await clock.sleep(0.15 if number < 10 else 0.0)  # the first ten have to make their connections
        left.append(clock.monotonic())
        pace.left()

    async def requests() -> None:
        await asyncio.gather(*(request(number) for number in range(40)))

    asyncio.run(requests())

    assert most_in_a_second(sorted(left)) <= 10


def test_leaving_without_a_slot_means_nothing() -> None:
    clock = FakeClock()
    pace = Pace(10, clock)
    pace.left()

    assert grants(pace, clock, 2)[1] == pytest.approx(1000.0802)


# Push-back


def test_silence_and_a_halved_pace_hold_for_the_other_processes_too(tmp_path: Path) -> None:
    clock = FakeClock()
    pushed, other = (shared(tmp_path / "pace", clock, 16) for _ in range(2))
    pushed.pushed_back(7.0)
    grants(pushed, clock, 1)

    moments = grants(other, clock, 8)

    assert min(moments) >= 1007.0
    assert other.rate == 8


def test_one_push_back_that_two_processes_met_halves_the_pace_once(tmp_path: Path) -> None:
    clock = FakeClock()
    paces = [shared(tmp_path / "pace", clock, 16) for _ in range(2)]
    for pace in paces:
        pace.pushed_back(None)
    for pace in paces:
        grants(pace, clock, 1)

    assert [pace.rate for pace in paces] == [8, 8]


def test_a_pace_that_was_won_back_holds_for_the_next_process(tmp_path: Path) -> None:
    clock = FakeClock()
    first = shared(tmp_path / "pace", clock)
    first.pushed_back(None)
    grants(first, clock, 1)
    for _ in range(20):
        first.answered()
    grants(first, clock, 1)
    second = shared(tmp_path / "pace", clock)
    grants(second, clock, 1)

    assert second.rate == 10


# The file itself


def test_who_holds_the_lock_is_waited_for(tmp_path: Path) -> None:
    clock = FakeClock()
    lock = FileLock(tmp_path / "pace.lock")

    async def go() -> float:
        lock.acquire()
        waiting = asyncio.create_task(shared(tmp_path / "pace", clock).wait())
        await clock.sleep(0.5)
        assert not waiting.done()
        lock.release()
        await waiting
        return clock.monotonic()

    assert 1000.5 <= asyncio.run(go()) <= 1000.6


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX")
def test_the_file_is_private(tmp_path: Path) -> None:
    clock = FakeClock()
    grants(shared(tmp_path / "pace", clock), clock, 1)

    assert [path.stat().st_mode & 0o077 for path in sorted(tmp_path.iterdir())] == [0, 0]


def test_a_file_that_cannot_be_used_stops_the_run_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "pace").mkdir()

    with pytest.raises(RunStopped) as caught:
        grants(shared(tmp_path / "pace", FakeClock()), FakeClock(), 1)

    assert str(tmp_path / "pace") in error_text(caught.value)


SENDER = """
import asyncio, os, struct, sys, time, types
from pathlib import Path
import sync
room = sys.modules["sync.remote"] = types.ModuleType("sync.remote")  # without all that its front imports
room.__path__ = [str(Path(sync.__file__).parent / "remote")]
from sync.clock import SystemClock
from sync.remote.pace import Pace

async def go():
    pace = Pace(40, SystemClock())
    pace.share_through(Path(sys.argv[1]))
    while True:
        await pace.wait()
        os.write(1, struct.pack("d", time.monotonic()))

asyncio.run(go())
"""


def test_two_real_processes_of_which_one_is_killed_stay_below_the_rate(tmp_path: Path) -> None:
    moments = tmp_path / "moments"

    def started() -> "subprocess.Popen[bytes]":
        with moments.open("ab") as file:
            return subprocess.Popen([sys.executable, "-c", SENDER, str(tmp_path / "pace")], stdout=file)

    def wait_for(count: int) -> None:
        latest = time.monotonic() + 30
        while moments.stat().st_size < count * 8 and time.monotonic() < latest:
            time.sleep(0.05)

    processes = [started(), started()]
    try:
        wait_for(20)
        processes[0].kill()
        processes.append(started())
        wait_for(70)
    finally:
        for each in processes:
            each.kill()
            each.wait()

    sent = sorted(moment for (moment,) in struct.iter_unpack("d", moments.read_bytes()))
    assert len(sent) >= 50
    # What lies between leave to send and the note of it is this test's, not the pace's.
    assert max(sum(1 for each in sent if first <= each < first + 0.9) for first in sent) <= 40
    assert (tmp_path / "pace").stat().st_size < 10_000


# What a file may say


def test_moments_that_can_be_are_believed_to_the_letter() -> None:
    moments = [99.0 - 0.1 * number for number in range(1024)]
    table = Timetable(7, 100.5, 220.0, 1 / 16, 99.5, list(moments))

    table.believed(100.0, 10.0, same_clock=True)

    assert table == Timetable(7, 100.5, 220.0, 1 / 16, 99.5, moments)


def test_moments_that_cannot_be_count_as_just_now_each_for_itself() -> None:
    latest = 100.0 + 3.0 + 3 * 1.6  # three seconds and three slots at a sixteenth of ten a second
    moments = [99.0] * 1022 + [latest, math.nextafter(latest, math.inf)]
    table = Timetable(7, latest + 1.0, 220.1, 1.01, 100.2, list(moments))

    table.believed(100.0, 10.0, same_clock=True)

    assert table == Timetable(7, 100.0, -math.inf, 1.0, 100.0, [*moments[:-1], 100.0])


@pytest.mark.parametrize("share", [0.0, 0.06, -1.0, math.nan, 2.0])
def test_a_share_that_cannot_be_is_the_whole(share: float) -> None:
    table = Timetable(share=share)

    table.believed(100.0, 10.0, same_clock=True)

    assert table.share == 1.0


def test_moments_of_another_clock_all_count_as_just_now() -> None:
    table = Timetable(7, 5.0, 130.0, 0.5, 99.0)

    table.believed(100.0, 10.0, same_clock=False)

    assert table == Timetable(1024, 100.0, -math.inf, 1.0, -math.inf, [100.0] * 1024)
    later = Timetable(5000)
    later.believed(100.0, 10.0, same_clock=False)
    assert later.booked == 5000


def test_slots_lie_as_far_apart_as_the_rate_asks_and_hold_for_half_of_that() -> None:
    table = Timetable()

    first, *others = [slot for _ in range(3) for slot in table.book(100.0, 10.0)]

    assert (first.number, first.due, first.until) == (0, pytest.approx(99.98), pytest.approx(100.0 + 0.0501))
    assert [slot.due for slot in others] == pytest.approx([99.98 + 0.1002, 99.98 + 0.2004])
    assert [slot.until - slot.due for slot in others] == pytest.approx([0.0501, 0.0501])
    assert (table.booked, table.moments[:3]) == (3, [slot.until for slot in (first, *others)])


def test_at_a_high_rate_a_twentieth_of_a_second_is_booked_at_once() -> None:
    assert len(Timetable().book(100.0, 1000.0)) == int(0.05 / 0.001002)
    assert len(Timetable().book(100.0, 0.1)) == 1


def test_a_slot_is_booked_a_second_after_the_one_that_many_before_it() -> None:
    table = Timetable()
    first = [table.book(100.0, 2.0)[0] for _ in range(2)]
    table.next = 0.0

    third = table.book(100.0, 2.0)[0]

    assert third.due == pytest.approx(first[0].until + 1.0)
    assert table.next == pytest.approx(third.due - 0.02 + 0.501)


def test_of_slots_that_were_not_sent_the_last_ones_are_given_back() -> None:
    table = Timetable()
    slots = [table.book(100.0, 10.0)[0] for _ in range(4)]

    table.settle([Spent(slots[2], None), Spent(slots[3], None), Spent(slots[0], 100.04)], 10.0)

    assert table.next == slots[2].due
    assert table.moments[:4] == [100.04, slots[1].until, -math.inf, -math.inf]


def test_a_slot_before_one_that_was_sent_or_that_another_process_has_booked_is_not_given_back() -> None:
    table = Timetable()
    slots = [table.book(100.0, 10.0)[0] for _ in range(4)]
    after = table.next

    table.settle([Spent(slots[2], None), Spent(slots[3], 100.3)], 10.0)
    table.settle([Spent(slots[1], None)], 10.0)

    assert table.next == after


def test_a_slot_that_is_too_long_ago_is_passed_over() -> None:
    table = Timetable(booked=3000)
    before = list(table.moments)

    table.settle([Spent(Slot(1975, 1.0, 2.0), 1.5), Spent(Slot(3000, 1.0, 2.0), 1.5)], 10.0)

    assert table.moments == before
