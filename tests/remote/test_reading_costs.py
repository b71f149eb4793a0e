"""Reading costs at most twice the cheapest pure strategy of equal certainty, plus 30, whatever the book looks like."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from sync import canonical, lookup
from sync.lookup import Forms
from sync.sandbox import BookState, Semantics
from tests.remote.direct import Reading, read_state, wanted

PAGE = 1000
GROUPS = [{"id": 7, "name": "Müşteriler", "parent": None}, {"id": 9, "name": "Bayiler", "parent": None}]
OPERATORS = [*range(530, 540), 501, 505, 506, 507, *range(541, 550), 551, 552, 553, 554, 555, 559]


def several(chance: random.Random, count: int, one: Callable[[random.Random], str]) -> list[str]:
    """So many different texts."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[one(chance)] = None
    return list(found)


def turkish(chance: random.Random) -> str:
    return f"+90{chance.choice(OPERATORS)}{chance.randrange(10**7):07}"


def of_operator(operator: int) -> Callable[[random.Random], str]:
    return lambda chance: f"+90{operator}{chance.randrange(10**7):07}"


def german(chance: random.Random) -> str:
    return f"+49171{chance.randrange(10**7):07}"


def address(chance: random.Random) -> str:
    firm = chance.choice(["example.com", "example.org", f"sirket{chance.randrange(300)}.example.com"])
    return f"{chance.choice('abcdefghijklmnoprstuvyz')}{chance.randrange(10**9)}@{firm}"


@dataclass(frozen=True)
class Scene:
    """A book and a sheet; every third contact is in the second group, or nobody is in any."""

    key: str
    stored: Sequence[str]
    rows: Sequence[str]
    listed: bool = True

    def groups_of(self, place: int) -> list[int]:
        return [7 if place % 3 else 9] if self.listed else []

    def state(self) -> BookState:
        contacts = [
            {"id": place + 1, "name": f"Ad {place}", self.key: text, "groups": self.groups_of(place)}
            for place, text in enumerate(self.stored)
        ]
        return BookState.from_dict({"groups": GROUPS, "contacts": contacts})


