"""One row's story."""

import datetime
from typing import Any

import pytest

from sync.change import Change, Remark
from sync.contact import Contact
from sync.grid import Cell, Kind
from sync.history import RowStory, Transition
from sync.record import RunMeta
from sync.report import Look
from sync.report.told import stories_text, story_object
from tests.report.records import TOO_SHORT, WORKBOOK, MemoryRun, a_row, an_input
from tests.runs.building import a_meta

ZONE = datetime.timezone(datetime.timedelta(hours=3))
GSM = "+905001112233"
BEFORE = Contact(7, "Ayşe", "Yılmaz", "ayse@example.com", GSM, {}, (1,))
AFTER = Contact(7, "Ayşe", "Kaya", "ayse@example.com", GSM, {}, (1,))
EDIT = Change(0, "edit", {"gsm": GSM, "email": "ayse@example.com"}, BEFORE, AFTER, ("surname",))
ADD = Change(0, "add", {"gsm": GSM}, None, Contact(gsm=GSM, name="Ali"), ("name", "gsm"))


def a_story(
    outcome: str = "edited",
    change: Change | None = EDIT,
    *states: tuple[str, str],
    stored: Contact | None = None,
    **row: Any,
) -> RowStory:
    entries = [
        Transition(f"2026-11-21T21:59:{58 + number // 2}.{number}00+00:00", state, detail)
        for number, (state, detail) in enumerate(states)
    ]
    return RowStory(a_row(4, outcome, **row), change, stored, entries)


def told(*stories: RowStory, run: MemoryRun | None = None, most: int = 10) -> str:
    return stories_text(run or MemoryRun([]), stories, look=Look(200), most=most, zone=ZONE)


def happened(*states: tuple[str, str], outcome: str = "edited", change: Change = EDIT) -> list[str]:
    """What is said of each entry of the journal, without its moment."""
    lines = told(a_story(outcome, change, *states)).split("What happened\n")[1].split("\n\n")[0].splitlines()
    return [line.strip()[14:] for line in lines[1:]]


def test_a_cell_is_told_with_what_it_has_become() -> None:
    cells = [Cell("Ayşe"), Cell("05001112233", Kind.PADDED)]
    said = told(a_story(cells=cells))

    assert "Ad: Ayşe (name)" in said
    assert f"Telefon: 05001112233 → {GSM} (phone number)" in said


class OneHeader(MemoryRun):
    """A run whose mapping takes name and surname from one column."""

    @property
    def meta(self) -> RunMeta:
        return a_meta(applied_at="2026-11-21T12:05:00+00:00", labels={"name": "Ad", "surname": "Ad", "gsm": "Telefon"})


def from_one_cell(text: str, **desired: str) -> str:
    change = Change(0, "edit", {"gsm": GSM}, BEFORE, Contact(7, gsm=GSM, **desired), ("surname",))
    return told(a_story(change=change, cells=[text, GSM]), run=OneHeader([]))


def test_a_cell_that_feeds_several_fields_is_told_with_what_each_has_become() -> None:
    said = from_one_cell("ŞÜKRÜ GÜNEŞ", name="ŞÜKRÜ", surname="GÜNEŞ")

    assert "  Ad: ŞÜKRÜ GÜNEŞ → ŞÜKRÜ (name), GÜNEŞ (surname)\n" in said
    assert "  Ad (surname): Yılmaz → GÜNEŞ\n" in said
    assert "  Ad: Ali → Ali (name), (empty) (surname)\n" in from_one_cell("Ali", name="Ali")
    assert "  Ad: Ali (name, surname)\n" in from_one_cell("Ali", name="Ali", surname="Ali")


def test_a_formula_without_a_result_is_no_empty_cell() -> None:
    said = told(a_story("rejected", None, cells=[Cell("", Kind.UNSOLVED), ""]))

    assert "  Ad: the cell holds a formula, and the file does not hold its result.\n" in said
    assert "  Telefon: (empty)\n" in said


