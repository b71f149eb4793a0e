"""What is said of many rows at once goes for each of them."""

from string import Formatter

import pytest

from sync import language, messages
from sync.report.general import Common, example, general_text


def test_a_value_that_all_have_is_told_and_one_that_differs_is_not() -> None:
    common = Common("row_too_long", {"cells": 7, "width": 5})
    common.add({"cells": 8, "width": 5})

    assert common.text().startswith("the row has … cells under 5 headers")
    assert common.example({"cells": 8, "width": 5}) == "8"


def test_rows_that_are_alike_are_told_as_they_are() -> None:
    common = Common("phone_too_short", {"cell": "0500"})
    common.add({"cell": "0500"})

    assert common.text() == messages.text("phone_too_short", {"cell": "0500"})
    assert common.example({"cell": "0500"}) == ""


def test_a_hint_that_goes_for_some_only_is_left_out() -> None:
    values = {"group": "Bayıler", "known": "Bayiler"}

    assert "Its groups: Bayiler." in general_text("group_unknown", values, {"group"})
    assert "Its groups" not in general_text("group_unknown", values, {"group", "known"})


def test_a_reason_within_a_reason_keeps_its_own_words() -> None:
    values = {"why": messages.text("phone_too_short", {"cell": "0500"}), "because": "phone_too_short"}

    told = general_text("cell_left_out", values, {"why"})

    assert told == messages.text("cell_left_out", {"why": messages.text("phone_too_short", {"cell": "…"})})
    assert example(values, {"why"}) == ""


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_message_can_be_told_of_many_rows(spoken: str) -> None:
    language.speak(spoken)
    try:
        for code, message in messages.CATALOGUE.items():
            texts = (message.what, message.many, message.next, *message.hints.values())
            names = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
            told = general_text(code, dict.fromkeys([*names, message.by], "x"), {*names, message.by})
            assert told, code
    finally:
        language.speak(language.ENGLISH)
