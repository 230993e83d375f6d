"""Removes closed accounts at their end: then nothing leads from a person to their events."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.events import AccountErased
from broker.accounts.model import Account
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.base.limits import Limits
from broker.base.tasks import Task

_BATCH = 500  # accounts removed at a time


@dataclass(frozen=True)
class Erasure:
    """Background work; any number of workers may do it.

    The trail knows an account by a keyed hash of its id, which was drawn at random. The row is the
    last place that holds number and id together: it is the key of that one person's pseudonym.
    """

    accounts: AccountStore
    forget: Callable[[str], None]
    """Removes what other capabilities keep under the id."""
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """Return what must be done again and again."""
        return (Task("erase closed accounts", 600.0, self.erase),)

    def erase(self) -> int:
        """Remove the accounts that were closed long enough ago; return how many."""
        now = self.clock()
        with self.db.transaction():
            self.accounts.date_closings(now)
        before = now - timedelta(seconds=self.limits.closed_account_life)
        return sum(self._erase(each) for each in self.accounts.closed_before(before, _BATCH))

    def _erase(self, account: Account) -> bool:
        with self.db.transaction():
            if not self.accounts.remove(account):
                return False  # another worker did
            self.forget(account.id)
            self.audit.record(AccountErased(subject=account.id, actor=Actor(kind="system")))
        return True
