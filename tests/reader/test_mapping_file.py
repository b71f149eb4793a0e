"""Every mistake of a mapping: where it stands, what it is, what was meant."""

import hashlib
from pathlib import Path

import pytest

from sync.errors import MappingError
from sync.messages import problem_text
from sync.reader import read_mapping

from .making import GSM, mapping_file, mistakes, places

SECRET = "f3a9c0ffee"


# What is right


def test_a_mapping_is_read_with_its_hash_and_path(tmp_path: Path) -> None:
    found = mapping_file(tmp_path, GSM)

    assert (found.path, found.sha256) == (tmp_path / "customers.yaml", hashlib.sha256(GSM.encode()).hexdigest())
    assert found.mapping.keys == ("gsm",)


def test_the_designs_example_is_accepted_without_what_comes_later(tmp_path: Path) -> None:
    text = """
version: 1
name: customers
source:
  sheet: Müşteriler
  header_row: 3
  encoding: windows-1254
  delimiter: ";"
  empty: ["-", yok]
match: [gsm, email]
fields:
  name: Ad
  surname: {column: Soyad, transforms: [squeeze, title]}
  email: E-posta
  gsm: {column: Cep Telefonu, region: TR, kind: mobile}
custom_fields:
  1: {column: Doğum Tarihi, type: date, input: ["%d.%m.%Y", "%Y-%m-%d"], output: "%d/%m/%Y", label: Doğum tarihi}
  2: {column: Şehir, type: choice, choices: {ist: İstanbul}}
  3: {value: "import-2026", label: Kaynak}
groups:
  column: Grup
  separator: ";"
  always: [Müşteriler]
  mode: add
  create_missing: false
on_blank: keep
duplicates: error
on_key_change: conflict
remote_only: report
guards: {max_adds: 5000, max_edits: 30%, max_deletes: 0}
api: {rate: 10, workers: 8, wire: json, timeout: 30, settle_after: 60}
"""
    mapping = mapping_file(tmp_path, text).mapping

    assert list(mapping.columns) == ["name", "surname", "email", "gsm", "custom:1", "custom:2", "custom:3"]
    assert mapping.custom_fields[2].choices == {"ist": "İstanbul"}


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "customers.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GSM.encode())

    assert read_mapping(path).mapping.keys == ("gsm",)


def test_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    assert mapping_file(tmp_path, GSM.replace("\n", "\r\n")).mapping.keys == ("gsm",)


@pytest.mark.parametrize(("position", "index"), [("E", 4), ("e", 4), (5, 4), ("AA", 26), ("A", 0)])
def test_a_position_is_a_letter_or_a_number(tmp_path: Path, position: str | int, index: int) -> None:
    found = mapping_file(tmp_path, f"{GSM}  name: {{position: {position}}}\n")

    assert found.mapping.columns["name"].index == index


@pytest.mark.parametrize("share", ["'%30'", "30%", "'30%'"])
def test_a_share_may_have_its_sign_in_front_as_turks_write_it(tmp_path: Path, share: str) -> None:
    found = mapping_file(tmp_path, f"{GSM}guards: {{max_edits: {share}}}\n")

    assert "30%" == found.mapping.guards.max_edits


def test_a_field_may_say_for_itself_what_an_empty_cell_does(tmp_path: Path) -> None:
    text = f"{GSM}  name: {{column: Ad, on_blank: keep}}\n  surname: Soyad\non_blank: clear\n"

    mapping = mapping_file(tmp_path, text).mapping

    assert [mapping.clears(name) for name in ("name", "surname")] == [False, True]


