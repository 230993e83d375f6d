"""Cuts of one person: a login, a family of tokens, the whole account."""

import re
from dataclasses import dataclass

from broker.accounts.accounts import Accounts
from broker.accounts.model import AccountUnknown
from broker.accounts.protection import Protection
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.questions.timeline import Question, Timeline
from broker.cuts.effect import REASON, counted
from broker.cuts.model import Counts, Kind, Target, TargetUnknown
from broker.oidc.grants.families import Families
from broker.oidc.grants.model import GrantReach
from broker.oidc.logout.session_end import SessionEnd
from broker.sessions.model import Reach
from broker.sessions.reach import SessionReach

_FAMILY = re.compile(r"[0-9a-f]{32}")
_PAGES = 20  # of the trail that are read to find whose a pseudonym is


@dataclass(frozen=True)
class LoginCut:
    """One login: its sessions, its codes, its families, itself where its code is awaited."""

    sessions: SessionReach
    session_end: SessionEnd
    families: Families

    def find(self, name: str) -> Target:
        """Return the login of that ``auth_event_id``."""
        reference = name.strip().upper()
        holder = self.sessions.holder(reference)
        if holder is None:
            raise TargetUnknown
        return Target(kind=Kind.LOGIN, name=reference, account_id=holder, auth_event_id=reference)

    def count(self, target: Target) -> Counts:
        """Count what stands of it now."""
        return counted(self.sessions.count(_login(target)), self.families.count(_grants(target)))

    def end(self, target: Target, _actor: Actor, _reason: str) -> None:
        """End it; partners are told."""
        for session in self.sessions.end(_login(target), REASON):
            self.session_end.of(session, REASON)
        self.families.end_within(_grants(target), REASON)


@dataclass(frozen=True)
class FamilyCut:
    """All that came of one authorization."""

    families: Families

    def find(self, name: str) -> Target:
        """Return the family of that ``family_id``."""
        wanted = name.strip().lower()
        found = self.families.parties(wanted) if _FAMILY.fullmatch(wanted) else None
        if found is None:
            raise TargetUnknown
        holder, client_id = found
        return Target(kind=Kind.FAMILY, name=wanted, account_id=holder, client_id=client_id)

    def count(self, target: Target) -> Counts:
        """Count what stands of it now."""
        return counted(None, self.families.count(GrantReach(family_id=target.name)))

    def end(self, target: Target, _actor: Actor, _reason: str) -> None:
        """End it."""
        self.families.end_within(GrantReach(family_id=target.name), REASON)


@dataclass(frozen=True)
class PersonCut:
    """Everything of one account, whose holder chooses a new password next."""

    accounts: Accounts
    protection: Protection
    sessions: SessionReach
    families: Families
    timeline: Timeline
    audit: AuditLog

    def find(self, name: str) -> Target:
        """Return the account of that pseudonym; operators may also name its id or reference."""
        wanted = name.strip()
        holder = self._named(wanted) or self._behind(wanted)
        if holder is None:
            raise TargetUnknown
        return Target(kind=Kind.PERSON, name=self.audit.subject_ref(holder), account_id=holder)

    def count(self, target: Target) -> Counts:
        """Count what stands of it now."""
        sessions = self.sessions.count(Reach(account_id=target.account_id))
        return counted(sessions, self.families.count(GrantReach(account_id=target.account_id)))

    def end(self, target: Target, _actor: Actor, _reason: str) -> None:
        """End it, void the password, untie FranceConnect."""
        self.protection.cut_off(str(target.account_id), REASON)

    def _named(self, wanted: str) -> str | None:
        try:
            return self.accounts.get(wanted.lower()).id
        except AccountUnknown:
            found = self.accounts.by_reference(wanted.upper())
            return found.id if found else None

    def _behind(self, pseudonym: str) -> str | None:
        """Find whose pseudonym that is: one leads back only over what the person did.

        The logins and references of their events name accounts; the pseudonym proves which one.
        """
        before: str | None = None
        for _page in range(_PAGES):
            found = self.timeline.page(Question(terms=(pseudonym,)), before=before)
            bodies = [event.body for event in found.events if event.body.get("subject_ref")]
            for holder in filter(None, map(self._holder, bodies)):
                if self.audit.subject_ref(holder) == pseudonym:
                    return holder
            before = found.older
            if before is None:
                break
        return None

    def _holder(self, body: dict[str, str]) -> str | None:
        login, reference = body.get("auth_event_id"), body.get("txn")
        holder = self.sessions.holder(login) if login else None
        if holder is None and reference and (account := self.accounts.by_reference(reference)):
            return account.id
        return holder


def _login(target: Target) -> Reach:
    return Reach(auth_event_id=target.auth_event_id)


def _grants(target: Target) -> GrantReach:
    return GrantReach(account_id=target.account_id, auth_event_id=target.auth_event_id)
