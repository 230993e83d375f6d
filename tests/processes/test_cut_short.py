"""A connection that breaks amid a request: what came of it by then asks for nothing."""

import base64
import socket

import pytest

from tests.support.stack import Stack

pytestmark = pytest.mark.processes
FORM = "application/x-www-form-urlencoded"
WHOLE = b"token=abcdefgh&token_type_hint=refresh_token"
STRANGER = base64.b64encode(b"inconnu:secret").decode()
IN_CHUNKS = (
    f"Content-Type: {FORM}",
    "Transfer-Encoding: chunked",
    f"Authorization: Basic {STRANGER}",
)
CHUNK = f"{len(WHOLE):x}\r\n".encode() + WHOLE
REFUSED = "HTTP/1.1 411 Length Required"


def broken(stack: Stack, head: tuple[str, ...], body: bytes) -> str:
    """Send a head and a body, then nothing more; return the first line of the answer."""
    return sent(stack, head, body, ends=True)


def sent(stack: Stack, head: tuple[str, ...], body: bytes, *, ends: bool = False) -> str:
    """Send a head and a body; return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", stack.backends[0]), timeout=10) as connection:
        lines = ("POST /revoke HTTP/1.1", f"Host: localhost:{stack.ports['broker']}", *head)
        connection.sendall("\r\n".join((*lines, "", "")).encode() + body)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").readline().decode().strip()


@pytest.mark.parametrize("also", [(), ("Cookie: langue=fr",)], ids=["ahead", "flask"])
@pytest.mark.parametrize("missing", [1, 20, len(WHOLE)])
def test_half_a_form_is_refused_before_anything_is_read_of_it(stack: Stack, also, missing):
    head = (
        f"Content-Type: {FORM}",
        f"Content-Length: {len(WHOLE)}",
        f"Authorization: Basic {STRANGER}",
        *also,
    )
    before = len(stack.events("--type", "client.auth.failed"))

    answered = broken(stack, head, WHOLE[:-missing])

    assert answered in {"", "HTTP/1.1 400 Bad Request"}
    assert len(stack.events("--type", "client.auth.failed")) == before


@pytest.mark.parametrize("also", [(), ("Cookie: langue=fr",)], ids=["ahead", "flask"])
@pytest.mark.parametrize("end", [b"", b"\r\n"], ids=["amid", "between"])
def test_a_form_in_chunks_that_breaks_off_asks_for_nothing(stack: Stack, also, end):
    before = len(stack.events("--type", "client.auth.failed"))

    answered = broken(stack, (*IN_CHUNKS, *also), CHUNK + end)

    assert answered in {"", REFUSED}
    assert len(stack.events("--type", "client.auth.failed")) == before


@pytest.mark.parametrize("also", [(), ("Cookie: langue=fr",)], ids=["ahead", "flask"])
def test_a_form_in_chunks_is_refused_since_the_server_tells_no_whole_one(stack: Stack, also):
    before = len(stack.events("--type", "client.auth.failed"))

    answered = sent(stack, (*IN_CHUNKS, *also), CHUNK + b"\r\n0\r\n\r\n")

    assert answered == REFUSED
    assert len(stack.events("--type", "client.auth.failed")) == before
