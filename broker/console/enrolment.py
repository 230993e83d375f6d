"""How an invited analyst begins: the link, a password of their own, an authenticator."""

from dataclasses import dataclass

from broker.accounts.password_policy import PasswordPolicy
from broker.accounts.passwords import Passwords
from broker.audit.log import AuditLog
from broker.base.clock import Clock, epoch
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.console.events import InvitationAccepted, InvitationRefused, InvitationViewed
from broker.console.model import Credentials, DeadInvitation, WrongFirstCode
from broker.console.sessions import AnalystSessions, actor, by
from broker.console.store import AnalystStore
from broker.console.totp import step_of


@dataclass(frozen=True)
class Enrolment:
    """The use cases of the invitation."""

    store: AnalystStore
    sessions: AnalystSessions
    passwords: Passwords
    policy: PasswordPolicy
    audit: AuditLog
    db: Database
    clock: Clock

    def view(self, token: Secret | None) -> Credentials:
        """Return whom the link invites, and the secret that the page shows; on record."""
        invited = self._living(token)
        self.audit.record(InvitationViewed(actor=actor(invited.analyst)))
        return invited

    def accept(
        self, token: Secret | None, password: Secret, code: str, former: Secret | None
    ) -> Secret:
        """Keep the password, use the link and the first code up; return a session's cookie.

        Raises PasswordRefused, WrongFirstCode or DeadInvitation; only the last ends the link.
        """
        invited = self._living(token)
        self.policy.require(password.reveal())
        step = step_of(invited.totp_secret, code, epoch(self.clock()))
        if step is None:
            who = actor(invited.analyst)
            self.audit.record(InvitationRefused(reason_code="code", actor=who))
            raise WrongFirstCode
        hashed = self.passwords.hash(password)  # slow, hence outside transactions
        with self.db.transaction():
            if token is not None and self.store.accept(token, hashed, step, self.clock()):
                session, cookie = self.sessions.open(invited.analyst, former)
                self.audit.record(InvitationAccepted(**by(session)))
                return cookie
        raise self._dead()

    def _living(self, token: Secret | None) -> Credentials:
        invited = self.store.invited(token, self.clock()) if token else None
        if invited is None:
            raise self._dead()
        return invited

    def _dead(self) -> DeadInvitation:
        self.audit.record(InvitationRefused(reason_code="dead"))
        return DeadInvitation()
