"""What the trail keeps of accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Outcome, Retention, Upstream


@dataclass(frozen=True, kw_only=True)
class AccountCreated(Event):
    type: ClassVar[str] = "account.created"

    upstream: Upstream | None = None


@dataclass(frozen=True, kw_only=True)
class ActivationSent(Event):
    type: ClassVar[str] = "account.activation.sent"


@dataclass(frozen=True, kw_only=True)
class ActivationViewed(Event):
    type: ClassVar[str] = "account.activation.viewed"


@dataclass(frozen=True, kw_only=True)
class ActivationRefused(Event):
    type: ClassVar[str] = "account.activation.refused"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AccountActivated(Event):
    type: ClassVar[str] = "account.activated"


@dataclass(frozen=True, kw_only=True)
class ActivationExpired(Event):
    type: ClassVar[str] = "account.activation.expired"
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AccountPurged(Event):
    type: ClassVar[str] = "account.purged"

    after: Mapping[str, object] | None = None


@dataclass(frozen=True, kw_only=True)
class AccountDisabled(Event):
    type: ClassVar[str] = "account.disabled"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Mapping[str, object] | None = None


@dataclass(frozen=True, kw_only=True)
class AccountEnabled(Event):
    type: ClassVar[str] = "account.enabled"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Mapping[str, object] | None = None


@dataclass(frozen=True, kw_only=True)
class AccountShown(Event):
    type: ClassVar[str] = "admin.view"
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Mapping[str, object] | None = None


@dataclass(frozen=True, kw_only=True)
class UpstreamTied(Event):
    """``replaced``: pseudonym of the identity that opened the account before."""

    type: ClassVar[str] = "fc.linked"
    retention: ClassVar[Retention] = Retention.FEDERATION

    upstream: Upstream
    replaced: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpstreamUntied(Event):
    type: ClassVar[str] = "fc.unlinked"
    retention: ClassVar[Retention] = Retention.FEDERATION

    upstream: Upstream


@dataclass(frozen=True, kw_only=True)
class ResetRequested(Event):
    type: ClassVar[str] = "credential.reset.requested"


@dataclass(frozen=True, kw_only=True)
class ResetDone(Event):
    type: ClassVar[str] = "credential.reset.done"


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    type: ClassVar[str] = "credential.password.changed"


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(Event):
    """``reason_code`` of a failure: email_used."""

    type: ClassVar[str] = "identifier.email.requested"


@dataclass(frozen=True, kw_only=True)
class EmailChanged(Event):
    """``reason_code`` of a failure: email_used, by another account since the request."""

    type: ClassVar[str] = "identifier.email.changed"


@dataclass(frozen=True, kw_only=True)
class EmailChangeUndone(Event):
    """``reason_code`` of a failure: email_used, so that the account has no address any more."""

    type: ClassVar[str] = "identifier.email.undone"


@dataclass(frozen=True, kw_only=True)
class IntrusionReported(Event):
    """A holder says that somebody else did something; ``auth_event_id``: the login that did."""

    type: ClassVar[str] = "account.intrusion.reported"


@dataclass(frozen=True, kw_only=True)
class ContactChanged(Event):
    """``fields``: what was changed, never what it holds."""

    type: ClassVar[str] = "account.contact.changed"

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AccountClosed(Event):
    type: ClassVar[str] = "account.closed"


@dataclass(frozen=True, kw_only=True)
class HolderWarned(Event):
    type: ClassVar[str] = "account.holder.warned"
