"""Who asks for a link by mail, with a number and a birth date: counted, and never told apart."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.accounts.events import LinksThrottled
from broker.accounts.model import Account
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.base.context import Here
from broker.base.counters import Counters
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.base.pace import Pace
from broker.insured.birth_date import BirthDate
from broker.insured.model import InsuredPerson
from broker.insured.nir import Nir

PersonOf = Callable[[str], InsuredPerson]
"""Returns a row of the register by its id; a Refusal when it is not there."""


@dataclass(frozen=True)
class LinkRequests:
    """Counts requests before looking at them; the same counts whether an account exists or not.

    A mail costs time: each request lasts as long as *pace* says, whatever came of it.
    """

    accounts: AccountStore
    person_of: PersonOf
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    here: Here
    pace: Pace

    def allow(
        self, name: str, nir: Nir, birth_date: BirthDate, *, count: int, window: int
    ) -> bool:
        """Count one request; False when this person had too many, which no answer may show.

        Per number and birth date: a stranger who knows the number alone takes nobody's turn.
        Raises Throttled when the network prefix had too many: that tells nothing of a number.
        """
        self._count_prefix()
        with self.db.transaction():
            try:
                key = f"{nir.value}|{birth_date}"
                self.counters.take(name, key, count=count, window=window)
            except Throttled:
                return False
        return True

    def holder(self, nir: Nir, birth_date: BirthDate) -> Account | None:
        """Return the account of that number, locked, provided that the birth date is its holder's.

        Belongs in a transaction: two requests at once must not both leave a live link.
        """
        found = self.accounts.by_nir(nir)
        account = self.accounts.locked(found.id) if found else None
        if account is None:
            return None
        person = self.person_of(account.insured_id)
        return account if person.known_birth_date.accepts(birth_date) else None

    def _count_prefix(self) -> None:
        try:
            with self.db.transaction():
                self.counters.take(
                    "link_prefix",
                    self.here().prefix,
                    count=self.limits.link_prefix_count,
                    window=self.limits.link_prefix_window,
                )
        except Throttled:
            self.audit.record(LinksThrottled())
            raise
