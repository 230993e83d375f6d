"""Telephones and consents, changed by their holder."""

from dataclasses import dataclass

from broker.accounts.consents import Consents
from broker.accounts.events import ContactChanged
from broker.accounts.model import Reach, WrongState
from broker.accounts.store import AccountStore
from broker.audit.log import AuditLog
from broker.base.db import Database


@dataclass(frozen=True)
class ContactChange:
    """Nobody is reached through these for security: they need no confirmation."""

    accounts: AccountStore
    consents: Consents
    audit: AuditLog
    db: Database

    def present(self, account_id: str) -> Reach:
        """Return what the account has now."""
        mobile, landline = self.accounts.telephones(account_id)
        consents = tuple(self.consents.of(account_id))
        return Reach(mobile=mobile, landline=landline, consents=consents)

    def change(self, account_id: str, reach: Reach, auth_event_id: str) -> None:
        """Keep the new answers in place of the former ones."""
        with self.db.transaction():
            account = self.accounts.locked(account_id)
            if account is None or not account.may_log_in:
                raise WrongState
            changed = _differences(self.present(account_id), reach)
            if not changed:
                return
            self.accounts.set_telephones(account_id, reach.mobile, reach.landline)
            self.consents.forget(account_id)
            self.consents.keep(account_id, reach.consents)
            self.audit.record(
                ContactChanged(subject=account_id, fields=changed, auth_event_id=auth_event_id)
            )


def _differences(before: Reach, after: Reach) -> tuple[str, ...]:
    given = {consent.purpose: consent.given for consent in before.consents}
    return (
        *(
            name
            for name in ("mobile", "landline")
            if getattr(before, name) != getattr(after, name)
        ),
        *(one.purpose for one in after.consents if given.get(one.purpose) is not one.given),
    )
