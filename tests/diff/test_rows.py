"""Which rows can be compared at all: bad cells, missing keys, duplicates."""

from dataclasses import replace

from sync.change import Remark
from sync.contact import Contact
from sync.diff import checked_rows, make_plan, open_rows, row_keys
from sync.sheet import Issue

from .making import ALI, VELI, A, B, book_of, codes, outcomes, planned, rules, sheet_of
from .remembering import identified_sheet


def test_the_keys_of_rows_are_canonical_and_strongest_first() -> None:
    mapping = rules(match=["email", "gsm"])
    sheet = sheet_of(mapping, [{"gsm": A, "email": "Ali@Example.COM"}, {"gsm": B}])

    keys = row_keys(sheet.table, mapping)

    assert list(keys.columns) == ["email", "gsm"]
    assert keys["gsm"].tolist() == [A, B]
    assert keys["email"].dropna().tolist() == [ALI]


def test_a_row_with_a_bad_cell_is_rejected_with_the_cell_and_its_column() -> None:
    mapping = rules()
    sheet = sheet_of(mapping, [{"gsm": A}], issues=[Issue("email_invalid", 0, "E-posta", "ali@", {"reason": "…"})])

    verdicts = open_rows(sheet, row_keys(sheet.table, mapping))

    assert verdicts.outcomes == {0: "rejected"}
    assert [each.to_dict() for each in verdicts.remarks[0]] == [
        {"code": "email_invalid", "values": {"reason": "…", "cell": "ali@"}, "column": "E-posta"}
    ]


def test_every_bad_cell_of_a_row_is_told() -> None:
    mapping = rules()
    issues = [Issue("phone_invalid", 0, "Cep", "x"), Issue("email_invalid", 0, "E-posta", "y", {"reason": ""})]
    sheet = sheet_of(mapping, [{}], issues=issues)

    plan = make_plan(sheet, book_of(), mapping)

    assert codes(plan) == {0: ["phone_invalid", "email_invalid"]}


def test_one_bad_cell_that_feeds_two_fields_is_told_once() -> None:
    mapping = rules()
    issues = [Issue("error_cell", row, "Adı Soyadı", "#N/A") for row in (0, 0, 1)]
    issues.append(Issue("error_cell", 0, "Cep", "#N/A"))
    sheet = sheet_of(mapping, [{}, {}], issues=issues)
    sheet = replace(sheet, notes=(Issue("cell_left_out", 1, "Adı Soyadı", "x", {"why": ""}),) * 2)

    plan = make_plan(sheet, book_of(), mapping)

    assert codes(plan) == {0: ["error_cell", "error_cell"], 1: ["error_cell"]}
    assert [each.column for each in plan.remarks[0]] == ["Adı Soyadı", "Cep"]
    assert [each.code for each in plan.notes[1]] == ["cell_left_out"]


def test_a_row_without_any_key_is_rejected() -> None:
    mapping = rules()
    sheet = sheet_of(mapping, [{"name": "Ali"}])

    plan = make_plan(sheet, book_of(), mapping)

    assert (outcomes(plan), codes(plan)) == (["rejected"], {0: ["row_without_key"]})


def test_duplicates_error_rejects_all_rows_of_one_key() -> None:
    mapping = rules(duplicates="error")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": B}, {"gsm": A}, {"gsm": A}])

    plan = make_plan(sheet, book_of(), mapping)

    assert outcomes(plan) == ["rejected", "added", "rejected", "rejected"]
    assert plan.remarks[0][0].values == {"key": "gsm", "rows": "4, 5"}


def test_of_many_duplicates_a_message_names_a_few() -> None:
    mapping = rules(duplicates="error")

    plan = make_plan(sheet_of(mapping, [{"gsm": A}] * 9), book_of(), mapping)

    assert plan.remarks[0][0].values["rows"] == "3, 4, 5, 6, 7 … (8)"


def test_duplicates_first_chooses_the_first_row() -> None:
    mapping = rules(duplicates="first")
    sheet = sheet_of(mapping, [{"gsm": A, "name": "Ali"}, {"gsm": A, "name": "Veli"}])

    plan = make_plan(sheet, book_of(), mapping)

    assert (outcomes(plan), codes(plan)) == (["added", "duplicate"], {1: ["duplicate_of"]})
    assert [change.desired.name for change in plan.changes] == ["Ali"]


def test_duplicates_last_chooses_the_last_row() -> None:
    mapping = rules(duplicates="last")
    sheet = sheet_of(mapping, [{"gsm": A, "name": "Ali"}, {"gsm": A, "name": "Veli"}])

    plan = make_plan(sheet, book_of(), mapping)

    assert outcomes(plan) == ["duplicate", "added"]
    assert [change.desired.name for change in plan.changes] == ["Veli"]


