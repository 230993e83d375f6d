"""What the trail keeps of the thread through an app's steps."""

from dataclasses import dataclass

from broker.audit.model import Outcome, Retention
from broker.audit.taxonomy import Activity, Severity
from broker.oidc.events import OfClient


@dataclass(frozen=True, kw_only=True)
class AuthSessionRefused(OfClient):
    """An `auth_session` of a login on an app's screens opened nothing.

    Reason: `unknown_or_used`, `expired`, `client`, `key`; `cnf`: the key that was proved.
    """

    type = "authz.session.refused"
    activity = Activity.LOGON
    severity = Severity.MEDIUM
    default_outcome = Outcome.FAILURE
    retention = Retention.SECURITY
    cnf: str | None = None
