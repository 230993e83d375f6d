"""An account and its life: pending, active, suspended, closed; and the ways it says no."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from broker.accounts.email_address import EmailAddress, masked
from broker.accounts.telephone import Telephone
from broker.base.crypto import Secret
from broker.base.errors import Refusal
from broker.insured.nir import Nir


class Status(StrEnum):
    """Where an account is in its life; a purged account is no row at all."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Channel(StrEnum):
    """How an account came to be."""

    CARD = "card"
    FRANCECONNECT = "franceconnect"
    APP = "app"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class UpstreamIdentity:
    """The key under which FranceConnect knows a person (OpenID Connect Core §2: iss and sub)."""

    iss: str
    sub: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tie:
    """An identity that opens an account, and since when."""

    identity: UpstreamIdentity
    tied_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """An answer to one question, and which text asked it."""

    purpose: str
    given: bool
    text_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How the Assurance Maladie may reach the person beside mail, and for what."""

    mobile: Telephone | None = None
    landline: Telephone | None = None
    consents: tuple[Consent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Reach):
    """How the Assurance Maladie may reach the person."""

    email: EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """All that a completed journey gives; ``reference`` ties mail, trail and adviser together."""

    insured_id: str
    nir: Nir
    contact: Contact
    password_hash: Secret
    channel: Channel
    terms_version: str
    terms_accepted_at: datetime
    reference: str
    upstream: UpstreamIdentity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account without its secrets; ``email`` is empty where the register gave none usable."""

    id: str
    insured_id: str
    nir: Nir
    status: Status
    email: Secret
    email_changed_at: datetime | None
    """When another address had its place last; None: it has been the same from the beginning."""
    code_required: bool
    """Whether the next login asks a code on any browser: the first one, or after a reset."""
    has_password: bool
    channel: Channel
    created_at: datetime
    activated_at: datetime | None
    reference: str | None
    """The reference of the journey that created it."""

    @property
    def masked_email(self) -> str:
        """The address as pages may show it."""
        return masked(self.email.reveal())

    @property
    def reachable(self) -> bool:
        """Whether mail can be sent to its holder."""
        return bool(self.email.reveal())

    @property
    def may_log_in(self) -> bool:
        """Whether its holder may log in at all."""
        return self.status is Status.ACTIVE

    @property
    def bars_creation(self) -> bool:
        """X7: whether another account for the same number is refused; a pending one gives way."""
        return self.status in {Status.ACTIVE, Status.SUSPENDED}


class Change(StrEnum):
    """What partners that hold something of an account are told of."""

    SUSPENDED = "suspended"
    REOPENED = "reopened"
    CLOSED = "closed"
    PASSWORD_CHOSEN = "password_chosen"  # noqa: S105 - where there was none
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    ADDRESS_CHANGED = "address_changed"
    INTRUSION_REPORTED = "intrusion_reported"
    TAKEN_BACK = "taken_back"
    CUT_OFF = "cut_off"


class Tell(Protocol):
    """Tells partners of a change, in the caller's transaction, before it ends what they hold."""

    def __call__(self, account_id: str, change: Change, *, former: Secret | None = None) -> None:
        """Tell of it; *former*: the e-mail address that the account had."""


class EndSessions(Protocol):
    """Ends the sessions and tokens of an account, in the caller's transaction.

    Sessions and the provider stand above accounts.
    """

    def __call__(self, account_id: str, reason: str, *, but: str = "") -> None:
        """End all of them for that reason; the session whose ``sid`` is *but* alone goes on."""


class AccountUnknown(Refusal):
    """No account has that identifier, or it has been closed."""

    code = "account-unknown"
    status = HTTPStatus.NOT_FOUND


class AccountExists(Refusal):
    """X7: the number, or the FranceConnect identity, already has an account."""

    code = "account-exists"
    status = HTTPStatus.CONFLICT


class TieRefused(Refusal):
    """FranceConnect's identity is not tied to the account; ``reason`` goes to the trail."""

    code = "tie-refused"
    status = HTTPStatus.CONFLICT

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UpstreamTaken(TieRefused):
    """The identity opens another account."""

    code = "upstream-taken"


class TieOutdated(TieRefused):
    """What the person was shown and agreed to does not hold any more: they start again."""

    code = "tie-outdated"


class TieTooSoon(TieRefused):
    """The account's address was changed a short while ago."""

    code = "tie-too-soon"


TIE_REFUSALS: Mapping[str, type[TieRefused]] = {
    refusal.code: refusal for refusal in (TieRefused, UpstreamTaken, TieOutdated, TieTooSoon)
}


class EmailUsed(Refusal):
    """Another account holds this address."""

    code = "email-used"
    status = HTTPStatus.CONFLICT


class AddressTooNew(Refusal):
    """The address was changed a short while ago: what no way back undoes must wait."""

    code = "address-too-new"
    status = HTTPStatus.CONFLICT


class DeadLink(Refusal):
    """The link was used, replaced, is too old, or never existed: which one is not told."""

    code = "dead-link"
    status = HTTPStatus.GONE


class WrongState(Refusal):
    """The account is not in the state that this act starts from."""

    code = "account-wrong-state"
    status = HTTPStatus.CONFLICT
