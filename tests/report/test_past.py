"""Past runs as something to read."""

import datetime
import re
from pathlib import Path
from typing import Any

import sync
from sync import messages
from sync.errors import UsageError
from sync.history import Advice, PastRun, UnreadableRun
from sync.outcome import Summary
from sync.record import NewGroup, Reason, Verified
from sync.report import Look
from sync.report.past import run_object, run_text, runs_text
from sync.report.text import end_text
from tests.report.records import TOO_SHORT, MemoryRun, a_row, an_input
from tests.runs.building import a_meta

LOOK = Look(100)
ZONE = datetime.timezone(datetime.timedelta(hours=3))
STEERING = "kötü\x1b[2J\u202e\nad"


def a_past(status: Any = "completed", *, facts: dict[str, Any] | None = None, **changes: Any) -> PastRun:
    meta = a_meta(**{"applied_at": "2026-11-21T12:05:00+00:00", "status": "completed", **(facts or {})})
    outcomes = changes.pop("outcomes", {"added": 1200, "rejected": 2})
    summary = Summary(meta.run, status, sum(outcomes.values()), outcomes, **changes.pop("summary", {}))
    given: dict[str, Any] = {
        "path": Path("/tmp/a.run"), "meta": meta, "inputs": [an_input()], "summary": summary,
        "ended_at": "2026-11-21T12:06:00.123+00:00", "advice": (Advice("past_next_undo", "imsync undo X"),),
        "superseded": False,
    }  # fmt: skip
    return PastRun(**{**given, **changes})


def listed(*runs: PastRun | UnreadableRun, look: Look = LOOK) -> str:
    return runs_text(runs, look=look, zone=ZONE)


def page(past: PastRun, look: Look = LOOK) -> str:
    rows = [a_row(2, applied) for applied in past.summary.outcomes]
    return run_text(MemoryRun(rows, past.inputs), past, look=look, zone=ZONE)


def test_the_end_of_a_run_without_rows_counts_nothing() -> None:
    told = end_text(Summary("X", "completed", 0, {"added": 0}))

    assert told.startswith("Run X: completed. There are no rows.\n")


def test_a_run_without_rows_is_told_in_words() -> None:
    assert "kişiler.csv → api.example.com: no rows\n" in listed(a_past(outcomes={}))


def test_moments_are_those_of_the_clock_on_the_wall() -> None:
    assert "20261121T1200-abc123  2026-11-21 15:05  carried out  completed" in listed(a_past())
    assert "2026-11-21 15:06 (UTC+03:00)" in page(a_past())


def test_figures_and_the_next_command_stand_in_the_list() -> None:
    told = listed(a_past(summary={"altered": 3}))

    assert "kişiler.csv → api.example.com: 1,200 added, 2 rejected, 3 stored otherwise" in told
    assert told.endswith("  imsync undo X")


def test_the_account_is_named_only_where_one_address_has_several() -> None:
    other = a_past(facts={"account": "fedcba9876543210"})

    assert "0123456789abcdef" not in listed(a_past(), a_past())
    assert "api.example.com (0123456789abcdef)" in listed(a_past(), other)
    assert "api.example.com (fedcba9876543210)" in listed(a_past(), other)


def test_a_user_in_an_address_is_not_shown() -> None:
    assert "hidden" not in listed(a_past(facts={"base_url": "https://user:hidden@api.example.com/v1"}))


def test_a_plan_tells_what_would_become_of_the_rows() -> None:
    told = listed(a_past("planned", facts={"applied_at": "", "status": "planned"}))

    assert "plan  planned" in told
    assert "1,200 to add" in told


def test_a_superseded_run_is_called_so_unless_it_is_done() -> None:
    assert "superseded" in listed(a_past("interrupted", superseded=True))
    assert "superseded" not in listed(a_past("completed", superseded=True))
    assert "Another run has written to the account since." in page(a_past("interrupted", superseded=True))


def test_an_undo_names_the_run_that_it_undoes() -> None:
    assert "undo of 20261120T0900-000001" in listed(a_past(facts={"undoes": "20261120T0900-000001"}))
    plan = a_past("planned", facts={"undoes": "20261120T0900-000001", "applied_at": ""})
    assert "planned undo of 20261120T0900-000001" in listed(plan)


