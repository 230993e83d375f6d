"""Receivers on the network: syslog over TLS or TCP, and batches by HTTP."""

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests

from broker.audit.formats.syslog import framed
from broker.audit.sealing.sealed import Sealed
from broker.base.capped_http import BadAnswer, Call, CappedAdapter, NoAnswer
from broker.base.tls_session import TlsSession
from broker.exports.folder import Told
from broker.exports.syslog_message import SyslogMessages

_AT_ONCE = 500  # events
_REFUSED = 400


class OnNetwork:
    """Takes what there is, at once."""

    most: int = _AT_ONCE
    every: float = 1.0

    def ready(self, events: Sequence[Sealed], now: datetime) -> int:  # noqa: ARG002 - as others
        """Wait for nothing."""
        return len(events)


@dataclass(frozen=True)
class SyslogReceiver(OnNetwork):
    """One connection per batch: its orderly end tells that everything was read.

    Syslog confirms nothing (RFC 5425 §5.1); but a receiver of TLS answers the end of a connection
    (``close_notify``, §4.4), which comes behind all that was sent.
    """

    host: str
    port: int
    messages: SyslogMessages
    timeout: float
    context: ssl.SSLContext | None

    def send(self, events: Sequence[Sealed]) -> None:
        """Hand the batch over, or raise NoAnswer."""
        frames = b"".join(framed(self.messages.message(each)) for each in events)
        try:
            with socket.create_connection((self.host, self.port), self.timeout) as connection:
                _hand_over(connection, self.context, self.host, frames)
        except ssl.SSLError:
            raise NoAnswer("tls") from None
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except OSError:
            raise NoAnswer("unreachable") from None


def _hand_over(
    connection: socket.socket, context: ssl.SSLContext | None, host: str, frames: bytes
) -> None:
    if context:
        session = TlsSession.begin(connection, context, host)
        session.write(frames)
        session.end()
        return
    connection.sendall(frames)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(1_024):
        pass  # a receiver that talks: not of interest, until it has read to the end too


@dataclass(frozen=True)
class HttpReceiver(OnNetwork):
    """Posts JSON Lines; any answer of success is an acceptance of the whole batch."""

    address: str
    told: Told
    timeout: float
    verify: str | bool
    certificate: str | None
    authorization: Callable[[], str | None]

    def send(self, events: Sequence[Sealed]) -> None:
        """Post the batch, or raise CallFailed."""
        body = "".join(f"{self.told(each)}\n" for each in events).encode()
        status = Call(self.timeout).run(lambda: self._post(body))
        if status >= _REFUSED:
            raise BadAnswer(f"http_{status}")

    def _post(self, body: bytes) -> int:
        headers = {"Content-Type": "application/x-ndjson", "User-Agent": "compte-ameli"}
        authorization = self.authorization()
        if authorization:
            headers["Authorization"] = authorization
        with requests.Session() as session:
            session.trust_env = False
            session.mount("https://", CappedAdapter())
            session.mount("http://", CappedAdapter())
            answer = session.post(
                self.address,
                data=body,
                headers=headers,
                verify=self.verify,
                cert=self.certificate,
                allow_redirects=False,
            )
        return answer.status_code


def tls_context(authority: Path | None, certificate: Path | None) -> ssl.SSLContext:
    """Return how a receiver is believed, and what it is shown: the host's name is verified."""
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate)
    return context