def test_cells_beyond_the_header_are_told_by_their_numbers() -> None:
    assert "3: fazla" in told(a_story(cells=["Ayşe", GSM, "fazla"]))


def test_the_keys_by_which_the_contact_was_found_are_named() -> None:
    other = Change(
        0, "edit", {"gsm": "+905009998877", "email": "AYSE@example.com".lower()}, BEFORE, AFTER, ("surname",)
    )

    assert "Contact 7 has the row's phone number, e-mail" in told(a_story())
    assert "Contact 7 has the row's e-mail (" in told(a_story(change=other))
    named = Change(0, "edit", {"id": "7"}, BEFORE, AFTER, ("surname",))
    assert "Contact 7 is the one that is meant" in told(a_story(change=named))


def test_moments_carry_their_day_once_and_again_at_midnight() -> None:
    said = told(a_story("edited", EDIT, ("sending", ""), ("unsure", "api_no_answer"), ("done", "")))

    assert "2026-11-22 (UTC+03:00)\n  00:59:58.000  edit-contact is about to leave (try 1)." in said
    assert said.count("2026-11-22 (UTC+03:00)") == 1


def test_each_request_and_answer_is_told() -> None:
    assert happened(("sending", ""), ("unsure", "api_no_answer"), ("sending", ""), ("done", "")) == [
        "edit-contact is about to leave (try 1).",
        "No answer that can be relied on (api_no_answer); whether it was carried out is found out next.",
        "edit-contact is about to leave (try 2).",
        "The API has answered; the contact is stored.",
    ]
    assert happened(("sending", ""), ("unsure", "x"), ("done", ""))[-1].startswith("It was looked for and is there")
    assert happened(("sending", ""), ("planned", ""))[-1].startswith("It had not left")


@pytest.mark.parametrize(
    ("state", "outcome", "said"),
    [("failed", "failed", "Ended as failed"), ("conflict", "conflict", "Ended in conflict"),
     ("unresolved", "unresolved", "It could not be found out"), ("done", "unchanged", "The contact was so already")],
)  # fmt: skip
def test_every_end_is_told(state: str, outcome: str, said: str) -> None:
    assert happened((state, ""), outcome=outcome)[-1].startswith(said)


def test_what_reading_back_has_found_is_told() -> None:
    entries = happened(("sending", ""), ("done", ""), ("done", "verified_otherwise"), ("done", ""))

    assert entries[2] == "It was read back, and is otherwise in the book than was meant."
    assert entries[3] == "It was read back once more, and is as the run left it."


def test_what_is_stored_otherwise_is_shown_beside_what_was_meant() -> None:
    said = told(a_story(stored=AFTER, altered={"surname": ["Kaya", "KAYA"]}, contact_id=7))

    assert "What the API showed of contact 7 last is not what was meant." in said
    assert "surname: Kaya was meant, KAYA is stored" in said
    assert "compare both values" in said


def test_a_row_of_which_nothing_was_sent_says_so() -> None:
    run = MemoryRun([], applied_at="")

    assert "Nothing has been sent for it." in told(a_story("added", ADD), run=run)
    assert "imsync apply /tmp/a.run" in told(a_story("added", ADD), run=run)
    assert "imsync resume 20261121T1200-abc123" in told(a_story("pending", ADD))


def test_a_rejected_row_has_its_reasons_and_no_requests() -> None:
    said = told(a_story("rejected", None, remarks=[TOO_SHORT], cells=["Ayşe", "0500"]))

    assert "Telefon: “0500” is too short" in said
    assert "The row decided it by itself" in said
    assert "What happened" not in said


def test_several_stories_say_how_one_alone_is_told() -> None:
    run = MemoryRun([], [an_input(), WORKBOOK])
    one, other = a_story(), a_story(input=1)

    said = told(one, other, run=run)
    assert said.startswith("2 rows are meant; each is told.")
    assert "kişiler.csv:4" in said
    assert "Row 4 of kişiler.xlsx, sheet “Müşteriler”" in said
    assert "Only the first 2 rows are told." in told(one, other, run=run, most=2)


