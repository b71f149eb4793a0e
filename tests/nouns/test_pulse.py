"""Requests counted by the second, for several readers."""

from sync.pulse import Beat, Pulse


def test_requests_of_one_second_are_one_beat() -> None:
    pulse = Pulse()
    for second, again in ((7, False), (7, True), (9, False)):
        pulse.sent(second, again=again)

    assert pulse.reader()() == [Beat(7, 2, 1), Beat(9, 1, 0)]


def test_a_reader_is_told_nothing_twice_and_the_rest_of_a_second_that_goes_on() -> None:
    pulse = Pulse()
    news = pulse.reader()
    assert news() == []

    pulse.sent(7, again=False)
    assert news() == [Beat(7, 1, 0)]
    assert news() == []

    pulse.sent(7, again=True)
    pulse.sent(8, again=False)
    assert news() == [Beat(7, 1, 1), Beat(8, 1, 0)]

    pulse.sent(9, again=False)
    assert news() == [Beat(9, 1, 0)]


def test_readers_do_not_take_from_each_other() -> None:
    pulse = Pulse()
    first = pulse.reader()
    pulse.sent(7, again=False)

    assert first() == pulse.reader()() == [Beat(7, 1, 0)]


def test_a_clock_that_is_set_back_loses_no_request() -> None:
    pulse = Pulse()
    news, found = pulse.reader(), []
    for second in (7, 8, 8, 3, 3, 8):
        pulse.sent(second, again=False)
        found += news()

    assert sum(each.requests for each in found) == 6
    assert {each.second for each in found} == {3, 7, 8}
