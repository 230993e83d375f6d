"""The line to FranceConnect under a peer that is slow, endless, silent or gone."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from broker.base.turns import Turns
from broker.franceconnect.line import Breaker, Line, NarrowAdapter
from broker.franceconnect.model import TemporarilyUnavailable, UntrustedAnswer
from tests.support import peer
from tests.support.tls import self_signed

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@contextmanager
def a_peer(talk: Callable[[socket.socket], object]) -> Iterator[str]:
    """Yields the address of a peer that does *talk*, whatever it is asked."""
    with peer.a_peer(lambda connection, _request: talk(connection)) as port:
        yield f"http://127.0.0.1:{port}/"


def a_line(total: float = 5.0, turns: int = 2) -> Line:
    return Line(Turns(turns, 1), Breaker(), total)


def get(address: str) -> Callable[[], bytes]:
    def work() -> bytes:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", NarrowAdapter())
            session.mount("https://", NarrowAdapter())
            return session.get(address, allow_redirects=False).content

    return work


def test_reads_an_ordinary_answer() -> None:
    with a_peer(lambda c: c.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")) as address:
        assert a_line().run(get(address)) == b"ok"


def one_byte_at_a_time(content: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        for byte in content:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        one_byte_at_a_time(HEAD + b"X: " + b"x" * 1_000),
        one_byte_at_a_time(HEAD[:12]),
        lambda connection: (
            connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n"),
            one_byte_at_a_time(b"x" * 1_000)(connection),
        ),
        lambda _connection: time.sleep(5),
    ],
    ids=["slow head", "head that stops", "slow body", "silence"],
)
def test_stops_waiting_at_the_deadline_and_cuts_the_connection(
    talk: Callable[[socket.socket], None],
) -> None:
    with a_peer(talk) as address:
        started = time.monotonic()
        with pytest.raises(TemporarilyUnavailable, match="timeout"):
            a_line(total=0.5).run(get(address))
        assert time.monotonic() - started < 0.8
        for thread in threading.enumerate():
            if thread.name == "outgoing call":
                thread.join(timeout=2)
                assert not thread.is_alive()


def test_asks_nothing_more_after_the_deadline() -> None:
    asked = []

    def slow(connection: socket.socket) -> None:
        asked.append(1)
        time.sleep(0.4)
        connection.sendall(HEAD + b"Content-Length: 2\r\n\r\nok")

    with a_peer(slow) as address:
        with pytest.raises(TemporarilyUnavailable):
            a_line(total=0.2).run(lambda: [get(address)(), get(address)()])
        time.sleep(0.6)

    assert asked == [1]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (HEAD + b"Content-Length: 65537\r\n\r\n" + b"x" * 65_537, "too_large"),
        (HEAD + b"\r\n" + b"x" * 100_000, "too_large"),
        (b"HTTP/1.1 307 Go\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "redirect"),
    ],
)
def test_refuses_what_is_too_large_or_leads_elsewhere(answer: bytes, reason: str) -> None:
    with (
        a_peer(lambda c: c.sendall(answer)) as address,
        pytest.raises(UntrustedAnswer, match=reason),
    ):
        a_line().run(get(address))


def test_takes_exactly_64_kib() -> None:
    answer = HEAD + b"Content-Length: 65536\r\n\r\n" + b"x" * 65_536
    with a_peer(lambda c: c.sendall(answer)) as address:
        assert len(a_line().run(get(address))) == 65_536


@pytest.mark.parametrize(
    "answer",
    [b"", b"not http\r\n\r\n", HEAD + b"Content-Length: 10\r\n\r\nshort",
     HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"],
    ids=["nothing", "no HTTP", "cut body", "broken gzip"],
)  # fmt: skip
def test_a_broken_answer_is_an_outage(answer: bytes) -> None:
    with (
        a_peer(lambda c: c.sendall(answer)) as address,
        pytest.raises(TemporarilyUnavailable, match="unreachable"),
    ):
        a_line().run(get(address))


def test_a_refused_connection_is_an_outage() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(TemporarilyUnavailable, match="unreachable"):
            a_line().run(get(address))


def test_a_slow_franceconnect_does_not_hold_every_thread() -> None:
    line, leave = a_line(turns=1), threading.Event()
    holder = threading.Thread(target=lambda: line.run(leave.wait))
    holder.start()

    started = time.monotonic()
    with pytest.raises(TemporarilyUnavailable, match="busy"):
        line.run(lambda: None)

    assert time.monotonic() - started < 1
    leave.set()
    holder.join()
    line.run(lambda: None)


class Ticks:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_after_failures_in_a_row_refuses_at_once_then_lets_one_try() -> None:
    ticks = Ticks()
    line = Line(Turns(1, 0), Breaker(failures_allowed=2, monotonic=ticks))
    asked = []

    def fail() -> None:
        asked.append(1)
        raise TemporarilyUnavailable("http_503")

    for reason in ("http_503", "http_503", "breaker"):
        with pytest.raises(TemporarilyUnavailable, match=reason):
            line.run(fail)
    assert len(asked) == 2

    ticks.now += 20
    with pytest.raises(TemporarilyUnavailable, match="http_503"):
        line.run(fail)
    with pytest.raises(TemporarilyUnavailable, match="breaker"):
        line.run(fail)

    ticks.now += 20
    line.run(lambda: None)
    line.run(lambda: None)


def test_an_untrusted_answer_is_no_outage() -> None:
    line = Line(Turns(1, 0), Breaker(failures_allowed=1))

    def lie() -> None:
        raise UntrustedAnswer("signature")

    for _ in range(3):
        with pytest.raises(UntrustedAnswer):
            line.run(lie)


def test_a_fault_of_ours_gives_the_turn_back() -> None:
    line = a_line(turns=1)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            line.run(lambda: 1 / 0)


def test_whoever_gets_no_turn_does_not_spend_the_one_try() -> None:
    ticks = Ticks()
    line = Line(Turns(1, 1, patience=0), Breaker(failures_allowed=1, monotonic=ticks))
    line.breaker.failed()
    ticks.now += 20

    with line.turns.turn(), pytest.raises(TemporarilyUnavailable, match="busy"):
        line.run(lambda: None)

    line.run(lambda: None)


def test_while_franceconnect_fails_nobody_waits_for_a_turn_to_be_refused() -> None:
    line, leave = a_line(turns=1), threading.Event()
    holder = threading.Thread(target=lambda: line.run(leave.wait))
    holder.start()
    for _ in range(5):
        line.breaker.failed()

    with pytest.raises(TemporarilyUnavailable, match="breaker"):
        line.run(lambda: None)

    leave.set()
    holder.join()


def test_a_certificate_that_nobody_vouches_for_is_an_outage(tmp_path: Path) -> None:
    context = self_signed(tmp_path)

    def talk(connection: socket.socket) -> None:
        with suppress(OSError):  # the client hangs up on the certificate
            context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: talk(listening.accept()[0]))
        thread.start()
        with pytest.raises(TemporarilyUnavailable, match="tls"):
            a_line().run(get(f"https://localhost:{listening.getsockname()[1]}/"))
        thread.join()
