"""A connection that breaks amid a request: what came of it by then asks for nothing."""

import base64
import socket

import pytest

from tests.support.stack import Stack

pytestmark = pytest.mark.processes
FORM = "application/x-www-form-urlencoded"
WHOLE = b"token=abcdefgh&token_type_hint=refresh_token"
STRANGER = base64.b64encode(b"inconnu:secret").decode()


def broken(stack: Stack, head: tuple[str, ...], sent: bytes) -> str:
    """Send a head and a body, then nothing more; return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", stack.backends[0]), timeout=10) as connection:
        lines = ("POST /revoke HTTP/1.1", f"Host: localhost:{stack.ports['broker']}", *head)
        connection.sendall("\r\n".join((*lines, "", "")).encode() + sent)
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
