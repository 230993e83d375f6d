"""What the trail keeps of accounts."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event, Motive, Outcome, Retention, Upstream
from broker.audit.taxonomy import Activity, Severity


@dataclass(frozen=True, kw_only=True)
class AccountCreated(Event):
    """A pending account; reason: the channel."""

    type: ClassVar[str] = "account.created"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CREATED

    upstream: Upstream | None = None
    mail_domain_ref: str | None = None


@dataclass(frozen=True, kw_only=True)
class ActivationSent(Event):
    """An activation link was made and its mail queued; `reminder`: unasked, on day 7 or 18."""

    type: ClassVar[str] = "account.activation.sent"
    activity: ClassVar[Activity] = Activity.ACCOUNT_ENABLED


@dataclass(frozen=True, kw_only=True)
class ActivationLimited(Event):
    """No other link was sent: its number and birth date had as many as an hour allows."""

    type: ClassVar[str] = "account.activation.limited"
    activity: ClassVar[Activity] = Activity.ACCOUNT_ENABLED
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class LinksThrottled(Event):
    """A network asked for links too often; whether they have a holder was not looked at."""

    type: ClassVar[str] = "account.link.throttled"
    activity: ClassVar[Activity] = Activity.STEP
    severity: ClassVar[Severity] = Severity.MEDIUM
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class ActivationViewed(Event):
    """A living link was opened; scanners do that too."""

    type: ClassVar[str] = "account.activation.viewed"
    activity: ClassVar[Activity] = Activity.ACCOUNT_ENABLED


@dataclass(frozen=True, kw_only=True)
class ActivationRefused(Event):
    """A dead link was used; reason `dead_link`."""

    type: ClassVar[str] = "account.activation.refused"
    activity: ClassVar[Activity] = Activity.ACCOUNT_ENABLED
    severity: ClassVar[Severity] = Severity.LOW
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AccountActivated(Event):
    """The button of the activation page was pressed."""

    type: ClassVar[str] = "account.activated"
    activity: ClassVar[Activity] = Activity.ACCOUNT_ENABLED


@dataclass(frozen=True, kw_only=True)
class ActivationExpired(Event):
    """21 days are over."""

    type: ClassVar[str] = "account.activation.expired"
    activity: ClassVar[Activity] = Activity.ACCOUNT_ENABLED
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class AccountPurged(Event):
    """A pending account was removed: `expired`, replaced, or by an operator."""

    type: ClassVar[str] = "account.purged"
    activity: ClassVar[Activity] = Activity.ACCOUNT_DELETED

    after: Motive | None = None


@dataclass(frozen=True, kw_only=True)
class AccountDisabled(Event):
    """An operator suspended it; `after`: why."""

    type: ClassVar[str] = "account.disabled"
    activity: ClassVar[Activity] = Activity.ACCOUNT_DISABLED
    severity: ClassVar[Severity] = Severity.MEDIUM
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Motive | None = None


@dataclass(frozen=True, kw_only=True)
class AccountEnabled(Event):
    """An operator reopened it; `after`: why."""

    type: ClassVar[str] = "account.enabled"
    activity: ClassVar[Activity] = Activity.ACCOUNT_ENABLED
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Motive | None = None


@dataclass(frozen=True, kw_only=True)
class AccountShown(Event):
    """An operator looked at an account; `after`: why."""

    type: ClassVar[str] = "admin.view"
    activity: ClassVar[Activity] = Activity.READ
    retention: ClassVar[Retention] = Retention.ADMINISTRATION

    after: Motive | None = None


@dataclass(frozen=True, kw_only=True)
class UpstreamTied(Event):
    """An account was tied to a FranceConnect identity.

    Reason: `first`, or `changed` in place of the one whose pseudonym is `replaced`.
    """

    type: ClassVar[str] = "fc.linked"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED
    retention: ClassVar[Retention] = Retention.FEDERATION

    upstream: Upstream
    replaced: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpstreamUntied(Event):
    """The holder untied FranceConnect."""

    type: ClassVar[str] = "fc.unlinked"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED
    retention: ClassVar[Retention] = Retention.FEDERATION

    upstream: Upstream


@dataclass(frozen=True, kw_only=True)
class ResetRequested(Event):
    """Forgotten password; failure `no_account` or `limited`, which no page tells."""

    type: ClassVar[str] = "credential.reset.requested"
    activity: ClassVar[Activity] = Activity.PASSWORD_RESET
    severity: ClassVar[Severity] = Severity.LOW


@dataclass(frozen=True, kw_only=True)
class ResetDone(Event):
    """A new password through the link."""

    type: ClassVar[str] = "credential.reset.done"
    activity: ClassVar[Activity] = Activity.PASSWORD_RESET
    severity: ClassVar[Severity] = Severity.LOW


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """A new password, by a holder who gave the present one."""

    type: ClassVar[str] = "credential.password.changed"
    activity: ClassVar[Activity] = Activity.PASSWORD_CHANGED
    severity: ClassVar[Severity] = Severity.LOW


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(Event):
    """A link was sent to a new address; failure `email_used`, or `limited`: too many in a day."""

    type: ClassVar[str] = "identifier.email.requested"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED


@dataclass(frozen=True, kw_only=True)
class EmailChanged(Event):
    """The new address was confirmed; failure `email_used`: another account took it since."""

    type: ClassVar[str] = "identifier.email.changed"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED


@dataclass(frozen=True, kw_only=True)
class EmailChangeUndone(Event):
    """A report set the former address again.

    Failure `email_used`: the account has no address any more.
    """

    type: ClassVar[str] = "identifier.email.undone"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED
    severity: ClassVar[Severity] = Severity.MEDIUM


@dataclass(frozen=True, kw_only=True)
class IntrusionReported(Event):
    """A case for the security team: "Ce n'est pas moi".

    By the link of a mail (`auth_event_id`: the login it told of) or from the account page.
    """

    type: ClassVar[str] = "account.intrusion.reported"
    activity: ClassVar[Activity] = Activity.DETECTED
    severity: ClassVar[Severity] = Severity.HIGH


@dataclass(frozen=True, kw_only=True)
class ContactChanged(Event):
    """Its holder changed telephones or consents; which, never what."""

    type: ClassVar[str] = "account.contact.changed"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AccountClosed(Event):
    """Its holder closed it."""

    type: ClassVar[str] = "account.closed"
    activity: ClassVar[Activity] = Activity.ACCOUNT_DELETED


@dataclass(frozen=True, kw_only=True)
class AccountErased(Event):
    """A closed account was removed: nothing leads from its holder to this `subject_ref` now."""

    type: ClassVar[str] = "account.erased"
    activity: ClassVar[Activity] = Activity.ACCOUNT_DELETED


@dataclass(frozen=True, kw_only=True)
class ActPostponed(Event):
    """Asked too soon after a change of address: `closing` or `data_copy`, which must wait."""

    type: ClassVar[str] = "account.act.postponed"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CHANGED
    severity: ClassVar[Severity] = Severity.MEDIUM
    default_outcome: ClassVar[Outcome] = Outcome.FAILURE


@dataclass(frozen=True, kw_only=True)
class HolderWarned(Event):
    """The holder was told that somebody tried to create their account."""

    type: ClassVar[str] = "account.holder.warned"
    activity: ClassVar[Activity] = Activity.ACCOUNT_CREATED
    severity: ClassVar[Severity] = Severity.MEDIUM
