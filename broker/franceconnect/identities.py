"""Identities that came back from FranceConnect: kept for minutes, used once, in one browser."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.crypto import new_token
from broker.base.db import Database
from broker.base.limits import Limits
from broker.franceconnect.events import RoundTripFailed
from broker.franceconnect.model import (
    IdentityExpired,
    Purpose,
    RoundTripRefused,
    VerifiedIdentity,
)
from broker.franceconnect.store import RoundTripStore
from broker.franceconnect.switches import Switches


@dataclass(frozen=True)
class Identities:
    """Gives each verified identity to the browser that asked, for the purpose it asked for."""

    store: RoundTripStore
    switches: Switches
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def keep(self, identity: VerifiedIdentity, browser: str) -> None:
        """Keep an identity until it is claimed; belongs in a transaction.

        Raises RoundTripRefused for what was switched off while FranceConnect answered.
        """
        self._require_open(identity)
        self.store.keep_identity(identity, browser, self.ends(identity))

    def claim(self, identity_id: str, browser: str, purpose: Purpose) -> VerifiedIdentity:
        """Return an identity, once, in the browser that asked for it; may join a transaction.

        Only for the *purpose* it was asked for: each has a switch of its own. Raises
        IdentityExpired, or RoundTripRefused where a switch was turned off meanwhile.
        """
        with self.db.transaction():
            identity = self.store.take_identity(identity_id, browser, self.clock())
        if identity is None or identity.purpose is not purpose:
            raise IdentityExpired
        try:
            self._require_open(identity)
        except RoundTripRefused as refusal:
            self._record_refusal(identity, refusal)
            raise
        return identity

    def set_aside(self, identity: VerifiedIdentity, browser: str) -> VerifiedIdentity:
        """Keep a claimed identity to be tied to an account; it lives no longer for that.

        Under a name of its own: going back to the address that it came by finds nothing.
        """
        waiting = replace(identity, id=new_token().reveal(), purpose=Purpose.TIE)
        with self.db.transaction():
            self.keep(waiting, browser)
        return waiting

    def waiting(self, identity_id: str, browser: str | None) -> VerifiedIdentity:
        """Return an identity that was set aside, without using it; IdentityExpired otherwise."""
        found = self.store.identity(identity_id, browser, self.clock()) if browser else None
        if found is None or found.purpose is not Purpose.TIE:
            raise IdentityExpired
        self._require_open(found)
        return found

    def ends(self, identity: VerifiedIdentity) -> datetime:
        """Return until when an identity may be used."""
        return identity.verified_at + timedelta(seconds=self.limits.verified_identity_life)

    def give_up(self, identity_id: str, browser: str) -> None:
        """Forget an identity: its person does not want to use it."""
        with self.db.transaction():
            self.store.take_identity(identity_id, browser, self.clock())

    def _require_open(self, identity: VerifiedIdentity) -> None:
        self.switches.require(identity.purpose)
        self.switches.require_provider(identity.idp_id)

    def _record_refusal(self, identity: VerifiedIdentity, refusal: RoundTripRefused) -> None:
        self.audit.record(
            RoundTripFailed(
                reason_code=refusal.reason,
                interaction_id=identity.id,
                upstream=self.audit.upstream(
                    identity.iss,
                    identity.sub,
                    acr=identity.acr,
                    idp=identity.idp_id,
                    flow=identity.purpose,
                ),
            )
        )
