"""For a while after a change of address, what the former address could not undo must wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.accounts.events import ActPostponed
from broker.accounts.model import Account, AccountUnknown, AddressTooNew
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.limits import Limits


@dataclass(frozen=True)
class AddressWait:
    """An account that was taken back waits too: its address was changed once more.

    Else an intruder would end the wait with a report of their own.
    """

    accounts: AccountStore
    limits: Limits
    audit: AuditLog
    clock: Clock

    def until(self, account: Account) -> datetime | None:
        """Return until when such acts wait; None where they don't."""
        if account.email_changed_at is None:
            return None
        ends = account.email_changed_at + timedelta(seconds=self.limits.new_address_wait)
        return ends if ends > self.clock() else None

    def require_over(self, account_id: str, act: str, auth_event_id: str) -> None:
        """Raise AddressTooNew, after its event, while *act* must wait."""
        account = self.accounts.get(account_id)
        if account is None:
            raise AccountUnknown
        if self.until(account):
            self.audit.record(
                ActPostponed(subject=account_id, reason_code=act, auth_event_id=auth_event_id)
            )
            raise AddressTooNew
