"""A received mail, reduced to what the page and the tests read, however odd it is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import default

# What Python's parser may raise on a mail that no sane program wrote.
_UNREADABLE = (MessageError, LookupError, ValueError, TypeError, AttributeError)


@dataclass(frozen=True)
class Message:
    """One mail; an absent part is an empty string."""

    to: str  # the envelope's recipients, comma separated: where it really went
    sender: str
    subject: str
    date: str  # as its header says
    text: str
    html: str
    received_at: str  # ISO 8601, UTC

    @classmethod
    def parse(cls, content: bytes, recipients: list[str], received_at: float) -> "Message":
        """Read *content* as received at *received_at*, in seconds since 1970; never raises."""
        arrival = datetime.fromtimestamp(received_at, UTC)
        mail = BytesParser(policy=default).parsebytes(content)
        return cls(
            to=", ".join(recipients),
            sender=_header(mail, "From"),
            subject=_header(mail, "Subject"),
            date=_header(mail, "Date"),
            text=_part(mail, "plain"),
            html=_part(mail, "html"),
            received_at=arrival.isoformat(timespec="milliseconds"),
        )


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return _printable(str(mail.get(name, "")))
    except _UNREADABLE:
        return ""


def _part(mail: EmailMessage, kind: str) -> str:
    try:
        body = mail.get_body(preferencelist=(kind,))
        return "" if body is None else _decoded(body)
    except _UNREADABLE:
        return ""


def _decoded(body: MIMEPart) -> str:
    """Decode by the declared charset, and as UTF-8 with marks where there is no such charset."""
    try:
        return _printable(str(body.get_content()))
    except (LookupError, ValueError):
        payload = body.get_payload(decode=True)
        return payload.decode(errors="replace") if isinstance(payload, bytes) else ""


def _printable(text: str) -> str:
    """Replace lone surrogates: they stand for undecodable bytes, and no browser takes them."""
    return text.encode(errors="surrogateescape").decode(errors="replace").replace("\r\n", "\n")
