"""What analysts change of their own account: the password, the application; each proved anew."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.password_policy import PasswordPolicy
from broker.accounts.passwords import Passwords
from broker.audit.log import AuditLog
from broker.base.clock import Clock, epoch
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.limits import Limits
from broker.console.events import (
    AnalystApplicationAsked,
    AnalystApplicationChanged,
    AnalystApplicationRefused,
    AnalystPasswordChanged,
)
from broker.console.model import (
    AnalystSession,
    Credentials,
    NoNewApplication,
    Renewal,
    WrongFirstCode,
)
from broker.console.proof import AnalystProof, Typed
from broker.console.sessions import AnalystSessions, by
from broker.console.store import AnalystStore
from broker.console.totp import new_secret, step_of


@dataclass(frozen=True)
class OwnAccount:
    """The use cases of "Mon compte". Each change ends every session; the asker's begins anew."""

    proof: AnalystProof
    store: AnalystStore
    sessions: AnalystSessions
    passwords: Passwords
    policy: PasswordPolicy
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def change_password(
        self, session: AnalystSession, present: Secret, code: str, chosen: Secret
    ) -> Secret:
        """Keep another password; return the cookie that goes on.

        Raises PasswordRefused, AnalystRefused or Throttled.
        """
        self.policy.require(chosen.reveal())
        hashed = self.passwords.hash(chosen)  # slow, hence outside transactions

        def changed(proved: Credentials) -> Secret:
            self.store.change_password(proved.analyst, hashed)
            self.audit.record(AnalystPasswordChanged(**by(session)))
            return self.sessions.begin_anew(session, "password_changed")

        return self.proof.require(_typed(session, present, code), changed)

    def ask_application(self, session: AnalystSession, password: Secret, code: str) -> None:
        """Begin with another application: its secret waits, for this session and a while.

        The present one proves who asks; it stays until the other has shown a code. Raises
        AnalystRefused or Throttled.
        """
        life = timedelta(seconds=self.limits.analyst_renewal_life)

        def asked(_proved: Credentials) -> None:
            self.store.renew(session, new_secret(), self.clock() + life)
            self.audit.record(AnalystApplicationAsked(**by(session)))

        self.proof.require(_typed(session, password, code), asked)

    def new_application(self, session: AnalystSession) -> Renewal:
        """Return the secret that waits for this session, or raise NoNewApplication."""
        renewal = self.store.renewal(session, self.clock())
        if renewal is None:
            raise NoNewApplication
        return renewal

    def confirm_application(self, session: AnalystSession, code: str) -> Secret:
        """Let the new application take the place of the other; return the cookie that goes on.

        Raises WrongFirstCode, after which one may try again, or NoNewApplication.
        """
        renewal = self.new_application(session)
        step = step_of(renewal.totp_secret, code, epoch(self.clock()))
        if step is None:
            self.audit.record(AnalystApplicationRefused(reason_code="code", **by(session)))
            raise WrongFirstCode
        with self.db.transaction():
            if self.store.confirm_renewal(session, renewal, step, self.clock()):
                self.audit.record(AnalystApplicationChanged(**by(session)))
                return self.sessions.begin_anew(session, "application_changed")
        raise NoNewApplication


def _typed(session: AnalystSession, password: Secret, code: str) -> Typed:
    return Typed(name=session.analyst.name, password=password, code=code, session=session)