def test_texts_that_would_steer_a_terminal_are_harmless() -> None:
    bad = "kötü\x1b[2J\u202e\nad"
    change = Change(0, "edit", {"email": bad}, Contact(7, name=bad), Contact(7, surname=bad), ("name", "surname"))
    story = a_story(
        "edited", change, ("unsure", bad), stored=Contact(7), cells=[bad, bad], altered={"name": [bad, bad]},
        remarks=[Remark("phone_too_short", {"cell": bad}, bad)], contact_id=7, key=bad,
    )  # fmt: skip
    said = told(story, run=MemoryRun([], [an_input(name=bad, sheet=bad, header=(bad, bad))]))

    assert all(letter.isprintable() for line in said.split("\n") for letter in line)


def test_a_story_for_programs_has_everything() -> None:
    story = a_story(
        "edited", EDIT, ("sending", ""), ("done", ""), stored=AFTER, cells=["Ayşe", GSM], contact_id=7,
        changes=EDIT.differences,
    )  # fmt: skip
    data = story_object(MemoryRun([]), story)

    assert data["cells"] == [["Ad", "Ayşe"], ["Telefon", GSM]]
    assert data["keys"] == {"gsm": GSM, "email": "ayse@example.com"}
    assert (data["existing"]["surname"], data["desired"]["surname"], data["stored"]["surname"]) == (
        "Yılmaz", "Kaya", "Kaya",
    )  # fmt: skip
    assert data["changes"] == {"surname": ["Yılmaz", "Kaya"]}
    assert [each["state"] for each in data["transitions"]] == ["sending", "done"]
    assert data["next"][0]["command"] is None


CELLS = ["Ayşe", "0500 111 22 33", "Ayse@Example.com"]
HEADER = ("Ad", "Telefon", "E-posta")


def in_conflict(*remarks: Remark, cells: Any = CELLS) -> str:
    """What is said of what the row has met."""
    run = Emailed([], [an_input(header=HEADER)])
    story = a_story("conflict", None, key=GSM, remarks=list(remarks), cells=cells)
    return told(story, run=run).split("What matched\n")[1].split("\n\n")[0]


class Emailed(MemoryRun):
    """A run that goes by phone numbers, then by e-mails."""

    @property
    def meta(self) -> RunMeta:
        labels = {"name": "Ad", "gsm": "Telefon", "email": "E-posta"}
        return a_meta(applied_at="2026-11-21T12:05:00+00:00", keys=["gsm", "email"], labels=labels)


def test_of_a_conflict_every_key_is_told_with_the_contact_that_it_met() -> None:
    said = in_conflict(Remark("key_changed", {"key": "email", "stronger": "gsm", "ids": "12 (Ayşe Kaya)"}))

    assert f"The row's keys: phone number {GSM}, e-mail ayse@example.com." in said
    assert f"No contact has its phone number {GSM}." in said
    assert "Its e-mail ayse@example.com belongs to contact 12 (Ayşe Kaya)." in said


def test_keys_that_meet_different_contacts_are_told_one_after_the_other() -> None:
    said = in_conflict(Remark("keys_disagree", {"key": "gsm", "id": "12", "further": "email", "ids": "13, 14"}))

    assert f"Its phone number {GSM} belongs to contact 12." in said
    assert "Its e-mail ayse@example.com belongs to contact 13, 14." in said
    assert "No contact" not in said


def test_a_key_that_the_cells_do_not_tell_is_not_left_out() -> None:
    said = in_conflict(Remark("several_contacts", {"key": "gsm", "ids": "12, 13"}), cells=["Ayşe", "1.1", ""])

    assert f"The row's keys: {GSM}." in said
    assert "Its phone number belongs to contact 12, 13." in said
