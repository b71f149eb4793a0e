"""Answers with mistakes in them, in both formats and of every method: nouns, or an answer that nobody can read."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from sync.contact import Contact, Group
from sync.remote import Client
from sync.remote.methods import METHODS
from sync.remote.retry import http_date, pause_of
from sync.remote.shapes import Blacklist
from sync.remote.transport import Raw
from sync.settings import ApiSettings, Credentials
from tests.fakes import START, FakeClock
from tests.fuzz.mutating import mutated, tried

WIRE = Path(__file__).parents[1] / "wire"
GOLDEN = {wire: sorted({path.read_bytes() for path in WIRE.glob(f"*/*response*.{wire}")}) for wire in ("json", "xml")}
JSON = [b"[", b"]", b"{", b"}", b"null", b'"id":', b"1e400", b"-0", b'"\\ud800"', b"[" * 700, b'{"id":' * 400, b"true"]
XML = [b"<a>", b"</a>", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"&x;", b"<![CDATA[", b"]]>", b"<?x y?>", b"<id/>",
       b"<a>" * 300, b'<?xml version="1.0" encoding="utf-7"?>', b"&#0;", b"&#xd800;", b"xmlns='u'",
       b"<x:a/>"]  # fmt: skip
_CLIENTS = {
    wire: Client(
        ApiSettings("http://127.0.0.1:9/v1", wire=wire),  # type: ignore[arg-type]
        Credentials("one-key", "one-hash"),
        clock=FakeClock(),
        chance=random.Random(0),
    )
    for wire in ("json", "xml")
}


def _answers(wire: str, tokens: list[bytes]) -> st.SearchStrategy[bytes]:
    assert GOLDEN[wire]
    return st.sampled_from(GOLDEN[wire]).flatmap(lambda whole: mutated(whole, tokens=tokens))


def trees() -> st.SearchStrategy[Any]:
    """Any JSON at all, of the words that answers are made of."""
    names = st.sampled_from(
        ["id", "contact", "contacts", "groups", "group", "custom_fields", "count", "number", "value", "name"]
    )
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=8)
        | st.sampled_from(["7", "-1", "", " "])
    )
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
    )


def check_read(wire: str, body: bytes) -> None:
    """Whatever the method: what is read is a noun of ours with values that a request can hold."""
    for method in METHODS.values():
        answer, result = _CLIENTS[wire]._read(method, Raw(200, {}, body))
        assert answer.code is None or isinstance(answer.code, int)
        assert isinstance(answer.message, str)
        for noun in result if isinstance(result, list) else [result]:
            assert noun is None or isinstance(noun, Contact | Group | Blacklist)
            if isinstance(noun, Contact):
                assert isinstance(noun.id, int)
                texts: list[str] = [noun.name, noun.surname, noun.email, noun.gsm, *noun.custom_fields.values()]
                assert "".join(texts).encode() is not None, "no half of a letter"
                assert all(abs(each) < 10**18 for each in (noun.id, *noun.groups, *noun.custom_fields))


@given(_answers("json", JSON) | st.binary(max_size=60))
@example(b"[" * 100_000)
@example(b"9" * 5_000)
@example(b'{"response": {"status": {"code": ' + b"9" * 5_000 + b"}}}")
@tried(3)
def test_a_json_answer_with_mistakes_is_read_or_unreadable(body: bytes) -> None:
    check_read("json", body)


@given(_answers("xml", XML) | st.binary(max_size=60))
@example(b"<a>" * 100_000)
@example('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"))
@tried(3)
def test_an_xml_answer_with_mistakes_is_read_or_unreadable(body: bytes) -> None:
    check_read("xml", body)


@given(trees(), trees())
@tried(3)
def test_a_well_formed_answer_in_any_shape_is_read_or_unreadable(contact: Any, contacts: Any) -> None:
    payload: Mapping[str, Any] = {
        **dict.fromkeys(("contact", "group"), contact),
        **dict.fromkeys(("contacts", "groups", "blacklist"), contacts),
    }
    body = {"response": {"status": {"code": 200, "message": contact}, **payload}}

    check_read("json", json.dumps(body).encode())


@given(st.text(max_size=60) | mutated(b"Wed, 21 Oct 2026 07:28:00 GMT").map(lambda text: text.decode("latin-1")))
@example("Wed, 21 Oct 9999 23:59:59 GMT")
@example("Wed, 99 Oct 0000 99:99:99 GMT")
@tried(3)
def test_whatever_a_header_says_it_is_a_moment_a_pause_or_nothing(header: str) -> None:
    pause = pause_of(header, http_date(header) or START)

    assert pause is None or 0 <= pause <= 120
