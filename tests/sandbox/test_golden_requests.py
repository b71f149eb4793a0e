"""The sandbox reads the golden requests, which were written by hand from the documents, as they are meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.requests import request_of

GOLDEN = Path(__file__).parents[1] / "wire"
REQUESTS = [
    case for case in json.loads((GOLDEN / "cases.json").read_text(encoding="utf-8")) if case["direction"] == "request"
]
CONTENT_TYPES = {"json": "application/json", "xml": "text/xml; charset=utf-8"}


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case["file"])
def test_a_golden_request_is_understood_as_it_is_meant(case: Any) -> None:
    request = request_of(case["wire"], CONTENT_TYPES[case["wire"]], (GOLDEN / case["file"]).read_bytes())
    body = request.body_for(case["method"])

    for part in case["values"].values():
        if isinstance(part, dict):
            meant = {
                "id": part.get("id") or 0,
                "texts": {name: part[name] for name in ("name", "surname", "email", "gsm") if name in part},
                "custom_fields": {int(field): value for field, value in part.get("custom_fields", {}).items()},
                "groups": part.get("groups", []),
            }
            understood = {
                "id": body.id,
                "texts": {**body.texts, **({"name": body.name} if body.name else {})},
                "custom_fields": dict(body.custom_fields or ()),
                "groups": list(body.groups or ()),
            }
            assert understood == meant
