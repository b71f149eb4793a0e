"""How many requests an apply takes, told before it begins."""

from datetime import UTC, datetime, timedelta

from sync.apply import ApplySettings, forecast
from sync.change import Forecast

READ_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def expected(
    adds: int,
    edits: int,
    *,
    deletes: int = 0,
    reads_deletes: bool = False,
    age: int = 0,
    rate: float = 10.0,
    unproven: tuple[str, ...] = (),
    workers: int = 1,
) -> Forecast:
    settings = ApplySettings(
        workers=workers,
        settle_after=60.0,
        read_at=READ_AT,
        unproven=frozenset(unproven),
        reads_deletes=reads_deletes,
    )
    now = READ_AT + timedelta(minutes=age)
    return forecast(adds=adds, edits=edits, deletes=deletes, now=now, settings=settings, rate=rate)


def test_each_change_is_one_request_the_first_edits_are_read_before_and_one_of_each_kind_after() -> None:
    assert Forecast(120, 3 + 2, 10.0) == expected(100, 20)


def test_however_many_workers_there_are_the_first_edits_go_alone() -> None:
    assert Forecast(120, 3 + 2, 10.0) == expected(100, 20, workers=8)


def test_fewer_edits_than_are_checked_are_read_once_each() -> None:
    assert Forecast(1, 1 + 1, 10.0) == expected(0, 1)


def test_the_first_add_of_an_unproven_key_is_searched_for() -> None:
    assert 1 + 1 == expected(100, 0, unproven=("gsm",)).reads
    assert 0 == expected(0, 0, unproven=("gsm",)).reads


def test_for_a_plan_that_is_applied_late_the_book_is_read_again() -> None:
    assert Forecast(120, 3 + 2 + 12, 10.0) == expected(100, 20, age=16)


def test_for_what_is_sent_late_in_a_long_apply_the_book_is_read_again() -> None:
    in_time = 15 * 60 * 10

    assert Forecast(in_time, 1, 10.0) == expected(in_time, 0)
    assert Forecast(in_time + 1000, 1 + 100, 10.0) == expected(in_time + 1000, 0)


def test_the_time_is_that_of_all_requests_at_the_rate() -> None:
    assert 25.0 == expected(100, 20, rate=5.0).seconds


def test_only_the_first_deletes_of_an_undo_are_read_before_and_all_others_of_a_plan() -> None:
    assert Forecast(20, 3, 10.0) == expected(0, 0, deletes=20)
    assert Forecast(20, 20, 10.0) == expected(0, 0, deletes=20, reads_deletes=True)
    assert Forecast(2, 2, 10.0) == expected(0, 0, deletes=2)


def test_the_reads_before_take_time_too_while_the_book_grows_old() -> None:
    in_time = 15 * 60 * 10

    assert Forecast(in_time, 3 + 1 + 1, 10.0) == expected(0, in_time)
    assert Forecast(in_time - 3, 3 + 1, 10.0) == expected(0, in_time - 3)
    assert Forecast(in_time, 1 + 1 + 1, 10.0) == expected(in_time, 0, unproven=("gsm",))
