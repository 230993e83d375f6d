"""The ways in which an alert leaves the service: a webhook, a line of syslog."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from broker.audit.formats.syslog import element, framed, syslog_message
from broker.audit.taxonomy import Severity
from broker.base.capped_http import CallFailed
from broker.base.clock import Clock, epoch
from broker.base.crypto import Secret
from broker.base.outgoing import Outgoing
from broker.base.tls_session import TlsSession
from broker.detection.model import Alert

_PREFIX = "whsec_"
_PATIENCE = 4.0  # seconds, for each step of a connection
_PORTS = {"udp": 514, "tcp": 601, "tls": 6514}  # RFC 5426, RFC 6587, RFC 5425


class Channel(Protocol):
    """One way out; ``send`` raises CallFailed where the receiver may not have got it."""

    @property
    def name(self) -> str:
        """Under which notices wait for it."""

    def send(self, notice_id: str, alert: Alert, title: str) -> None:
        """Hand an alert over; the receiver tells a repetition by its *notice_id*."""


@dataclass(frozen=True)
class Webhook:
    """POSTs JSON, signed as Standard Webhooks 1.0 says, to an address that is judged each time."""

    outgoing: Outgoing
    address: str
    secret: Secret
    clock: Clock
    name: str = "webhook"

    def send(self, notice_id: str, alert: Alert, title: str) -> None:
        """Hand over; any answer below 300 says that it arrived."""
        body = json.dumps({"type": "detection.alerted", "data": _told(alert, title)}).encode()
        moment = str(epoch(self.clock()))
        headers = {
            "webhook-id": notice_id,
            "webhook-timestamp": moment,
            "webhook-signature": signature(self.secret, notice_id, moment, body),
        }
        status = self.outgoing.post_json(self.address, body, headers).status
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise CallFailed(str(status))


def signature(secret: Secret, notice_id: str, moment: str, body: bytes) -> str:
    """Return what proves who sent it and when: HMAC-SHA256 of id, time and body."""
    key = base64.b64decode(secret.reveal().removeprefix(_PREFIX))
    signed = f"{notice_id}.{moment}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"


@dataclass(frozen=True)
class Syslog:
    """Writes one message of RFC 5424 over UDP, TCP or TLS, to a collector of the operator's."""

    transport: str
    host: str
    port: int
    sender: str
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    name: str = "syslog"

    @classmethod
    def of_url(cls, url: str, sender: str) -> Self:
        """Return the channel of ``udp://``, ``tcp://`` or ``tls://`` and a host."""
        place = urlsplit(url)
        return cls(place.scheme, place.hostname or "", place.port or _PORTS[place.scheme], sender)

    def send(self, notice_id: str, alert: Alert, title: str) -> None:
        """Hand over; UDP never tells whether it arrived, TCP only that it was taken."""
        facts = {"notice": notice_id, **_told(alert, title)}
        severity = Severity[alert.severity.name]
        message = syslog_message(
            severity, alert.raised_at, self.sender, "detection.alerted", element("alert", facts)
        )
        try:
            self._write(message)
        except ssl.SSLError:
            raise CallFailed("tls") from None
        except OSError as failure:
            raise CallFailed(type(failure).__name__) from None

    def _write(self, message: bytes) -> None:
        if self.transport == "udp":
            family, kind, protocol, _, place = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_DGRAM
            )[0]
            with socket.socket(family, kind, protocol) as sender:
                sender.sendto(message, place)
            return
        with socket.create_connection((self.host, self.port), _PATIENCE) as connection:
            if self.transport == "tcp":
                connection.sendall(framed(message))
                return
            session = TlsSession.begin(connection, self.tls(), self.host)
            session.write(framed(message))
            session.end()


def _told(alert: Alert, title: str) -> Mapping[str, Any]:
    return {
        "reference": alert.reference,
        "rule": alert.rule,
        "title": title,
        "severity": str(alert.severity),
        "group_by": str(alert.group_by),
        "group": alert.group_value,
        "counted": alert.counted,
        "first_at": alert.first_at.isoformat(),
        "last_at": alert.last_at.isoformat(),
        "raised_at": alert.raised_at.isoformat(),
    }
