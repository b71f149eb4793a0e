"""However the server searches: no contact that is there counts as absent, and no row stays open without need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical, lookup
from sync.coverage import CONTROL, LOOK_UP, SWEEP
from sync.lookup import Forms
from sync.sandbox import Semantics
from sync.sandbox.others import Others
from sync.sandbox.semantics import WORDS
from tests.remote.direct import Reading, read, wanted

T = TypeVar("T")

GROUPS = [
    {"id": 7, "name": "Müşteriler", "parent": None},
    {"id": 9, "name": "Bayiler", "parent": None},
    {"id": 12, "name": "İstanbul", "parent": 7},
]
KEYS = ("gsm", "email")
READ_SEMANTICS = (
    "case", "phone_indexed", "phone_key", "group_counts", "group_lists", "order", "empty_page", "ids", "single",
    "empty", "http",
)  # fmt: skip

NATIONAL = [*(f"500123450{digit}" for digit in range(6)), "5321234500", "5339876543", "2125550100", "2125550101"]
ABROAD = ["+491711234560", "+491711234561", "+4917112345", "+4930123456", "+12025550123"]
USUAL: list[Callable[[str], str]] = ["+90{}".format, "90{}".format, "0{}".format, "{}".format]
LAID_OUT: list[Callable[[str], str]] = [
    lambda digits: f"0{digits[:3]} {digits[3:6]} {digits[6:8]} {digits[8:]}",
    lambda digits: f"(0{digits[:3]}) {digits[3:]}",
    lambda digits: f"+90 {digits[:3]} {digits[3:6]} {digits[6:8]} {digits[8:]}",
    lambda digits: f"0090{digits}",
    lambda digits: f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
]
FOREIGN: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: text[1:],
    lambda text: f"00{text[1:]}",
    lambda text: f"{text[:3]} {text[3:]}",
]
JUNK = ["yok", "0212 555", "-", "5001"]
ADDRESSES = [
    "ada@example.com", "Ada@Example.COM", "ADA@EXAMPLE.COM", "ada@example.com.tr", "info@örnek.com",
    "info@xn--rnek-6qa.com", "Info@ÖRNEK.com", "İlker@example.com", "ilker@example.com", "ISIK@example.com",
    "ışık@example.com", "isik@example.com", "a.b-c+d@example.org", "A.B-C+D@Example.org", "b.c@example.org",
    "çağ@example.com", "ÇAĞ@example.com", "x1@example.com", "X2@EXAMPLE.COM",
]  # fmt: skip
KINDS = [("usual",), ("usual", "laid out"), ("usual", "foreign"), ("usual", "laid out", "foreign", "junk"), ("e164",)]


@dataclass(frozen=True)
class Case:
    """A book, a sheet and a server.

    Attributes:
        rows: for each its gsm and its e-mail.
        keys: the match keys, strongest first.
    """

    contacts: list[dict[str, Any]]
    rows: list[tuple[str | None, str | None]]
    keys: tuple[str, str]
    semantics: Semantics
    wire: str = "json"

    def decisive(self) -> list[tuple[str, str]]:
        """The strongest key of each row, each once."""
        values = [dict(zip(KEYS, row, strict=True)) for row in self.rows]
        return list(dict.fromkeys(next((key, row[key] or "") for key in self.keys if row[key]) for row in values))

    def holders(self, key: str, value: str) -> list[dict[str, Any]]:
        """The contacts that have a canonical value."""
        return [each for each in self.contacts if each[key] and canonical.of_key(key, each[key]) == value]

    def read(self, forms: Forms | None = None) -> Reading:
        places = [KEYS.index(key) for key in self.keys]
        rows = wanted(*([row[place] for place in places] for row in self.rows), keys=self.keys)
        return read(GROUPS, self.contacts, rows, semantics=self.semantics, wire=self.wire, forms=forms)

    def wrongly_absent(self, found: Reading) -> list[tuple[str, str, str]]:
        """Values that count as absent though a contact has them, in a form that was met in this book."""
        met = {
            (key, lookup.stored_form(key, each[key]))
            for each in self.contacts
            if each["id"] in found.ids
            for key in KEYS
        }
        return [
            (key, value, str(evidence))
            for key, value in self.decisive()
            if (evidence := found.evidence(key, [value])[0]) in (LOOK_UP, SWEEP)
            and not any(each["id"] in found.ids for each in self.holders(key, value))
            and any((key, lookup.stored_form(key, each[key])) in met for each in self.holders(key, value))
        ]


def case_of(pick: Callable[[Sequence[Any]], Any], *, search: Sequence[str], plain: bool = False) -> Case:
    """A case, each of its choices left to `pick`; a plain one is searched without oddities, and everybody is listed."""
    kinds = pick(KINDS[:3] if plain else KINDS)
    listed = "all" if plain else pick(["all", "some", "none"])
    with_email = pick([0, 1, 2])  # of two contacts

    def phone() -> str:
        match pick(kinds):
            case "usual":
                return str(pick(USUAL)(pick(NATIONAL)))
            case "laid out":
                return str(pick(LAID_OUT)(pick(NATIONAL)))
            case "foreign":
                return str(pick(FOREIGN)(pick(ABROAD)))
            case "junk":
                return str(pick(JUNK))
            case _:
                return f"+90{pick(NATIONAL)}"

    contacts = []
    for number in range(1, pick([0, 1, 2, 3, 5, 8, 14, 25]) + 1):
        groups = [pick([7, 9, 12])] if listed == "all" or (listed == "some" and pick([True, False])) else []
        gsm = phone() if pick([True, True, True, False]) else ""
        email = pick(ADDRESSES) if pick([1, 2]) <= with_email else ""
        contacts.append({"id": number, "name": f"Ad {number}", "gsm": gsm, "email": email, "groups": groups})
    rows = []
    for _ in range(pick([1, 1, 2, 3, 5, 8, 15])):
        gsm = pick(ABROAD) if "foreign" in kinds and pick([True, False]) else f"+90{pick(NATIONAL)}"
        email = canonical.email(pick(ADDRESSES))
        rows.append(pick([(gsm, None), (gsm, email), (None, email)]) if with_email else (gsm, None))
    oddities = {} if plain else {name: pick(WORDS[name]) for name in READ_SEMANTICS if pick([False, False, True])}
    keys = pick([KEYS, KEYS[::-1]])
    return Case(contacts, rows, keys, Semantics(search=pick(search), **oddities), pick(["json", "xml"]))


@st.composite
def cases(draw: Callable[[Any], Any], search: Sequence[str] = WORDS["search"], *, plain: bool = False) -> Case:
    return case_of(lambda options: draw(st.sampled_from(options)), search=search, plain=plain)


# Properties


@settings(max_examples=50)
@given(cases())
def test_under_every_semantics_whoever_is_there_is_found_or_not_said_to_be_absent(case: Case) -> None:
    assert case.wrongly_absent(case.read()) == []


@settings(max_examples=40)
@given(cases(), st.integers(1, 3), st.sampled_from([("add",), ("delete",), ("add", "delete"), ("join", "leave")]))
def test_while_another_client_writes_whoever_was_there_all_the_time_is_found_or_not_said_to_be_absent(
    case: Case, every: int, do: Any
) -> None:
    matched = frozenset(each["id"] for key, value in case.decisive() for each in case.holders(key, value))
    busy = replace(case, semantics=replace(case.semantics, others=Others(every=every, do=do, protect=matched)))

    assert busy.wrongly_absent(busy.read()) == []


@settings(max_examples=40)
@given(cases(), cases())
def test_what_was_learned_of_another_server_or_book_makes_nobody_absent(before: Case, case: Case) -> None:
    learned = before.read().forms

    assert case.wrongly_absent(case.read(Forms.from_dict(learned.to_dict()))) == []


@settings(max_examples=40)
@given(cases(["substring", "prefix"], plain=True))
def test_in_a_plain_book_every_row_is_found_or_certainly_absent(case: Case) -> None:
    found = case.read()

    for key, value in case.decisive():
        if any(each["id"] in found.ids for each in case.holders(key, value)):
            continue
        forms = {lookup.stored_form(key, each[key]) for each in case.holders(key, value)}
        assert forms.isdisjoint(lookup.forms(key))
        assert found.evidence(key, [value]) != [None]


# Cases that were faults


def contact(number: int, gsm: str = "", email: str = "", *groups: int, name: str = "") -> dict[str, Any]:
    return {"id": number, "name": name or f"Ad {number}", "gsm": gsm, "email": email, "groups": list(groups)}


def case(contacts: list[dict[str, Any]], *rows: tuple[str | None, str | None], **semantics: Any) -> Case:
    return Case(contacts, list(rows), ("gsm", "email"), Semantics(**semantics))


def test_groups_that_show_nobody_new_do_not_end_the_reading() -> None:
    contacts = [contact(3, "+12025550123"), contact(8, "+905001234505", "", 7, 9)]

    found = case(contacts, ("+905001234507", None), ("+12025550123", None)).read()

    assert 3 in found.ids
    assert found.evidence("gsm", ["+905001234507"]) != [None]


def test_look_ups_prove_nothing_where_no_search_ever_found_anybody() -> None:
    found = case([contact(1, "(0532) 1234501")], ("+905321234501", None), search="prefix").read()

    assert found.evidence("gsm", ["+905321234501"]) == [CONTROL]


def test_a_lonely_contact_whose_phone_has_marks_is_met_by_a_short_beginning() -> None:
    found = case([contact(1, "(0532) 1234501")], ("+905321234501", None)).read()

    assert found.ids == {1}


def test_an_address_that_no_search_finds_whole_makes_absence_uncertain() -> None:
    found = case([contact(1, "", "isik@example.com")], (None, "isik@example.com"), search="token").read()

    assert found.ids == {1} or found.evidence("email", ["isik@example.com"]) == [None]


def test_every_group_is_looked_at_before_nothing_can_be_learned() -> None:
    contacts = [contact(1, "", "", 7), contact(2, "", "ADA@EXAMPLE.COM", 12)]

    assert 2 in case(contacts, (None, "ada@example.com"), search="token").read().ids


def test_a_group_that_counts_its_childrens_contacts_and_lists_none_hides_nobody() -> None:
    rows = [(f"+90{digits}", None) for digits in (*NATIONAL[:6], "5321234501")]

    found = case([contact(1, "5321234501", "", 12)], *rows, phone_indexed="spaced", group_counts="with_children").read()

    assert found.ids == {1}


def test_look_ups_are_made_in_every_usual_form_while_few_contacts_have_been_met() -> None:
    contacts = [contact(10, "+905001234501"), contact(11, "+49 1711234560")]
    numbers = [
        "+905001234500", "+905001234501", "+905001234505", "+905001234503", "+491711234561", "+4930123456",
        "+905001234504", "+905339876543", "+12025550123", "+905001234507", "+902125550100",
    ]  # fmt: skip

    found = case(contacts, *((number, None) for number in numbers), search="phrase").read()

    assert 10 in found.ids or found.evidence("gsm", ["+905001234501"]) == [None]


@pytest.mark.parametrize("case_folding", ["turkish", "exact"])
def test_an_address_stored_in_capitals_in_no_group_is_found_however_letters_are_folded(case_folding: str) -> None:
    contacts = [contact(10 + n, "", f"kisi{n}@example.com", 7) for n in range(5)]
    contacts += [contact(50, "", "BILGI@EXAMPLE.COM")]
    rows = [(None, f"yeni{n}@example.com") for n in range(30)] + [(None, "bilgi@example.com")]

    found = Case(contacts, rows, ("email",), Semantics(search="substring", case=case_folding)).read()

    assert 50 in found.ids


@pytest.mark.parametrize("search", ["token", "phrase"])
@pytest.mark.parametrize("stored", ["05009990042", "5009990042", "0 (500) 999 00 42"])
def test_whoever_is_stored_otherwise_than_all_others_is_found_or_not_said_to_be_absent(
    stored: str, search: str
) -> None:
    contacts = [contact(10 + n, f"+90500999{n:04d}", "", 7) for n in range(5)] + [contact(50, stored)]
    rows = [(f"+90500999{n:04d}", None) for n in range(5, 65)]

    found = case(contacts, *rows, search=search).read()

    assert 50 in found.ids or found.evidence("gsm", ["+905009990042"]) == [None]


def test_phones_with_marks_are_looked_for_where_only_beginnings_are_found() -> None:
    contacts = [contact(10 + n, f"+90500999{n:04d}", "", 7) for n in range(5)] + [contact(50, "0 (500) 999 00 42")]
    rows = [(f"+90500999{n:04d}", None) for n in range(5, 65)]

    found = case(contacts, *rows, search="prefix").read()

    assert 50 in found.ids


def test_a_contact_that_is_found_by_its_name_teaches_nothing_about_its_phone() -> None:
    contacts = [contact(4, "0212 555 01 01"), contact(10, "0500 123 45 00", name="5001234500")]
    rows = [("+905001234503", None), ("+902125550101", None), ("+905001234506", None)]

    found = case(contacts, *rows).read()

    assert 4 in found.ids or found.evidence("gsm", ["+902125550101"]) in ([None], [CONTROL])


def test_a_form_that_the_next_key_brings_to_light_is_looked_for_too() -> None:
    contacts = [
        contact(1, "+905001234500", "", 7),
        contact(2, "0500 123 45 01", "a@example.com"),
        contact(3, "0500 123 45 02"),
    ]
    rows = case(contacts, ("+905001234502", None), (None, "a@example.com"), search="prefix")

    assert rows.wrongly_absent(rows.read()) == []


def test_a_contact_that_somebody_deletes_before_it_is_searched_for_blinds_nobody() -> None:
    found = case(
        [contact(1, "", "ada@example.com", 7)], (None, "b@example.com"), others=Others(every=3, do=("delete",))
    ).read()

    assert found.forms.blind == frozenset()
