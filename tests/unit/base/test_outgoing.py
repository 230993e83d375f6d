"""Calls to addresses of partners: public places only, resolved once, within limits."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from broker.base.capped_http import BadAnswer, NoAnswer
from broker.base.db import Database
from broker.base.outgoing import Outgoing, is_public
from broker.foundation import Foundation
from tests.support.peer import Talk, a_peer
from tests.support.tls import self_signed

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n"


def says(answer: bytes) -> Talk:
    return lambda connection, _request: connection.sendall(answer)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def db(app) -> Database:
    return app.extensions["broker"][Foundation].db


@pytest.fixture
def lenient(db: Database) -> Outgoing:
    return Outgoing.of(db, lenient=True, threads=4)


@pytest.fixture
def strict(db: Database) -> Outgoing:
    return Outgoing.of(db, lenient=False, threads=4)


class Names:
    """A name server whose answers are told in advance, one per question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **_kind: Any) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in self.answers.pop(0)
        ]


def test_reads_an_answer_and_how_long_it_may_be_kept(lenient):
    with a_peer(says(OK + b"Cache-Control: public, max-age=60\r\n\r\nok")) as port:
        answer = lenient.get(f"http://127.0.0.1:{port}/")

    assert (answer.status, answer.body, answer.max_age) == (200, b"ok", 60)


@pytest.mark.parametrize("header", [b"", b"Cache-Control: no-store\r\n",
                                    b"Cache-Control: s-max-age=9\r\n"])  # fmt: skip
def test_an_answer_that_names_no_age_has_none(lenient, header):
    with a_peer(says(OK + header + b"\r\nok")) as port:
        assert lenient.get(f"http://127.0.0.1:{port}/").max_age is None


def test_posts_a_form(lenient):
    received = []

    def talk(connection, request):
        while not request.endswith(b"a.b.c"):
            request += connection.recv(100)
        received.append(request)
        connection.sendall(OK + b"\r\nok")

    with a_peer(talk) as port:
        lenient.post(f"http://127.0.0.1:{port}/", {"logout_token": "a.b.c"})

    assert received[0].startswith(b"POST / HTTP/1.1")
    assert received[0].endswith(b"logout_token=a.b.c")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "240.0.0.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1",
     "fec0::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1",
     "64:ff9b:1::1", "2002:0a00:0001::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
)  # fmt: skip
def test_knows_what_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["9.9.9.9", "11.0.0.0", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888",
     "::ffff:9.9.9.9", "64:ff9b::9.9.9.9"],
)  # fmt: skip
def test_knows_what_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_nothing_inside_is_called(strict, host):
    """Other ways to write an address are read by the resolver, not by us."""
    with a_peer(says(OK + b"\r\nok")) as port, pytest.raises(BadAnswer, match="not_public"):
        strict.get(f"https://{host}:{port}/")


def test_a_name_that_leads_inside_too_is_refused(strict, db):
    names = Names(["9.9.9.9", "10.0.0.1"])
    outgoing = Outgoing(False, db, strict.turns, resolve=names)

    with pytest.raises(BadAnswer, match="not_public"):
        outgoing.get("https://partenaire.test/jwks")


def test_the_name_is_asked_once_and_the_judged_address_is_called(lenient, db):
    """A second answer, after the judgement, would be DNS rebinding."""
    names, hosts = Names(["127.0.0.1"], ["127.0.0.2"]), []

    def talk(connection, request):
        hosts.append((connection.getsockname()[0], request))
        connection.sendall(OK + b"\r\nok")

    outgoing = Outgoing(True, db, lenient.turns, resolve=names)
    with a_peer(talk) as port:
        outgoing.get(f"http://partenaire.test:{port}/jwks")

    assert names.asked == ["partenaire.test"]
    assert hosts[0][0] == "127.0.0.1"
    assert f"Host: partenaire.test:{port}".encode() in hosts[0][1]


def test_the_next_address_is_tried_where_one_is_closed(lenient, db):
    with a_peer(says(OK + b"\r\nok")) as port:
        names = Names(["127.0.0.2", "127.0.0.1"])
        outgoing = Outgoing(True, db, lenient.turns, resolve=names)
        assert outgoing.get(f"http://partenaire.test:{port}/").status == 200