# Single mistakes: text added after GSM → line, column, code


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("onblank: keep\n", (4, 1, "mapping_unknown_name")),
        ("  surnmae: Soyad\n", (4, 3, "mapping_unknown_name")),
        ("groups: {seperator: ','}\n", (4, 10, "mapping_unknown_name")),
        ("custom_fields:\n  1: {colum: Şehir}\n", (5, 7, "mapping_unknown_name")),
        ("duplicates: frist\n", (4, 13, "mapping_not_one_of")),
        ("  name: {column: Ad, transforms: [squeeze, titel]}\n", (4, 44, "mapping_not_one_of")),
        ("api: {wire: soap}\n", (4, 13, "mapping_not_one_of")),
        ("groups: Müşteriler\n", (4, 9, "mapping_wants_names")),
        ("custom_fields: [1]\n", (4, 16, "mapping_wants_names")),
        ("match: gsm\n", (4, 8, "mapping_wants_list")),
        ("source: {empty: yok}\n", (4, 17, "mapping_wants_list")),
        ("match: [gsm, 5]\n", (4, 14, "mapping_needs_quotes")),
        ("name: 2026\n", (4, 7, "mapping_needs_quotes")),
        ("  name: {column: 0532}\n", (4, 18, "mapping_needs_quotes")),
        ("  name: 2024\n", (4, 9, "mapping_needs_quotes")),
        ("custom_fields: {3: {value: 1}}\n", (4, 28, "mapping_needs_quotes")),
        ("custom_fields: {1: {column: a, type: choice, choices: {a: 1}}}\n", (4, 59, "mapping_needs_quotes")),
        ("source: {empty: [0]}\n", (4, 18, "mapping_needs_quotes")),
        ("match: [phone]\n", (4, 9, "mapping_match_key")),
        ("match: [name]\n", (4, 9, "mapping_match_key")),
        ("  name: {column: Ad, value: x}\n", (4, 9, "mapping_one_source")),
        ("  name: {}\n", (4, 9, "mapping_one_source")),
        ("  name: {position: 0}\n", (4, 20, "mapping_position")),
        ("  name: {position: ABCD}\n", (4, 20, "mapping_position")),
        ("custom_fields: {1: {column: a, type: choice}}\n", (4, 20, "mapping_choices")),
        ("custom_fields: {1: {column: a, choices: {a: b}}}\n", (4, 20, "mapping_choices")),
        ("guards: {max_adds: -1}\n", (4, 20, "mapping_limit")),
        ("guards: {max_edits: viele}\n", (4, 21, "mapping_limit")),
        ("guards: {max_edits: '%30%'}\n", (4, 21, "mapping_limit")),
        ("guards: {max_edits: 30 %}\n", (4, 21, "mapping_limit")),
        ("source: {delimiter: ';;'}\n", (4, 21, "mapping_wants_fewer_letters")),
        ("source: {header_row: 0}\n", (4, 22, "mapping_wants_least")),
        ("api: {rate: 0}\n", (4, 13, "mapping_wants_more")),
        ("api: {workers: 0}\n", (4, 16, "mapping_wants_least")),
        ("custom_fields: {abc: Şehir}\n", (4, 17, "mapping_field_id")),
        ("custom_fields: {'3': Şehir}\n", (4, 17, "mapping_field_id")),
        ("custom_fields:\n  1: İlçe\n  0: Şehir\n", (6, 3, "mapping_field_id")),
        ("custom_fields: {-1: Şehir}\n", (4, 17, "mapping_field_id")),
        ("match: [gsm, 'custom:0']\n", (4, 14, "mapping_match_key")),
        ("  name: null\n", (4, 3, "mapping_field_empty")),
        ("  name:\n  email: E-posta\n", (4, 3, "mapping_field_empty")),
        ("guards: {max_deletes: 250%}\n", (4, 23, "mapping_limit")),
        ("guards: {min_rows: 101%}\n", (4, 20, "mapping_limit")),
        ("match: [gsm, email]\n", (4, 14, "mapping_key_not_mapped")),
        ("match: [gsm, 'custom:3']\n", (4, 14, "mapping_key_not_mapped")),
        ("remote_only: remove_from_groups\n", (4, 14, "mapping_removes_from_none")),
        ("remote_only: remove\n", (4, 14, "mapping_not_one_of")),
    ],
)
def test_one_mistake_is_one_problem_at_its_line_and_column(
    tmp_path: Path, more: str, place: tuple[int, int, str]
) -> None:
    found = places(mistakes(tmp_path, GSM + more))

    assert found == [place]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("fields: {gsm: Cep}\n", (1, 1, "mapping_missing_name")),
        ("version: 1\n", (1, 1, "mapping_missing_name")),
        ("version: 2\nfields: {gsm: Cep}\n", (1, 10, "mapping_not_one_of")),
        ("version: '1'\nfields: {gsm: Cep}\n", (1, 10, "mapping_not_one_of")),
        ("version: 1\nfields: {}\n", (2, 9, "mapping_no_fields")),
        ("version: 1\nfields: {name: Ad}\n", (2, 9, "mapping_no_keys")),
        ("version: 1\nfields: {gsm: {value: '0530 111 22 01'}}\n", (2, 15, "mapping_constant_key")),
        ("version: 1\nfields: {id: {value: '5'}, gsm: Cep}\nmatch: [id, gsm]\n", (2, 14, "mapping_constant_key")),
        ("version: 1\nfields: {name: Ad, gsm: {value: ''}}\n", (2, 25, "mapping_constant_key")),
        ("version: 1\nfields: {gsm: {column: Cep, region: tr}}\n", (2, 37, "mapping_region")),
        ("version: 1\nfields: {gsm: {column: Cep, kind: landline}}\n", (2, 35, "mapping_not_one_of")),
        ("", (1, 1, "mapping_empty")),
        ("# only a comment\n", (1, 1, "mapping_empty")),
        ("- gsm\n", (1, 1, "mapping_wants_names")),
        ("version: 1\nfields: [\n", (2, 9, "yaml_bracket")),
        ("version: 1\nname: a: b\n", (2, 8, "yaml_second_colon")),
        ("version: 1\nfields:\n\tgsm: Cep\n", (3, 1, "yaml_tab")),
        ("version: 1\nversion: 1\nfields: {gsm: Cep}\n", (2, 1, "yaml_twice")),
        ("version: 1\nfields:\n  gsm: Cep\n  gsm: Tel\n", (4, 3, "yaml_twice")),
        ('version: 1\nfields: {gsm: "Cep}\n', (2, 15, "yaml_quote")),
        ("version: 1\nname: a\x07b\nfields: {gsm: Cep}\n", (2, 8, "yaml_character")),
    ],
)
def test_a_mistake_of_the_whole_file_is_one_problem_at_its_place(
    tmp_path: Path, text: str, place: tuple[int, int, str]
) -> None:
    assert places(mistakes(tmp_path, text)) == [place]


