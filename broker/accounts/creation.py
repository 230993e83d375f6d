"""Opens a pending account for an insured person: one per number, one per address."""

from dataclasses import dataclass
from uuid import uuid4

from broker.accounts.activation import Activation
from broker.accounts.consents import Consents
from broker.accounts.events import AccountCreated, AccountPurged, HolderWarned
from broker.accounts.mailing import AccountMails
from broker.accounts.model import (
    Account,
    AccountExists,
    EmailUsed,
    NewAccount,
    Status,
)
from broker.accounts.store import AccountStore
from broker.accounts.upstream import UpstreamTies
from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.counters import Counters
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits


@dataclass(frozen=True)
class Creation:
    """Turns a completed journey into an account that waits for its activation."""

    accounts: AccountStore
    upstream: UpstreamTies
    consents: Consents
    activation: Activation
    mails: AccountMails
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock

    def open_pending(self, new: NewAccount) -> Account:
        """Open the account and send its link; joins the transaction of the journey's end.

        An older pending account of the same number gives way: its link dies and its address is
        free. Raises AccountExists (X7) or EmailUsed; then nothing was changed.
        """
        account = self._planned(new)
        with self.db.transaction():
            self.accounts.take_turns(new.nir, new.contact.email)
            self._make_room(new)
            if not self.accounts.add(account, new):
                raise EmailUsed
            if new.upstream and not self.upstream.tie(account.id, new.upstream):
                raise AccountExists
            self.consents.keep(account.id, new.contact.consents)
            self.audit.record(_created(account, new, self.audit))
            self.activation.send_link(account)
        return account

    def warn_holder(self, account: Account, reference: str) -> None:
        """Tell the holder that somebody tried to create an account again; at most one mail a day.

        Joins the transaction of the refusal.
        """
        limits = self.limits
        with self.db.transaction():
            try:
                self.counters.take(
                    "account_exists_mail",
                    account.id,
                    count=limits.account_exists_mail_count,
                    window=limits.account_exists_mail_window,
                )
            except Throttled:
                return
            if account.status is Status.ACTIVE and account.reachable:
                self.mails.account_exists(account)
                self.audit.record(HolderWarned(subject=account.id, txn=reference))

    def _planned(self, new: NewAccount) -> Account:
        return Account(
            id=uuid4().hex,
            insured_id=new.insured_id,
            nir=new.nir,
            status=Status.PENDING,
            email=new.contact.email.secret,
            email_changed_at=None,
            code_required=True,
            has_password=True,
            channel=new.channel,
            created_at=self.clock(),
            activated_at=None,
            reference=new.reference,
        )

    def _make_room(self, new: NewAccount) -> None:
        """Remove what gives way; raise for what does not."""
        same_number = self.accounts.by_nir(new.nir)
        if same_number and same_number.bars_creation:
            raise AccountExists
        if same_number:
            self._remove(same_number, "replaced")
        same_address = self.accounts.by_email(new.contact.email)
        if same_address and not self.activation.overdue(same_address):
            raise EmailUsed
        if same_address:
            self._remove(same_address, "expired")

    def _remove(self, account: Account, reason: str) -> None:
        if not self.accounts.remove(account):
            raise AccountExists  # activated in between
        self.mails.give_up_links(account)
        self.audit.record(
            AccountPurged(subject=account.id, txn=account.reference, reason_code=reason)
        )


def _created(account: Account, new: NewAccount, audit: AuditLog) -> AccountCreated:
    upstream = None
    if new.upstream:
        upstream = audit.upstream(new.upstream.iss, new.upstream.sub)
    return AccountCreated(
        subject=account.id,
        txn=new.reference,
        reason_code=str(new.channel),
        upstream=upstream,
        mail_domain_ref=audit.domain_ref(new.contact.email.domain),
    )