def test_a_file_that_cannot_be_read_is_listed_with_its_reason() -> None:
    error = UsageError("run_file_damaged", file="/tmp/b.run", reason=STEERING)
    told = listed(UnreadableRun("20261120T0900-000001", Path("/tmp/b.run"), error))

    assert "20261120T0900-000001  cannot be read" in told
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_the_page_tells_everything_about_the_run() -> None:
    facts = {
        "requests": {"add-contact": 1200, "get-groups": 1}, "made_groups": [8],
        "groups": {"8": "Bayiler", "9": "Kalan"},
        "removed_groups": {"7": NewGroup("Eski", None)}, "kept_groups": {"9": "it has contacts (3)."},
        "undone_by": ["20261122T0900-000002"], "seconds": 75.0,
    }  # fmt: skip
    told = page(
        a_past(
            facts=facts,
            summary={
                "requests": facts["requests"],
                "retries": 4,
                "reports": ("/tmp/reports/report.html",),
                "verified": Verified("2026-11-21T12:07:00+00:00", 1200, 0),
            },
            reasons={"rejected": [Reason(TOO_SHORT, 2, [(0, 5), (0, 9)])]},
        )
    )
    for said in (
        "1,201 (add-contact 1,200, get-groups 1; sent again: 4)", "1 min 15 s", "Groups created  Bayiler",
        "Groups removed  Eski", "Kalan: it has contacts (3).", "Undone by       20261122T0900-000002",
        "Rejected (2)", "rows 5, 9", "/tmp/reports/report.html", "/tmp/müşteriler.yaml", "imsync undo X",
        messages.text("verified_equal", {"contacts": 1200, "different": 0}),
    ):  # fmt: skip
        assert said in " ".join(told.split()) or said in told, said
    assert " ".join(told.split()).count(messages.text("verified_equal", {"contacts": 1200, "different": 0})) == 1


def test_a_long_path_is_not_broken() -> None:
    path = f"/tmp/{'uzun-bir-klasör/' * 12}kişiler.csv"

    assert path in page(a_past(inputs=[an_input(path=path)]), Look(40))


def test_names_that_would_steer_a_terminal_are_harmless() -> None:
    facts = {
        "run": STEERING, "job": STEERING, "mapping": STEERING, "account": STEERING, "base_url": STEERING,
        "undoes": STEERING, "undone_by": [STEERING], "kept_groups": {STEERING: STEERING}, "made_groups": [8],
        "groups": {"8": STEERING}, "requests": {STEERING: 1},
    }  # fmt: skip
    past = a_past(
        facts=facts,
        inputs=[an_input(name=STEERING, path=STEERING, sheet=STEERING, sha256=STEERING)],
        summary={"requests": facts["requests"], "reports": (STEERING,)},
        advice=(Advice("past_next_undone", f"imsync runs show {STEERING}", {"run": STEERING}),),
    )
    for told in (listed(past), page(past)):
        assert all(letter.isprintable() for line in told.split("\n") for letter in line)
    assert "\x1b[1m" in page(past, Look(100, coloured=True))


def test_a_run_for_programs_is_its_summary_and_more() -> None:
    data = run_object(a_past(reasons={"rejected": [Reason(TOO_SHORT, 2, [(0, 5)])]}))

    assert data["outcomes"]["added"] == 1200
    assert data["reasons"][0] == {
        "outcome": "rejected", "code": "phone_too_short", "column": "Telefon", "count": 2,
        "message": messages.text("phone_too_short", {"cell": "0500"}),
    }  # fmt: skip
    assert data["next"] == [{"message": messages.text("past_next_undo", {}), "command": "imsync undo X"}]


def test_every_phrase_is_used_and_every_one_that_is_used_is_there() -> None:
    paths = [path for path in Path(sync.__file__).parent.rglob("*.py") if path.name != "messages.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    used = set(re.findall(r"""phrase\(\s*["'](\w+)["']""", source))
    made = {f"plan{first}_{outcome}" for first in ("", "_first") for outcome in ("edited", "added", "deleted")}
    made |= {f"group_{outcome}" for outcome in ("added", "edited", "deleted", "unchanged", "failed", "pending")}
    made |= {f"type_{kind}" for kind in ("text", "date", "choice")}
    made |= {f"fields_{name}" for name in ("contacts", "type", "values")}
    made |= {f"made_no_{field}" for field in ("name", "surname", "email", "gsm")}
    made |= {f"made_also_{key}" for key in ("email", "gsm")}

    assert used | made <= set(messages.PHRASES)
    assert [
        code for code in messages.PHRASES if code not in made and not re.search(rf"""["']{code}["']""", source)
    ] == []