@pytest.mark.parametrize(
    "more",
    [
        "guards: {max_adds: 1.5}\n",
        "guards: {max_adds: true}\n",
        "  name: {position: 1.5}\n",
        "groups: {always: [1.5]}\n",
        "groups: {always: [[Müşteriler]]}\n",
    ],
)
def test_a_value_that_fits_none_of_several_types_is_one_mistake(tmp_path: Path, more: str) -> None:
    assert len(mistakes(tmp_path, GSM + more)) == 1


@pytest.mark.parametrize(
    "field",
    [
        "{column: Doğum, type: date, output: gg.aa.yyyy}",  # Excel's Turkish letters: every birthday would become this
        "{column: Doğum, type: date, input: [gg.aa.yyyy]}",
        '{column: Doğum, type: date, input: ["%d.%m.%Q"]}',
    ],
)
def test_a_date_format_that_is_none_is_a_mistake(tmp_path: Path, field: str) -> None:
    found = mistakes(tmp_path, f"{GSM}custom_fields:\n  1: {field}\n")

    assert [problem.line for problem in found] == [5]


def test_a_region_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "version: 1\nfields:\n  gsm: {column: Cep, region: XX}\n")

    assert [(problem.line, problem.column) for problem in found] == [(3, 30)]


# All at once


def test_every_mistake_is_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """version: 1
nmae: customers
fields:
  gsm: {column: Cep, kind: landline}
  name: {position: 0}
duplicates: frist
groups: {create_missing: yes please, seperator: ','}
guards: {max_adds: -1}
"""
    assert places(mistakes(tmp_path, text)) == [
        (2, 1, "mapping_unknown_name"),
        (4, 28, "mapping_not_one_of"),
        (5, 20, "mapping_position"),
        (6, 13, "mapping_not_one_of"),
        (7, 26, "mapping_wants_bool"),
        (7, 38, "mapping_unknown_name"),
        (8, 20, "mapping_limit"),
    ]


def test_a_contradiction_is_reported_together_with_a_wrong_name(tmp_path: Path) -> None:
    found = places(mistakes(tmp_path, f"{GSM}match: [gsm, email]\nonblank: keep\n"))

    assert found == [(4, 14, "mapping_key_not_mapped"), (5, 1, "mapping_unknown_name")]


# The nearest name


