"""SMTP: hands one message to the mail server."""

import smtplib
import ssl
from contextlib import suppress
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
    """The server did not take the message; ``permanent`` when asking again is useless.

    ``status`` is the server's reply; None where nobody answered.
    """

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
            server = self._connection()
            try:
                server.sendmail(self.sender, [mail.recipient.reveal()], mail.content.reveal())
            finally:
                _leave(server)
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
        except UnicodeError:  # SMTP is ASCII: no later try will change that
            raise Refused(permanent=True, status=None) from None

    def _connection(self) -> smtplib.SMTP:
        if self.tls:
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            self._prepare(server)
        except BaseException:
            server.close()
            raise
        return server

    def _prepare(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        near = _is_loopback(self.host)
        protected = self.tls or near
        if not protected and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            protected = True
        if self.user and self.password:
            if not protected:
                raise smtplib.SMTPException  # a password never travels in clear
            server.login(self.user, self.password.reveal())


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye: a server that took the mail and then fails at this has taken it."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