def test_a_bad_row_does_not_win_over_its_good_duplicate() -> None:
    mapping = rules(duplicates="first")
    issues = [Issue("email_invalid", 0, "E-posta", "ali@", {"reason": ""})]
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A, "name": "Ali"}], issues=issues)

    plan = make_plan(sheet, book_of(), mapping)

    assert outcomes(plan) == ["rejected", "added"]


def test_rows_are_duplicates_by_the_canonical_key() -> None:
    mapping = rules(duplicates="first")
    sheet = sheet_of(mapping, [{"email": "Ali@Example.com"}, {"email": ALI}])

    plan = make_plan(sheet, book_of(), mapping)

    assert outcomes(plan) == ["added", "duplicate"]


def test_rows_that_share_a_weaker_key_alone_are_no_duplicates() -> None:
    mapping = rules(duplicates="error")
    sheet = sheet_of(mapping, [{"gsm": A, "email": ALI}, {"gsm": B, "email": ALI}])

    assert checked_rows(sheet, mapping).outcomes == {}


def test_duplicates_merge_takes_the_first_value_that_is_not_blank() -> None:
    mapping = rules(duplicates="merge")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A, "name": "Ali"}, {"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(), mapping)

    assert outcomes(plan) == ["added", "duplicate", "duplicate"]
    assert [change.desired for change in plan.changes] == [Contact(gsm=A, name="Ali", email=ALI)]


def test_duplicates_merge_rejects_all_rows_whose_values_differ() -> None:
    mapping = rules(duplicates="merge")
    sheet = sheet_of(mapping, [{"gsm": A, "name": "Ali"}, {"gsm": A}, {"gsm": A, "name": "Veli"}])

    plan = make_plan(sheet, book_of(), mapping)

    assert outcomes(plan) == ["rejected", "rejected", "rejected"]
    assert plan.remarks[1][0].values == {"key": "gsm", "field": "name", "rows": "2, 4"}


def test_a_merged_row_is_matched_by_the_keys_of_all_its_parts() -> None:
    mapping = rules(duplicates="merge")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, email=ALI)), mapping)

    assert planned(plan) == [("edited", 1), ("duplicate", None)]


def test_a_merged_row_whose_second_part_points_elsewhere_is_a_conflict() -> None:
    mapping = rules(duplicates="merge")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A, "email": ALI}])

    plan = make_plan(sheet, book_of(Contact(1, gsm=A), Contact(2, gsm=B, email=ALI)), mapping)

    assert outcomes(plan) == ["conflict", "duplicate"]


def test_a_row_that_shares_its_only_key_with_the_second_part_of_a_merged_row_is_not_added_beside_it() -> None:
    mapping = rules(duplicates="merge")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A, "email": ALI}, {"email": ALI}])

    plan = make_plan(sheet, book_of(), mapping)

    assert outcomes(plan) == ["added", "duplicate", "conflict"]


def test_merging_leaves_the_sheet_as_it_was() -> None:
    mapping = rules(duplicates="merge")
    sheet = sheet_of(mapping, [{"gsm": A}, {"gsm": A, "name": "Ali"}])
    before = sheet.table.copy()

    make_plan(sheet, book_of(), mapping)

    assert sheet.table.equals(before)


def test_rows_of_several_files_are_named_with_their_file() -> None:
    mapping = rules(duplicates="first")
    rows = [{"gsm": A}, {"gsm": A}]
    sheet = sheet_of(mapping, rows, files=["one.csv", "two.csv"], inputs=[0, 1])

    plan = make_plan(sheet, book_of(), mapping)

    assert plan.remarks[1][0].values == {"key": "gsm", "row": "one.csv:2"}


def test_what_can_be_said_without_the_book_is_what_the_plan_says_too() -> None:
    mapping = rules(duplicates="last")
    sheet = sheet_of(mapping, [{"gsm": A}, {"name": "Ali"}, {"gsm": A}, {"email": VELI}])

    assert checked_rows(sheet, mapping).outcomes == {0: "duplicate", 1: "rejected"}


def test_rows_that_share_an_identity_are_rejected_each_with_its_cell_its_column_and_the_others() -> None:
    mapping = rules(identity={"column": "No"})
    rows = [
        {"gsm": A, "identity": "M-1"},
        {"gsm": B, "identity": "M-2"},
        {"email": ALI, "identity": "M-1"},
        {"email": VELI},
        {"identity": "M-2"},  # without a key it is decided before
    ]

    plan = make_plan(identified_sheet(mapping, rows), book_of(), mapping)

    assert outcomes(plan) == ["rejected", "added", "rejected", "added", "rejected"]
    assert plan.remarks[0] == [Remark("identity_doubled", {"cell": "M-1", "rows": "4"}, "No")]
    assert plan.remarks[2] == [Remark("identity_doubled", {"cell": "M-1", "rows": "2"}, "No")]
    assert [remark.code for remark in plan.remarks[4]] == ["row_without_key"]
