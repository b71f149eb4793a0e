"""What the ledger tells of each request, in memory and in its file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sync.sandbox import Entry

GROUPS = '{"request": {"authentication": {"key": "sandbox-key", "hash": "sandbox-hash"}}}'


def test_requests_are_numbered_and_timed_in_the_ledger(serve: Callable[..., Any]) -> None:
    ticks = iter([1.0, 2.0, 3.0, 4.0])
    api = serve(monotonic=lambda: next(ticks))
    api.json("get-contact", '"contact": {"id": 1009}')
    api.xml("get-contact", "<contact><id>99</id></contact>")
    api.json("list-contacts")
    api.client.get(api.server.base_url + "/get-groups")

    assert api.server.ledger == [
        Entry(1, 1.0, "get-contact", "json", 200, None, 1009, carried_out=True),
        Entry(2, 2.0, "get-contact", "xml", 465, None, 99, carried_out=False),
        Entry(3, 3.0, "", "json", 404, None, None, carried_out=False),
        Entry(4, 4.0, "get-groups", "xml", 404, None, None, carried_out=False),
    ]


def test_the_ledger_file_has_a_line_for_each_request_at_once_and_no_secret(
    serve: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    api = serve(ledger_path=path, monotonic=lambda: 1.5)
    api.json("delete-contact", '"contact": {"id": 1009}')
    api.post("/sandbox-key/sandbox-hash", GROUPS, "text/xml")

    text = path.read_text(encoding="utf-8")

    assert [json.loads(line) for line in text.splitlines()] == [
        {"number": 1, "at": 1.5, "method": "delete-contact", "wire": "json", "code": 200, "fault": None,
         "contact_id": 1009, "carried_out": True},
        {"number": 2, "at": 1.5, "method": "", "wire": "xml", "code": 404, "fault": None, "contact_id": None,
         "carried_out": False},
    ]  # fmt: skip
    assert "sandbox-" not in text
