"""SMTP: hands one message to the mail server."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Self
from urllib.parse import unquote, urlsplit

from broker.base.crypto import Secret
from broker.mail.model import Mail

_PERMANENT = 500  # SMTP reply codes from here on are final (RFC 5321 §4.2.1)
_PORTS = {"smtp": 25, "smtps": 465}


class Refused(Exception):
    """The server did not take the message; ``permanent`` when asking again is useless."""

    def __init__(self, *, permanent: bool, status: int | None) -> None:
        super().__init__(status)
        self.permanent = permanent
        self.status = status


@dataclass(frozen=True)
class SmtpServer:
    """Where and how mail leaves (``BROKER_SMTP_URL``)."""

    host: str
    port: int
    tls: bool
    sender: str
    timeout: float
    user: str | None = None
    password: Secret | None = field(default=None, repr=False)

    @classmethod
    def of_url(cls, url: Secret, sender: str, timeout: float) -> Self:
        """Read ``smtp://`` or ``smtps://``, with credentials or not."""
        parts = urlsplit(url.reveal())
        return cls(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or _PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            sender=parseaddr(sender)[1],
            timeout=timeout,
            user=unquote(parts.username) if parts.username else None,
            password=Secret(unquote(parts.password)) if parts.password else None,
        )

    def deliver(self, mail: Mail) -> None:
        """Hand the mail over, or raise Refused."""
        try:
            with self._connection() as server:
                content = mail.content.reveal().encode("ascii", "surrogateescape")
                server.sendmail(self.sender, [mail.recipient.reveal()], content)
        except smtplib.SMTPRecipientsRefused as error:
            status = max(code for code, _ in error.recipients.values())
            raise Refused(permanent=status >= _PERMANENT, status=status) from None
        except smtplib.SMTPResponseException as error:
            status = error.smtp_code
            # A refused login or sender is ours to mend, not the person's: try again later.
            final = status >= _PERMANENT and isinstance(error, smtplib.SMTPDataError)
            raise Refused(permanent=final, status=status) from None
        except (smtplib.SMTPException, OSError):
            raise Refused(permanent=False, status=None) from None

    def _connection(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
            server.ehlo()
            if server.has_extn("starttls") and not _is_loopback(self.host):
                server.starttls(context=context)
        if self.user and self.password:
            server.login(self.user, self.password.reveal())
        return server


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
