"""Creation with FranceConnect: the identity it vouches for, matched with the register."""

from dataclasses import dataclass, replace

from broker.accounts.accounts import Accounts
from broker.accounts.model import UpstreamIdentity
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.franceconnect.identities import Identities
from broker.franceconnect.model import Purpose, VerifiedIdentity
from broker.franceconnect.relying_party import FranceConnect
from broker.insured.lookup import Finding, Insured
from broker.signup.journeys import Journeys
from broker.signup.machine import Step, Way
from broker.signup.model import Draft
from broker.signup.refusals import ACCOUNT_EXISTS, Refusals


@dataclass(frozen=True)
class ByFranceConnect:
    """Leaves for FranceConnect and comes back with a person."""

    franceconnect: FranceConnect
    identities: Identities
    insured: Insured
    accounts: Accounts
    journeys: Journeys
    refusals: Refusals
    db: Database

    def leave(self, browser: str, *, return_to: str, retry_to: str) -> str:
        """Return FranceConnect's address; raises RoundTripRefused, or Throttled."""
        return self.franceconnect.start(
            purpose=Purpose.CREATION, browser=browser, return_to=return_to, retry_to=retry_to
        )

    def resume(self, transaction: str, browser: str) -> tuple[Draft, Secret]:
        """Match the person; the draft goes on to the terms, or ends on the neutral page.

        Raises IdentityExpired, or RoundTripRefused.
        """
        identity = self.identities.claim(transaction, browser, Purpose.CREATION)
        finding = self.insured.by_pivot(identity.claims)
        new, cookie = self.journeys.new(Way.FRANCECONNECT)
        draft = replace(
            new,
            insured_id=finding.insured_id,
            nir=finding.nir,
            upstream=UpstreamIdentity(identity.iss, identity.sub),
            trip=transaction,
            suggested_email=identity.email.reveal() if identity.email else "",
        )
        with self.db.transaction():
            reason = self._reason(identity, finding)
            if reason:
                self.refusals.record(draft, reason, nir=draft.nir, record=finding.record)
                draft = draft.refused(Step.RETURN)
            else:
                self.insured.keep(draft.reference, finding)
                draft = draft.done(Step.RETURN)
                self.refusals.requested(draft)
            self.journeys.keep(draft, browser)
        return draft, cookie

    def _reason(self, identity: VerifiedIdentity, finding: Finding) -> str | None:
        if identity.through_ameli:
            return ACCOUNT_EXISTS
        if finding.reason or finding.nir is None:
            return finding.reason or "unknown"
        tied = self.accounts.by_upstream(identity.iss, identity.sub)
        exists = self.refusals.barring(finding.nir) or (tied and tied.bars_creation)
        return ACCOUNT_EXISTS if exists else None
