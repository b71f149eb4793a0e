"""What is personal in log lines is masked, and JSON lines are objects with the run's id."""

import json
import logging

import pytest

from sync import language
from sync.cli.log_lines import JsonFormatter, JsonLines, MaskedFormatter, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("add of +905001112233 failed", "add of •••33 failed"),
        ("+90 500 111 22 33, then", "•••33, then"),
        ("0500 111 22 33", "•••33"),
        ("0(500) 111 22 33", "•••33"),
        ("(0500) 111-22-33", "•••33"),
        ("gsm=05001112233&x", "gsm=•••33&x"),
        ("500 1112233", "•••33"),
        ("%2B905001112233", "•••33"),
        ("e-mail “ada.lovelace@example.com”.", "e-mail “a•••@•••”."),
        ("q=ada%40example.com", "q=a•••@•••"),
        ("çağla@örnek.example", "ç•••@•••"),
        ("Ada <ada@example.com>, +905001112233", "Ada <a•••@•••>, •••33"),
    ],
)
def test_phones_and_e_mails_are_masked_in_whatever_form(text: str, shown: str) -> None:
    assert shown == masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "run 20261121T2130-7f3a9c: 12,345 rows of 2026-11-21 at 10:46:44, in 3.25 s",
        "contact 123456 in group 42; status 465; row 100000",
        "/var/lib/imsync/runs/20261121T2130-123456.run",
        "5 requests 500 times, 100 of 250",
    ],
)
def test_what_only_looks_like_a_number_stays(text: str) -> None:
    assert text == masked(text)


def test_a_record_is_masked_with_its_arguments_and_its_traceback() -> None:
    record = logging.LogRecord("sync.remote", logging.WARNING, "x", 1, "%s refused", ("ada@example.com",), None)

    assert "a•••@••• refused" == MaskedFormatter().format(record)


@pytest.mark.parametrize(("spoken", "said"), [("en", "WARNING sync.remote: x"), ("tr", "UYARI sync.remote: x")])
def test_a_line_begins_with_its_level_in_the_persons_language(spoken: str, said: str) -> None:
    record = logging.LogRecord("sync.remote", logging.WARNING, "x", 1, "x", (), None)
    language.speak(spoken)
    try:
        told = MaskedFormatter("%(levelname)s %(name)s: %(message)s").format(record)
    finally:
        language.speak("en")

    assert told == said
    assert record.levelname == "WARNING"  # other handlers have the same record


def test_a_json_line_has_the_run_and_the_job_once_they_are_known() -> None:
    lines = JsonLines(job="customers")
    record = logging.LogRecord("sync.remote", logging.WARNING, "x", 1, "+905001112233", (), None)

    before = json.loads(JsonFormatter(lines).format(record))
    lines.run = "20261121T2130-7f3a9c"
    after = json.loads(JsonFormatter(lines).format(record))

    assert before["run"] is None
    assert {
        "at": after["at"],
        "level": "warning",
        "logger": "sync.remote",
        "run": "20261121T2130-7f3a9c",
        "job": "customers",
        "message": "•••33",
    } == after


def test_a_traceback_in_a_json_line_stays_one_line() -> None:
    try:
        raise ValueError("ada@example.com")
    except ValueError as error:
        record = logging.LogRecord("sync", logging.ERROR, "x", 1, "a bug", (), (type(error), error, None))

    line = JsonFormatter(JsonLines()).format(record)

    assert "\n" not in line
    assert "ada@example.com" not in line
    assert "ValueError" in json.loads(line)["message"]
