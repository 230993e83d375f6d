"""Queues a mail in the caller's transaction: both commit, or neither does."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from string import ascii_lowercase

from jinja2 import Environment

from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.mail.model import Mail
from broker.mail.store import MailStore

_SUBJECT = "Subject: "


@dataclass(frozen=True)
class Outbox:
    """The one way to write to a person.

    ``templates/mail/<kind>.txt`` begins with its subject; ``<kind>.html`` says the same.
    """

    store: MailStore
    templates: Environment
    sender: str
    domain: str
    clock: Clock

    def send(
        self,
        kind: str,
        to: Secret,
        context: dict[str, object],
        *,
        expires_at: datetime | None,
        about: str | None = None,
    ) -> None:
        """Queue a mail about the account *about*; after *expires_at* it is not sent any more.

        Message-ID and text are fixed now, so that a copy sent twice by a crash is one message.
        """
        mail_id, now, reference = _name(), self.clock(), context.get("reference")
        message_id = f"<{mail_id}@{self.domain}>"
        message = self._compose(kind, to, context, message_id, now)
        message.set_boundary(f"=_{mail_id}")
        self.store.add(
            Mail(
                id=mail_id,
                kind=kind,
                about=about,
                reference=str(reference) if reference else None,
                message_id=message_id,
                recipient=to,
                content=Secret(message.as_string()),
                created_at=now,
                expires_at=expires_at,
            )
        )

    def cancel(self, about: str, *kinds: str, reference: str | None = None) -> None:
        """Give up mails of these kinds that still wait: what they say no longer holds.

        Those of one act alone, where its *reference* is given.
        """
        self.store.cancel(about, kinds, reference, self.clock())

    def undelivered(self, about: str, since: datetime | None = None) -> Secret | None:
        """Return the recipient of the account's newest mail, where the server refused it.

        None once a later one was taken; where *since* is given, of mails queued from then on.
        """
        return self.store.undelivered(about, since)

    def forget_undelivered(self, about: str) -> None:
        """Forget the recipients of refused mails about an account."""
        self.store.forget_undelivered(about)

    def _compose(
        self, kind: str, to: Secret, context: dict[str, object], message_id: str, now: datetime
    ) -> EmailMessage:
        written = self.templates.get_template(f"mail/{kind}.txt").render(context)
        subject, _, text = written.partition("\n")
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = Address(addr_spec=to.reveal())  # one address: no list, no other header
        message["Subject"] = subject.removeprefix(_SUBJECT).strip()
        message["Date"] = format_datetime(now)
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "fr"
        # Quoted-printable and short lines survive every relay; base64 hides the text from filters.
        message.set_content(text.lstrip("\n"), cte="quoted-printable")
        html = self.templates.get_template(f"mail/{kind}.html").render(context)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        return message


def _name() -> str:
    """Return 131 random bits as letters: a code's mail holds no other run of digits."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(28))
