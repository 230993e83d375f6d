"""E-mail addresses: what was typed, where mail goes, and what makes two of them the same."""

import re
from dataclasses import dataclass, field
from typing import Self

from email_validator import EmailNotValidError, validate_email

from broker.base.crypto import Secret
from broker.base.errors import InvalidField

_LONGEST = 254  # characters, RFC 5321 §4.5.3.1
# The usual shape, whose canonical form needs no library: it keeps bulk imports fast.
_PLAIN = re.compile(
    r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,20}"
)
_RESERVED = ("invalid", "localhost", "local", "onion", "arpa", "alt", "internal")


@dataclass(frozen=True, slots=True, eq=False)
class EmailAddress:
    r"""An address that has been checked, in the ASCII form to which mail is sent.

    Uniqueness is decided on ``canonical``, computed from that very form: no Unicode folding can
    make two different mailboxes one (``m\u0131ke@`` and ``mike@``).
    """

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person typed; InvalidField when mail cannot be sent there."""
        if len(text) > _LONGEST:
            raise InvalidField("email.invalid")
        if _PLAIN.fullmatch(text) and not text.lower().endswith(_RESERVED):
            local, _, domain = text.rpartition("@")
            if len(local) <= 64 and all(len(label) <= 63 for label in domain.split(".")):  # noqa: PLR2004 - RFC 5321 §4.5.3.1
                return cls(f"{local}@{domain.lower()}")
        return cls(_checked(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EmailAddress) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)

    @property
    def canonical(self) -> str:
        """The text whose digest must be unique: A to Z lower-cased; the value is ASCII."""
        return self.value.lower()

    @property
    def secret(self) -> Secret:
        """The address, as what mail is sent to and no log shows."""
        return Secret(self.value)

    @property
    def masked(self) -> str:
        """The address as pages may show it."""
        return masked(self.value)

    @property
    def local_part(self) -> str:
        """What stands before the @."""
        return self.value.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """What stands behind the @, in small letters: case tells no domains apart."""
        return self.value.rpartition("@")[2].lower()


def masked(address: str) -> str:
    """Return the address as pages may show it: ``j***@d***.fr``; empty where there is none."""
    local, at, domain = address.rpartition("@")
    name, _, ending = domain.rpartition(".")
    return f"{local[:1]}***@{name[:1]}***.{ending}" if at else ""


def _checked(text: str) -> str:
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=True,
            strict=True,
        )
    except EmailNotValidError:
        raise InvalidField("email.invalid") from None
    if found.ascii_email is None:
        raise InvalidField("email.invalid")
    return found.ascii_email
