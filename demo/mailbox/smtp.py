"""An SMTP server that accepts every mail and delivers none."""

import time
from collections.abc import Callable

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.mailbox.memory import Mailbox
from demo.mailbox.message import Message

_LARGEST_MAIL_BYTES = 2_000_000


class Sink:
    """aiosmtpd's handler: puts each accepted mail into the mailbox."""

    def __init__(self, mailbox: Mailbox, now: Callable[[], float] = time.time) -> None:
        self._mailbox = mailbox
        self._now = now

    async def handle_DATA(  # noqa: N802  (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail under its envelope's recipients."""
        content = envelope.original_content or b""
        self._mailbox.add(Message.parse(content, envelope.rcpt_tos, self._now()))
        return "250 OK"


def smtp_server(mailbox: Mailbox, port: int) -> Controller:
    """Return a server for 127.0.0.1:*port*, to be started and stopped; it has its own thread."""
    return Controller(
        Sink(mailbox),
        hostname="127.0.0.1",
        port=port,
        data_size_limit=_LARGEST_MAIL_BYTES,
        enable_SMTPUTF8=True,
    )
