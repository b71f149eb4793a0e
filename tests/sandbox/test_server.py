"""HTTP on loopback: connections, limits, starting and stopping."""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sync.sandbox import BookState, Faults, SandboxServer
from tests.sandbox.raw import GROUPS, connect, eventually


def dial(server: SandboxServer) -> socket.socket:
    address = urlsplit(server.base_url)
    return socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10)


def ask(connection: http.client.HTTPConnection) -> int:
    connection.request("POST", "/v1/get-groups/json", GROUPS, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status


def test_one_connection_carries_many_requests(api: Any) -> None:
    connection = connect(api.server)
    connection.connect()
    used = connection.sock

    assert [ask(connection) for _ in range(5)] == [200] * 5

    assert connection.sock is used
    connection.close()


def test_a_refusal_keeps_the_connection(api: Any) -> None:
    connection = connect(api.server)
    connection.connect()
    used = connection.sock
    connection.request("POST", "/v1/get-groups/json", "{", {"Content-Type": "application/json"})
    assert connection.getresponse().read() is not None

    assert ask(connection) == 200
    assert connection.sock is used
    connection.close()


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize(("path", "start"), [("/get-groups/json", '{"response"'), ("/get-groups", "<?xml")])
def test_everything_but_post_is_404_in_the_envelope(api: Any, verb: str, path: str, start: str) -> None:
    response = api.client.request(verb, api.server.base_url + path, content=GROUPS.encode())

    assert response.status_code == 404
    assert response.text.startswith(start)
    assert "API istek yapılan yönteme sahip değil" in response.text


def test_head_is_404_without_a_body(api: Any) -> None:
    assert api.client.head(api.server.base_url + "/get-groups").status_code == 404


def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_400(api: Any) -> None:
    name = "x" * ((1 << 20) - 130)
    room = (1 << 20) - len(GROUPS[:-2] + f', "contact": {{"name": "{name}"}}' + "}}")
    body = GROUPS[:-2] + f', "contact": {{"name": "{name + "x" * room}"}}' + "}}"

    assert len(body) == 1 << 20
    assert api.post("/add-contact/json", body, "application/json").status_code == 200
    assert api.post("/add-contact/json", body + " ", "application/json").status_code == 400


@pytest.mark.parametrize(
    "head",
    [
        b"POST /v1/get-groups/json HTTP/1.1\r\nContent-Length: 100000000000\r\n\r\n",
        b"POST /v1/get-groups/json HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/get-groups/json HTTP/1.1\r\n\r\n",
        b"POST /v1/get-groups/json HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"POST /v1/get-groups/json HTTP/9.9\r\n\r\n",
        b"POST /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_readable_as_http_is_400_and_the_end_of_the_connection(api: Any, head: bytes) -> None:
    with dial(api.server) as connection:
        connection.sendall(head)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "İstek çözümlenemedi".encode() in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /v1/get-gro",
        b"POST /v1/get-groups/json HTTP/1.1\r\nContent-Length: 500\r\n\r\n{",
    ],
)
def test_a_client_that_hangs_up_leaves_no_trace(api: Any, capfd: Any, sent: bytes) -> None:
    with dial(api.server) as connection:
        connection.sendall(sent)

    assert api.code("get-groups") == 200
    assert [entry.method for entry in api.server.ledger if entry.code == 200] == ["get-groups"]
    assert capfd.readouterr() == ("", "")


def test_a_client_that_does_not_wait_for_the_answer_prints_nothing(serve: Callable[..., Any], capfd: Any) -> None:
    contacts = [{"id": number, "name": "x" * 5000} for number in range(1, 1001)]
    api = serve(book={"contacts": contacts})
    body = GROUPS[:-2] + ', "search": {"key": "xxx"}}}'
    head = f"POST /v1/search-contacts/json HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    with dial(api.server) as connection:
        # Closing with unread data resets the connection while the answer, 5 MB, is being written.
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        connection.recv(1)

    assert api.code("get-groups") == 200
    api.server.stop()
    assert capfd.readouterr() == ("", "")


def test_the_book_is_saved_when_the_server_stops(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    with SandboxServer(BookState(), data_path=path) as server:
        server.state.add_group("Bayiler", None)

    assert [group.name for group in BookState.load(path).groups.values()] == ["Bayiler"]


def test_the_book_is_saved_while_the_server_runs(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    with SandboxServer(BookState(), data_path=path) as server:
        server.state.add_group("Bayiler", None)

        assert eventually(path.exists)
        assert [group.name for group in BookState.load(path).groups.values()] == ["Bayiler"]


def test_a_book_that_cannot_be_saved_is_an_error_at_the_end(tmp_path: Path) -> None:
    server = SandboxServer(BookState(), data_path=tmp_path / "missing" / "book.json")

    with pytest.raises(OSError, match="missing"), server:
        pass


def test_stopping_ends_idle_connections_at_once(serve: Callable[..., Any]) -> None:
    api = serve()
    connections = [connect(api.server) for _ in range(20)]
    assert [ask(connection) for connection in connections] == [200] * 20

    before = time.monotonic()
    api.server.stop()

    assert time.monotonic() - before < 0.9
    assert [connection.sock.recv(1) for connection in connections] == [b""] * 20
    for connection in connections:
        connection.close()


def test_a_request_under_way_is_answered_when_the_server_stops(serve: Callable[..., Any]) -> None:
    arrived, released = threading.Event(), threading.Event()

    def hold(_: float) -> None:
        arrived.set()
        released.wait(5)

    api = serve(faults=Faults(latency=1), sleep=hold)
    connection = connect(api.server)
    connection.request("POST", "/v1/get-groups/json", GROUPS, {"Content-Type": "application/json"})
    assert arrived.wait(5)
    stopper = threading.Thread(target=api.server.stop)
    stopper.start()
    assert eventually(api.server._stopping.is_set)
    released.set()

    assert connection.getresponse().status == 200
    stopper.join()
    connection.close()


def test_nothing_is_carried_out_after_the_server_has_stopped(tmp_path: Path) -> None:
    arrived, released = threading.Event(), threading.Event()

    def hold(_: float) -> None:
        arrived.set()
        released.wait(10)

    path = tmp_path / "book.json"
    server = SandboxServer(BookState(), faults=Faults(latency=1), sleep=hold, data_path=path)
    with server:
        connection = connect(server)
        body = GROUPS[:-2] + ', "group": {"name": "Bayiler"}}}'
        connection.request("POST", "/v1/add-group/json", body, {"Content-Type": "application/json"})
        assert arrived.wait(5)
    released.set()

    assert eventually(lambda: len(server.ledger) == 1)
    assert server.ledger[0].code is None
    assert server.state.groups == {}
    connection.close()


def test_stopping_twice_is_stopping_once(serve: Callable[..., Any]) -> None:
    api = serve()
    api.server.stop()
    api.server.stop()


def test_a_server_that_was_stopped_does_not_serve_again() -> None:
    server = SandboxServer(BookState())
    server.stop()

    server.serve_forever()

    assert "sandbox" not in [thread.name for thread in threading.enumerate()]


def test_a_server_that_was_never_started_can_be_stopped() -> None:
    SandboxServer(BookState()).stop()


def test_serve_forever_ends_when_another_thread_stops_it(tmp_path: Path) -> None:
    server = SandboxServer(BookState(), data_path=tmp_path / "book.json")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = connect(server)
    assert ask(connection) == 200
    connection.close()

    server.stop()
    thread.join(5)

    assert not thread.is_alive()
    assert (tmp_path / "book.json").exists()


def test_a_port_that_is_taken_is_an_os_error(api: Any, tmp_path: Path) -> None:
    port = urlsplit(api.server.base_url).port

    with pytest.raises(OSError, match="in use"):
        SandboxServer(BookState(), port=int(port or 0), ledger_path=tmp_path / "ledger.jsonl")


def test_requests_from_many_connections_are_all_carried_out_once(api: Any) -> None:
    body = GROUPS[:-2] + ', "contact": {"name": "Deniz"}}}'

    def add() -> None:
        connection = connect(api.server)
        for _ in range(25):
            connection.request("POST", "/v1/add-contact/json", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(each.contact_id for each in api.server.ledger) == list(range(1012, 1212))
    assert sorted(each.number for each in api.server.ledger) == list(range(1, 201))
    assert len(api.server.state.contacts) == 203