@pytest.mark.parametrize(
    ("more", "near"),
    [
        ("onblank: keep\n", "on_blank"),
        ("Duplicates: first\n", "duplicates"),
        ("  surnmae: Soyad\n", "surname"),
        ("  e-mail: E-posta\n", "email"),
        ("groups: {seperator: ','}\n", "separator"),
        ("guards: {max_add: 5}\n", "max_adds"),
        ("  name: {colum: Ad}\n", "column"),
        ("custom_fields:\n  1: {colum: Şehir}\n", "column"),
        ("custom_fields:\n  1: {column: Şehir, lable: Şehir}\n", "label"),
    ],
)
def test_a_wrong_name_is_told_the_nearest_right_one(tmp_path: Path, more: str, near: str) -> None:
    found = [each for each in mistakes(tmp_path, GSM + more) if each.code == "mapping_unknown_name"]

    assert [problem.values["near"] for problem in found] == [near]


def test_a_name_that_is_near_to_none_is_told_all_names(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, f"{GSM}  telefon: Cep\n")

    assert (found.values["near"], found.values["known"]) == ("", "email, gsm, id, name, surname")


# Secrets


@pytest.mark.parametrize(
    "name",
    ["key", "hash", "api_key", "api_hash", "secret", "password", "token", "credentials", "authentication", "API_KEY"],
)
@pytest.mark.parametrize("text", ["{name}: {secret}\n", "api: {{{name}: {secret}}}\n"])
def test_a_credential_is_refused(tmp_path: Path, name: str, text: str) -> None:
    found = mistakes(tmp_path, GSM + text.format(name=name, secret=SECRET))

    assert [problem.code for problem in found] == ["mapping_secret"]


WITH_SECRET = [
    f"{GSM}api: {{key: {SECRET}}}\n",
    f"{GSM}api: {{key: {SECRET}, hash: {SECRET}, rate: 0}}\n",
    f"{GSM}ILETIMERKEZI_API_KEY: {SECRET}\n",
    f"{GSM}api: {{credentials: {{key: {SECRET}}}}}\n",
    f"{GSM}api: {{key: {SECRET}, key: {SECRET}}}\n",
    f"api: {{key: {SECRET}}}\nfields: {{gsm: Cep}}\n",
    f"{GSM}api: {{key: {SECRET}\n",
]


@pytest.mark.parametrize("text", WITH_SECRET)
def test_a_credential_is_not_echoed(tmp_path: Path, text: str) -> None:
    assert [said for said in map(problem_text, mistakes(tmp_path, text)) if SECRET in said] == []


@pytest.mark.parametrize("text", WITH_SECRET)
def test_a_credential_does_not_travel_with_a_mistakes_values(tmp_path: Path, text: str) -> None:
    found = mistakes(tmp_path, text)

    assert [problem.code for problem in found if SECRET in repr(problem.values)] == []


# Files


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(tmp_path / "missing.yaml")

    assert places(caught.value.problems) == [(0, 0, "mapping_unreadable")]


def test_a_file_that_is_not_utf8_is_told_with_the_line(tmp_path: Path) -> None:
    found = mistakes(tmp_path, GSM.encode() + "name: Müşteri\n".encode("windows-1254"))

    assert places(found) == [(4, 8, "mapping_not_utf8")]
    assert found[0].values == {"encoding": "windows-1254"}


@pytest.mark.parametrize("more", ["onblank: keep\n", "match: [phone]\n", "api: {rate: 0}\n", "name: 5\n"])
def test_a_mistake_reads_as_file_line_column_and_what_is_wrong(tmp_path: Path, more: str) -> None:
    (found,) = mistakes(tmp_path, GSM + more)

    assert problem_text(found).startswith(f"{tmp_path / 'customers.yaml'}:4:")


@pytest.mark.parametrize("encoding", ["turkish", "rot13", "base64", "utf-7", "unicode_escape", "idna", '"utf\\0"'])
def test_an_encoding_that_is_none_for_texts_is_told_with_its_place(tmp_path: Path, encoding: str) -> None:
    assert places(mistakes(tmp_path, GSM + f"source: {{encoding: {encoding}}}\n")) == [(4, 20, "mapping_encoding")]


@pytest.mark.parametrize("delimiter", ['"\\n"', '"\\0"', "'\"'", "x"])
def test_a_delimiter_that_cannot_be_one_is_told_with_its_place(tmp_path: Path, delimiter: str) -> None:
    assert places(mistakes(tmp_path, GSM + f"source: {{delimiter: {delimiter}}}\n")) == [(4, 21, "mapping_delimiter")]
