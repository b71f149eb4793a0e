"""An invented account and a sheet for it, with what has to be in the book afterwards.

What enters: how many rows of each kind. What leaves: the book before, the sheet, and the reference: what the book after
and the report have to say.
What never happens here: anything of `sync`. The reference is made by hand, beside each row, and knows no rule of ours.
"""

import csv
import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

KEY, HASH = "chaos-key", "chaos-hash"
HEADER = ("Ad", "Soyad", "E-posta", "Telefon", "Doğum", "Grup")
_FIRST_LINE = 2  # of the rows, as a spreadsheet program counts
_CUSTOMERS, _DEALERS = 7, 9
_NAMES = ("Ayşe", "Çağla", "Işıl", "İlker", "Öykü", "Şule", "Ümit", "Gül & Co", "Deniz")
_BRANCHES = ("Bölge A", "Bölge B", "Bölge C/Şube 1", "Bölge C/Şube 2")

# A contact as it is compared: the plain fields, the custom fields and the groups' paths, both in order.
View = tuple[str, str, str, str, tuple[tuple[str, str], ...], tuple[str, ...]]


@dataclass(frozen=True)
class Wanted:
    """What has to become of one row.

    Attributes:
        outcome: added, edited, unchanged or rejected.
        contact_id: of the contact that the row means, None where it has to be added.
        contact: as the book has to hold it; None for a rejected row.
    """

    outcome: str
    contact_id: int | None = None
    contact: View | None = None


@dataclass
class World:
    """The account, the sheet and the reference.

    Attributes:
        book: as the sandbox loads it.
        rows: cells.
        wanted: for each row, by its number in the file.
        others: the contacts that no row means, by id.
        new_groups: the paths of the groups that the account lacks.
    """

    book: dict[str, Any]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    wanted: dict[int, Wanted] = field(default_factory=dict)
    others: dict[int, View] = field(default_factory=dict)
    new_groups: set[str] = field(default_factory=set)

    def write_sheet(self, path: Path) -> None:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([HEADER, *self.rows])

    @cached_property
    def contacts(self) -> dict[int, dict[str, Any]]:
        return {each["id"]: each for each in self.book["contacts"]}

    @cached_property
    def views(self) -> dict[int, View]:
        return views(self.book)

    @property
    def outcomes(self) -> dict[str, int]:
        return dict(Counter(each.outcome for each in self.wanted.values()))


def made(*, adds: int = 0, edits: int = 0, same: int = 0, wrong: int = 0, others: int = 0, seed: int = 1) -> World:
    """A world with so many rows of each kind, mixed; the book holds `others` contacts that nobody means."""
    chance = random.Random(seed)
    world = World(
        {
            "credentials": {"key": KEY, "hash": HASH},
            "custom_fields": [1, 2],
            "groups": [
                {"id": _CUSTOMERS, "name": "Müşteriler", "parent": None},
                {"id": _DEALERS, "name": "Bayiler", "parent": None},
            ],
            "contacts": [],
        }
    )
    kinds = ["added"] * adds + ["edited"] * edits + ["unchanged"] * same + ["rejected"] * wrong + ["other"] * others
    chance.shuffle(kinds)
    for number, kind in enumerate(kinds):
        line = len(world.rows) + _FIRST_LINE
        if kind == "added":
            _add(world, line, number, chance)
        elif kind == "rejected":
            world.rows.append((f"Kötü{number}", "Satır", f"kotu{number}@example.com", "123", "", ""))
            world.wanted[line] = Wanted("rejected")
        else:
            _existing(world, line, number, kind, chance)
    return world


def _add(world: World, line: int, number: int, chance: random.Random) -> None:
    name = chance.choice(_NAMES)
    email = f"yeni{number}@example.com" if chance.random() < 0.7 else ""
    born = "27.09.1990" if chance.random() < 0.5 else ""
    group = chance.choice(("", "", "Bayiler", *_BRANCHES))
    world.rows.append((name, f"Yeni{number}", email, f"0500 2{number:06d}", born, group))
    if group in _BRANCHES:
        world.new_groups |= {group, group.partition("/")[0]}
    custom = (("1", "27/09/1990"),) if born else ()
    groups = tuple(sorted({"Müşteriler", group} - {""}))
    world.wanted[line] = Wanted("added", None, (name, f"Yeni{number}", email, f"+905002{number:06d}", custom, groups))


def _existing(world: World, line: int, number: int, kind: str, chance: random.Random) -> None:
    """A contact of the book, and its row: an edit changes one thing, and leaves everything else as it is."""
    identity = 100 + number
    name, surname, email, gsm = (
        chance.choice(_NAMES),
        f"Eski{number}",
        f"eski{number}@example.com",
        f"+905001{number:06d}",
    )
    custom = {"1": "01/02/1980", "2": f"gizli {number}"}
    groups = {_CUSTOMERS: "Müşteriler"} if kind != "other" or chance.random() < 0.5 else {}
    if chance.random() < 0.3:
        groups[_DEALERS] = "Bayiler"
    world.book["contacts"].append(
        {
            "id": identity,
            "name": name,
            "surname": surname,
            "email": email,
            "gsm": gsm,
            "custom_fields": dict(custom),
            "groups": list(groups),
        }
    )
    paths = set(groups.values())
    if kind == "other":
        world.others[identity] = _view(name, surname, email, gsm, custom, paths)
        return
    born, group = "", ""
    if kind == "edited":
        match chance.randrange(3):
            case 0:
                surname = f"Değişti{number}"
            case 1:
                born = "03.04.1981"
                custom["1"] = "03/04/1981"
            case _:
                group = chance.choice(_BRANCHES)
                paths.add(group)
                world.new_groups |= {group, group.partition("/")[0]}
    world.rows.append((name, surname, email if chance.random() < 0.5 else "", f"0{gsm[3:]}", born, group))
    world.wanted[line] = Wanted(kind, identity, _view(name, surname, email, gsm, custom, paths))


def _view(name: str, surname: str, email: str, gsm: str, custom: dict[str, str], paths: set[str]) -> View:
    return name, surname, email, gsm, tuple(sorted(custom.items())), tuple(sorted(paths))


def views(book: dict[str, Any]) -> dict[int, View]:
    """Every contact of a saved book by its id, with its groups' paths in the place of their ids."""
    groups = {each["id"]: each for each in book["groups"]}

    def path(group: int) -> str:
        found = groups[group]
        return found["name"] if found["parent"] is None else f"{groups[found['parent']]['name']}/{found['name']}"

    return {
        each["id"]: _view(
            each["name"],
            each["surname"],
            each["email"],
            each["gsm"],
            each["custom_fields"],
            {path(group) for group in each["groups"]},
        )
        for each in book["contacts"]
    }


def group_paths(book: dict[str, Any]) -> list[str]:
    """Every group of a saved book, one that is there twice twice."""
    names = {each["id"]: each["name"] for each in book["groups"]}
    return sorted(
        each["name"] if each["parent"] is None else f"{names[each['parent']]}/{each['name']}" for each in book["groups"]
    )
