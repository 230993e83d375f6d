"""What operators do to the accounts of analysts: each act names the operator in the trail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.crypto import new_token
from broker.base.db import Database
from broker.base.limits import Limits
from broker.console.events import (
    AnalystAccount,
    AnalystAdded,
    AnalystDisabled,
    AnalystInvited,
    AnalystRoleChanged,
)
from broker.console.model import (
    Analyst,
    AnalystExists,
    AnalystUnknown,
    Invitation,
    Role,
    Standing,
    analyst_name,
)
from broker.console.sessions import AnalystSessions
from broker.console.store import AnalystStore
from broker.console.totp import new_secret


@dataclass(frozen=True)
class Analysts:
    """Adds, invites, disables; an analyst is never removed, since the trail names them."""

    store: AnalystStore
    sessions: AnalystSessions
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def add(self, name: str, role: Role, operator: Actor) -> Invitation:
        """Make an account that nobody can enter yet, and the link by which its owner does."""
        invitation = self._invitation(
            Analyst(
                id=uuid4().hex,
                name=analyst_name(name),
                role=role,
                standing=Standing.INVITED,
                created_at=self.clock(),
            )
        )
        with self.db.transaction():
            if not self.store.add(invitation, new_secret()):
                raise AnalystExists
            self.audit.record(AnalystAdded(**_done(invitation.analyst, operator)))
        return invitation

    def invite(self, name: str, operator: Actor) -> Invitation:
        """Begin an account anew: for a lost telephone, a forgotten password, a return."""
        with self.db.transaction():
            analyst = self._locked(name)
            invitation = self._invitation(analyst)
            self.store.invite(invitation, new_secret())
            self.sessions.end_all(analyst, "invited")
            self.audit.record(AnalystInvited(**_done(analyst, operator)))
        return invitation

    def change_role(self, name: str, role: Role, operator: Actor) -> Analyst:
        """Give another role; it holds from the next page on."""
        with self.db.transaction():
            analyst = self._locked(name)
            self.store.change_role(analyst, role)
            before = AnalystAccount(role=str(analyst.role))
            after = AnalystAccount(analyst=analyst.name, role=str(role))
            self.audit.record(AnalystRoleChanged(actor=operator, before=before, after=after))
        return analyst

    def disable(self, name: str, operator: Actor) -> Analyst:
        """Shut an account: its sessions end, its link and its password open nothing."""
        with self.db.transaction():
            analyst = self._locked(name)
            self.store.disable(analyst)
            self.sessions.end_all(analyst, "disabled")
            self.audit.record(AnalystDisabled(**_done(analyst, operator)))
        return analyst

    def list(self) -> Iterator[dict[str, object]]:
        """Yield each analyst as operators see them."""
        for analyst in self.store.every():
            yield {
                "name": analyst.name,
                "role": str(analyst.role),
                "standing": str(analyst.standing),
                "created_at": analyst.created_at.isoformat(),
            }

    def _locked(self, name: str) -> Analyst:
        found = self.store.locked(analyst_name(name))
        if found is None:
            raise AnalystUnknown
        return found

    def _invitation(self, analyst: Analyst) -> Invitation:
        life = timedelta(seconds=self.limits.analyst_invitation_life)
        return Invitation(analyst=analyst, token=new_token(), expires_at=self.clock() + life)


def _done(analyst: Analyst, operator: Actor) -> dict[str, Any]:
    return {
        "actor": operator,
        "after": AnalystAccount(analyst=analyst.name, role=str(analyst.role)),
    }