def cheapest(scene: Scene, forms: Iterable[str], search: str) -> int:
    """The requests of the cheapest pure strategy that covers the same forms, worked out on the true book."""
    forms = list(forms)
    sizes = Counter(group for place in range(len(scene.stored)) for group in scene.groups_of(place))
    known = {canonical.of_key(scene.key, text) for text in scene.stored} if scene.listed else set()
    left = [value for value in scene.rows if value not in known]
    by_groups = sum(-(-size // PAGE) for size in sizes.values()) + len(left) * len(forms)
    return min([len(scene.rows) * len(forms), by_groups, *_sweeps(scene, forms, search)])


def _sweeps(scene: Scene, forms: Sequence[str], search: str) -> Iterable[int]:
    """The requests of sweeps over beginnings (or endings) of one length."""
    texts = [[text for row in scene.rows if (text := lookup.term(scene.key, form, row))] for form in forms]
    for letters in (3, 4, 5, 6, 7, 8):
        for at_end in (False, True) if (scene.key, search) == ("email", "substring") else (False,):
            parts = [{text[-letters:] if at_end else text[:letters] for text in each} for each in texts]
            if sum(map(len, parts)) > 500:
                continue
            every = set().union(*parts)
            found: Counter[str] = Counter()
            for text in scene.stored:
                ends = range(1) if search == "prefix" else range(len(text) - letters + 1)
                found.update({text[place : place + letters] for place in ends} & every)
            yield sum(max(1, -(-found[part] // PAGE)) for each in parts for part in each)


def layout(place: int, number: str) -> str:
    digits = number[3:]
    return [number, f"0{digits}", f"0{digits[:3]} {digits[3:6]} {digits[6:8]} {digits[8:]}"][place % 3]


@cache
def scenes() -> dict[str, Scene]:
    chance = random.Random(3)
    many, new = several(chance, 6000, turkish), several(chance, 1500, turkish)
    skewed = [*several(chance, 5400, of_operator(532)), *several(chance, 600, turkish)]
    abroad, strangers = several(chance, 1500, german), several(chance, 100, german)
    mails, others = several(chance, 6000, address), several(chance, 200, address)
    mixed = [layout(place, number) for place, number in enumerate(many)]
    return {
        "tiny sheet, huge book": Scene("gsm", many, [*many[:2], *new[:2]]),
        "thirty new rows, huge book": Scene("gsm", many, new[:30]),
        "huge sheet, tiny book": Scene("gsm", new[:5], new),
        "contacts in no group": Scene("gsm", many, [*many[:300], *new[:300]], listed=False),
        "every contact, in no group": Scene("gsm", many, [*many, *new[:100]], listed=False),
        "mixed stored forms": Scene("gsm", mixed, [*many[:200], *new[:200]]),
        "mixed stored forms in no group": Scene("gsm", mixed, [*many[:200], *new[:200]], listed=False),
        "other countries": Scene("gsm", [*abroad, *many[:1500]], [*abroad[:100], *strangers, *many[:100], *new[:100]]),
        "another country alone": Scene("gsm", abroad, [*abroad[:200], *strangers]),
        "one operator has nearly all, the sheet another": Scene("gsm", skewed, several(chance, 300, of_operator(555))),
        "one operator has nearly all, the sheet too": Scene(
            "gsm", skewed, [*skewed[:200], *several(chance, 200, of_operator(532))]
        ),
        "narrow ranges of numbers": Scene(
            "gsm", skewed, [f"+9053212{part}{number:04}" for part in (3, 7) for number in range(0, 9999, 50)]
        ),
        "e-mails": Scene("email", mails, [*mails[:200], *others]),
        "few e-mails": Scene("email", mails, [*mails[:10], *others[:10]]),
        "e-mails in no group": Scene("email", mails, [*mails[:200], *others], listed=False),
        "every e-mail": Scene("email", mails, [*mails, *others]),
    }


def covered_forms(found: Reading, key: str) -> set[str]:
    """The forms that the reading covers: those that another strategy would have to cover for the same certainty."""
    swept = {form for forms in found.book.coverage.swept.get(key, ()) for form in forms}
    return swept or set(found.forms.working.get(key, ())) or set(lookup.forms(key))


@pytest.mark.parametrize("search", ["substring", "prefix"])
@pytest.mark.parametrize("name", list(scenes()))
def test_reading_costs_little_more_than_the_cheapest_pure_strategy(name: str, search: Any) -> None:
    scene = scenes()[name]
    state = scene.state()
    rows = wanted(*((row,) for row in scene.rows), keys=[scene.key])
    present = {canonical.of_key(scene.key, text) for text in scene.stored}
    forms: Forms | None = None
    for _ in ("not learned", "learned"):
        found = read_state(state, rows, forms=forms, semantics=Semantics(search=search), workers=8)

        have = set(found.book.keys(scene.key).dropna())
        assert present & set(scene.rows) <= have
        assert None not in found.evidence(scene.key, [row for row in scene.rows if row not in have])
        assert found.total <= 2 * cheapest(scene, covered_forms(found, scene.key), search) + 30
        forms = Forms.from_dict(found.forms.to_dict())


@pytest.mark.parametrize("stored", [[], [""] * 3000], ids=["empty book", "contacts without phones"])
def test_where_there_is_nothing_to_learn_from_little_is_spent_on_looking_for_it(stored: list[str]) -> None:
    scene = Scene("gsm", stored, several(random.Random(4), 400, turkish))

    found = read_state(scene.state(), wanted(*((row,) for row in scene.rows), keys=["gsm"]))

    assert found.total <= 2 * cheapest(scene, lookup.forms("gsm"), "substring") + 30


@pytest.fixture(scope="module")
def large() -> tuple[BookState, Any]:
    """100,000 contacts in two groups, and as many rows, of which 500 are new."""
    numbers = several(random.Random(5), 100_500, turkish)
    state = Scene("gsm", numbers[:100_000], []).state()
    return state, wanted(*((number,) for number in numbers[500:]), keys=["gsm"])


@pytest.mark.parametrize("search", ["substring", "prefix"])
def test_a_large_sheet_and_a_large_book_take_at_most_120_requests_when_searching_is_learned(
    large: tuple[BookState, Any], search: Any
) -> None:
    state, rows = large
    forms = read_state(state, rows, semantics=Semantics(search=search), workers=8).forms

    found = read_state(state, rows, forms=forms, semantics=Semantics(search=search), workers=8)

    have = set(found.book.keys("gsm").dropna())
    new = [number for number in rows["gsm"] if number not in have]
    assert len(new) == 500
    assert None not in found.evidence("gsm", new)
    assert found.total <= 120
