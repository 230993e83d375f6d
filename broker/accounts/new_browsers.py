"""Logins from unknown browsers: told in one mail, a few minutes after the first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Row, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.accounts.mailing import AccountMails, UnknownLogin
from broker.accounts.model import Account
from broker.accounts.store import AccountStore
from broker.base.clock import Clock
from broker.base.crypto import Secret, Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.base.limits import Limits
from broker.base.tasks import Task

_MOST = 50  # accounts of one turn


class NewBrowserLoginRow(Base):
    """One login that its holder has not been told of yet."""

    __tablename__ = "new_browser_login"

    auth_event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    address: Mapped[bytes] = mapped_column(Sealed)
    browser: Mapped[str] = mapped_column(String(120))
    logged_in_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)


LOGIN = table(NewBrowserLoginRow)


@dataclass(frozen=True)
class NewBrowsers:
    """Each mail goes to the address that the account had at the login.

    An intruder may change it meanwhile.
    """

    accounts: AccountStore
    mails: AccountMails
    limits: Limits
    vault: Vault
    db: Database
    clock: Clock

    def note(self, account: Account, browser: str, *, login: str) -> None:
        """Keep a login to tell of; belongs in its transaction."""
        now = self.clock()
        self.db.execute(
            insert(LOGIN).values(
                auth_event_id=login,
                account_id=account.id,
                address=self.vault.seal(LOGIN.c.address, account.email.reveal()),
                browser=browser,
                logged_in_at=now,
                due_at=now + timedelta(seconds=self.limits.new_browser_mail_wait),
            )
        )

    def forget(self, account_id: str) -> None:
        """Tell nobody of what waits: the account is closed, or was taken back from an intruder."""
        self.db.execute(delete(LOGIN).where(LOGIN.c.account_id == account_id))

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: the mails."""
        return (Task("new browser mails", 1, self.tell),)

    def tell(self) -> int:
        """Tell the holders whose first login is due of every login so far; return how many."""
        due = self.db.all(
            select(LOGIN.c.account_id)
            .distinct()
            .where(LOGIN.c.due_at <= self.clock())
            .limit(_MOST)
        )
        return sum(self._tell(row.account_id) for row in due)

    def _tell(self, account_id: str) -> bool:
        with self.db.transaction():
            # The account first, as logins do. Of several workers one takes the rows.
            account = self.accounts.locked(account_id)
            taken = self.db.execute(
                delete(LOGIN).where(LOGIN.c.account_id == account_id).returning(LOGIN)
            ).all()
            if not taken or account is None or not account.may_log_in:
                return False
            for address, logins in self._by_address(taken).items():
                self.mails.new_browsers(replace(account, email=Secret(address)), logins)
        return True

    def _by_address(self, rows: Sequence[Row[Any]]) -> dict[str, list[UnknownLogin]]:
        found: dict[str, list[UnknownLogin]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.logged_in_at, row.auth_event_id)):
            login = UnknownLogin(row.auth_event_id, row.browser, row.logged_in_at)
            found[self.vault.open(LOGIN.c.address, row.address)].append(login)
        return found
