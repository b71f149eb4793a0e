"""In: a literal book. Out: a running sandbox and a client that sends bodies written by hand."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sync.sandbox import BookState, SandboxServer

BOOK: dict[str, Any] = {
    "credentials": {"key": "sandbox-key", "hash": "sandbox-hash"},
    "custom_fields": [1, 2, 3],
    "groups": [
        {"id": 7, "name": "Müşteriler", "parent": None},
        {"id": 9, "name": "Bayiler", "parent": None},
        {"id": 12, "name": "İstanbul", "parent": 7},
    ],
    "contacts": [
        {
            "id": 1009,
            "name": "Işık",
            "surname": "Yıldız",
            "email": "isik@example.com",
            "gsm": "+905000000001",
            "custom_fields": {"1": "27/09/2024", "2": "cip"},
            "groups": [9, 12],
        },
        {
            "id": 1010,
            "name": "Çağla",
            "surname": "Örnek",
            "email": "cagla@example.com",
            "gsm": "05000000002",
            "custom_fields": {},
            "groups": [7],
        },
        {"id": 1011, "name": "İpek", "surname": "Deneme", "gsm": "+905000000003", "groups": []},
    ],
    "blacklist": [
        {"number": "+905000000008", "added": "2024-09-26 10:00:00"},
        {"number": "+905000000009", "added": "2024-09-27 01:10:00"},
    ],
}

JSON = "application/json"
XML = "text/xml; charset=utf-8"


@dataclass
class Api:
    """Sends to a running sandbox; answers are httpx responses."""

    server: SandboxServer
    client: httpx.Client

    def post(self, path: str, body: str | bytes, content_type: str | None) -> httpx.Response:
        content = body.encode() if isinstance(body, str) else body
        headers = {} if content_type is None else {"Content-Type": content_type}
        return self.client.post(self.server.base_url + path, content=content, headers=headers)

    def json(self, method: str, part: str = "") -> httpx.Response:
        """Sends `part` as JSON beside valid credentials."""
        rest = f", {part}" if part else ""
        body = '{"request": {"authentication": {"key": "sandbox-key", "hash": "sandbox-hash"}' + rest + "}}"
        return self.post(f"/{method}/json", body, JSON)

    def xml(self, method: str, part: str = "") -> httpx.Response:
        """Sends `part` as XML beside valid credentials."""
        credentials = "<authentication><key>sandbox-key</key><hash>sandbox-hash</hash></authentication>"
        return self.post(f"/{method}", f"<request>{credentials}{part}</request>", XML)

    def code(self, method: str, part: str = "") -> int:
        """Sends `part` as JSON and returns the code in the body, which is also the HTTP status."""
        response = self.json(method, part)
        code = response.json()["response"]["status"]["code"]
        assert response.status_code == code
        return code

    def got(self, method: str, part: str = "") -> Any:
        """Sends `part` as JSON and returns what stands beside the status of a success."""
        answer = self.json(method, part).json()["response"]
        assert answer.pop("status") == {"code": 200, "message": "İşlem başarılı"}
        (payload,) = answer.values()
        return payload

    def contact(self, contact_id: int = 1009) -> Any:
        return self.got("get-contact", f'"contact": {{"id": {contact_id}}}')


@pytest.fixture
def book() -> dict[str, Any]:
    return deepcopy(BOOK)


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def serve(book: dict[str, Any], client: httpx.Client) -> Iterator[Callable[..., Api]]:
    """Starts sandboxes with the literal book (or `book=…`) and the server's own arguments."""
    with ExitStack() as stack:

        def start(book: dict[str, Any] = book, **arguments: Any) -> Api:
            server = SandboxServer(BookState.from_dict(json.loads(json.dumps(book))), **arguments)
            return Api(stack.enter_context(server), client)

        yield start


@pytest.fixture
def api(serve: Callable[..., Api]) -> Api:
    return serve()
