"""Ties an identity of FranceConnect to the account whose holder proved themselves, or refuses."""

from dataclasses import dataclass

from broker.accounts.accounts import Accounts
from broker.accounts.address_wait import AddressWait
from broker.accounts.model import (
    Account,
    TieOutdated,
    TieRefused,
    TieTooSoon,
    UpstreamIdentity,
)
from broker.accounts.tying import Tying
from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.errors import Refusal
from broker.base.limits import Limits
from broker.franceconnect.identities import Identities
from broker.franceconnect.model import (
    IdentityExpired,
    Purpose,
    RoundTripRefused,
    VerifiedIdentity,
)
from broker.insured.lookup import Finding, Insured
from broker.sessions.model import LoginAttempt, Session, TieIntent
from broker.sessions.sessions import Sessions
from broker.ties.events import UpstreamTieRefused

_OTHER_PERSON = "other_person"


class ThroughAmeli(Refusal):
    """The person chose their ameli account at FranceConnect: it would open itself."""

    code = "franceconnect-through-ameli"


@dataclass(frozen=True)
class Ties:
    """The use cases around the tie of an account.

    An account is never found by what FranceConnect tells of a person: its holder names it, and
    proves password and mail. Then the register must know the two as one person.
    """

    accounts: Accounts
    tying: Tying
    address_wait: AddressWait
    identities: Identities
    insured: Insured
    sessions: Sessions
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def offer(self, identity: VerifiedIdentity, browser: str) -> VerifiedIdentity:
        """Set an identity aside that opened no account; ThroughAmeli for one of our own."""
        if identity.through_ameli:
            raise ThroughAmeli
        return self.identities.set_aside(identity, browser)

    def complete(self, account: Account, attempt: LoginAttempt, intent: TieIntent) -> None:
        """Tie what the attempt is about; joins the transaction of the login.

        Raises TieRefused, whose event must be committed.
        """
        try:
            if self.address_wait.until(account):  # the code of a tie went to the new address alone
                raise TieTooSoon("address_too_new")
            identity = self._claimed(attempt, intent)
            self._require_same_person(account, identity, attempt.proof.auth_event_id)
            self.tying.tie(
                account,
                UpstreamIdentity(identity.iss, identity.sub),
                replacing=intent.replaces,
                auth_event_id=attempt.proof.auth_event_id,
            )
        except TieRefused as refusal:
            self._record(account, attempt, refusal.reason)
            raise
        if intent.replaces:  # logins that the former identity has begun
            self.sessions.drop_waiting(account.id, but=attempt.id)

    def untie(self, session: Session) -> None:
        """Undo the account's tie, and drop its logins that wait for a code."""
        with self.db.transaction():
            account = self.accounts.locked(session.account_id)
            self.tying.untie(account, auth_event_id=session.auth_event_id)
            self.sessions.drop_waiting(account.id)

    def _claimed(self, attempt: LoginAttempt, intent: TieIntent) -> VerifiedIdentity:
        try:
            return self.identities.claim(intent.identity_id, attempt.browser, Purpose.TIE)
        except IdentityExpired:
            raise TieOutdated("identity_expired") from None
        except RoundTripRefused as refusal:
            raise TieOutdated(refusal.reason) from None

    def _require_same_person(
        self, account: Account, identity: VerifiedIdentity, reference: str
    ) -> None:
        """Refuse unless the register finds the account's own number behind the identity."""
        match = self.insured.match(identity.claims)
        if match.nir == account.nir:
            return
        reason = _OTHER_PERSON if match.nir else str(match.outcome)
        self.insured.keep(reference, Finding(reason, {**match.record, "tie": reason}))
        raise TieRefused(reason)

    def _record(self, account: Account, attempt: LoginAttempt, reason: str) -> None:
        self.audit.record(
            UpstreamTieRefused(
                subject=account.id,
                reason_code=reason,
                auth_event_id=attempt.proof.auth_event_id,
                interaction_id=attempt.login_request_id,
                txn=attempt.proof.auth_event_id,
                upstream=attempt.proof.in_trail,
            )
        )