@pytest.mark.parametrize("address", ["http://partenaire.test/", "ftp://partenaire.test/", "/x"])
def test_only_https_is_called_outside_the_demo(strict, address):
    with pytest.raises(BadAnswer, match="not_https"):
        strict.get(address)


@pytest.mark.parametrize("address", ["http://a..b/", "http:///x", f"http://{'a' * 64}.test/"])
def test_an_address_that_cannot_be_read_is_refused(lenient, address):
    with pytest.raises((BadAnswer, NoAnswer)):
        lenient.get(address)


def test_a_certificate_that_nobody_vouches_for_is_refused(lenient, tmp_path):
    context = self_signed(tmp_path)

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with suppress(OSError):  # the client hangs up on the certificate
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(NoAnswer, match="tls"):
            lenient.get(f"https://localhost:{listening.getsockname()[1]}/")
        thread.join()


def test_a_redirect_is_not_followed(lenient):
    asked = []

    def talk(connection, request):
        asked.append(request)
        connection.sendall(b"HTTP/1.1 302 Go\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n")

    with a_peer(talk) as port, pytest.raises(BadAnswer, match="redirect"):
        lenient.get(f"http://127.0.0.1:{port}/")

    assert len(asked) == 1


@pytest.mark.parametrize(("size", "accepted"), [(65_536, True), (65_537, False)])
def test_an_answer_has_64_kib_at_most(lenient, size, accepted):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()
    with a_peer(says(head + b"x" * size)) as port:
        if accepted:
            assert len(lenient.get(f"http://127.0.0.1:{port}/").body) == size
            return
        with pytest.raises(BadAnswer, match="too_large"):
            lenient.get(f"http://127.0.0.1:{port}/")


def test_a_failing_peer_is_no_answer_and_its_refusal_is_one(lenient):
    busy, absent = (
        f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
        for status in ("503 Busy", "404 No")
    )
    with a_peer(says(busy)) as port, pytest.raises(NoAnswer, match="http_503"):
        lenient.get(f"http://127.0.0.1:{port}/")
    with a_peer(says(absent)) as port:
        assert lenient.get(f"http://127.0.0.1:{port}/").status == 404


def test_a_slow_peer_is_left_in_time(lenient, db):
    def drip(connection, _request):
        connection.sendall(OK)
        while True:
            connection.sendall(b"X: y\r\n")
            time.sleep(0.05)

    outgoing = Outgoing(True, db, lenient.turns, total=0.3)
    with a_peer(drip) as port:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match="timeout"):
            outgoing.get(f"http://127.0.0.1:{port}/")

    assert time.monotonic() - started < 0.7


def test_a_name_server_that_never_answers_is_left_in_time(lenient, db):
    leave = threading.Event()
    outgoing = Outgoing(
        True, db, lenient.turns, total=0.2, resolve=lambda *_a, **_k: [leave.wait(5)]
    )

    started = time.monotonic()
    with pytest.raises(NoAnswer, match="timeout"):
        outgoing.get("http://partenaire.test/")

    assert time.monotonic() - started < 0.6
    leave.set()


def test_partners_never_hold_every_thread(db):
    outgoing = Outgoing.of(db, lenient=True, threads=2)
    leave = threading.Event()
    with a_peer(lambda _connection, _request: leave.wait(5)) as port:
        holder = threading.Thread(target=_ignoring_failure(outgoing, port))
        holder.start()
        time.sleep(0.1)
        with pytest.raises(NoAnswer, match="busy"):
            outgoing.get(f"http://127.0.0.1:{port}/")
        leave.set()
        holder.join()


def _ignoring_failure(outgoing: Outgoing, port: int) -> Callable[[], None]:
    def work() -> None:
        with pytest.raises(NoAnswer):
            outgoing.get(f"http://127.0.0.1:{port}/")

    return work


def test_nothing_is_called_while_a_transaction_is_open(lenient, db):
    with (
        a_peer(says(OK + b"\r\nok")) as port,
        db.transaction(),
        pytest.raises(RuntimeError, match="transaction"),
    ):
        lenient.get(f"http://127.0.0.1:{port}/")
