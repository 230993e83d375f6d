"""The last screens, the same for both ways: terms, password, contact, and the account."""

from dataclasses import dataclass, replace
from typing import Any, NoReturn

from broker.accounts.creation import Creation
from broker.accounts.email_address import EmailAddress
from broker.accounts.model import AccountExists, Contact, EmailUsed, NewAccount
from broker.accounts.password_policy import PersonalFacts
from broker.accounts.passwords import Passwords
from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.counters import Counters
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.insured.lookup import Insured
from broker.signup.events import ContactRefused
from broker.signup.journeys import Journeys
from broker.signup.machine import Step, Way
from broker.signup.model import TERMS_VERSION, Draft, JourneyRefused, OutOfOrder
from broker.signup.refusals import ACCOUNT_EXISTS, LIMITED, Refusals

_EMAIL_USED = "email_used"


@dataclass(frozen=True)
class Completion:
    """Takes a journey from the terms to a pending account."""

    insured: Insured
    creation: Creation
    passwords: Passwords
    journeys: Journeys
    refusals: Refusals
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def begin_with_terms(self, way: Way, browser: str) -> tuple[Draft, Secret]:
        """Open a journey whose first act is to accept the terms; return it and its cookie."""
        new, cookie = self.journeys.new(way)
        draft = self._with_terms(new)
        with self.db.transaction():
            self.journeys.keep(draft, browser)
        return draft, cookie

    def accept_terms(self, draft: Draft) -> None:
        """Note that the terms in force were accepted, and when."""
        self.journeys.move(draft, self._with_terms(draft))

    def owner(self, draft: Draft, email: EmailAddress | None = None) -> PersonalFacts:
        """Return what the password must not repeat; *email* where it is known by then."""
        local_part = email.canonical.rpartition("@")[0] if email else ""
        return PersonalFacts.of(self.insured.person(draft.person[0]), local_part)

    def forbidden_parts(self, draft: Draft) -> list[str]:
        """Return the runs of digits that the page may refuse by itself.

        The number only to whoever typed it: FranceConnect does not tell it.
        """
        owner = self.owner(draft)
        typed = {owner.nir.value} if draft.typed else set()
        return sorted(typed | owner.digit_runs)

    def choose_password(self, draft: Draft, password: Secret) -> None:
        """Keep the hash of an accepted password; raises PasswordRefused."""
        hashed = self._accepted(password, self.owner(draft))
        self.journeys.move(draft, draft.done(Step.PASSWORD, password_hash=hashed))

    def create(self, draft: Draft, password: Secret, contact: Contact) -> Draft:
        """Judge the password and finish, where one screen asks both; raises as these do."""
        hashed = self._accepted(password, self.owner(draft, contact.email))
        return self.finish(replace(draft, password_hash=hashed), contact)

    def finish(self, draft: Draft, contact: Contact) -> Draft:
        """Open the pending account and send its link, once; everything is judged again.

        Raises EmailUsed, JourneyRefused, Throttled; a journey finished meanwhile is finished.
        """
        insured_id, nir = draft.person
        finding = self.insured.eligible_again(insured_id, draft.option)
        if finding.reason:
            self._refuse(draft, finding.reason, finding.record)
        new, finished = _new_account(draft, contact), draft.finished(contact.email.masked)
        self._count(draft, nir.value)
        try:
            with self.db.transaction():
                # The draft first: of parallel posts of one journey, one alone opens the account.
                self.journeys.move(draft, finished)
                self.creation.open_pending(new)
        except EmailUsed:
            self.audit.record(ContactRefused(reason_code=_EMAIL_USED, txn=draft.reference))
            raise
        except AccountExists:
            self._refuse(draft, ACCOUNT_EXISTS)
        return finished

    def _accepted(self, password: Secret, owner: PersonalFacts) -> Secret:
        self.passwords.policy.require(password.reveal(), owner)
        return self.passwords.hash(password)

    def _with_terms(self, draft: Draft) -> Draft:
        return draft.done(Step.TERMS, terms_accepted_at=self.clock())

    def _refuse(self, draft: Draft, reason: str, record: dict[str, Any] | None = None) -> NoReturn:
        with self.db.transaction():
            self.refusals.record(draft, reason, nir=draft.nir, record=record)
            self.journeys.move(draft, draft.refused(Step.CONTACT))
        raise JourneyRefused

    def _count(self, draft: Draft, nir: str) -> None:
        """Count an address that is tried, also one that is free: the pending account gives way.

        Whoever began again and again would otherwise ask of any number which are in use.
        """
        try:
            with self.db.transaction():
                self.counters.take(
                    _EMAIL_USED,
                    nir,
                    count=self.limits.email_used_count,
                    window=self.limits.email_used_window,
                )
        except Throttled:
            self.audit.record(ContactRefused(reason_code=LIMITED, txn=draft.reference))
            raise


def _new_account(draft: Draft, contact: Contact) -> NewAccount:
    insured_id, nir = draft.person
    if draft.terms_accepted_at is None or draft.password_hash is None:
        raise OutOfOrder(Step.TERMS)
    return NewAccount(
        insured_id=insured_id,
        nir=nir,
        contact=contact,
        password_hash=draft.password_hash,
        channel=draft.channel,
        terms_version=TERMS_VERSION,
        terms_accepted_at=draft.terms_accepted_at,
        reference=draft.reference,
        upstream=draft.upstream,
    )
