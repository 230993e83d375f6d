"""The holder of what is cut: whether a mail may tell them of it, and that mail."""

from dataclasses import dataclass
from datetime import timedelta

from broker.accounts.accounts import Accounts
from broker.accounts.events import EmailChanged, EmailChangeUndone
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Account, AccountUnknown
from broker.audit.questions.history import History
from broker.base.clock import Clock
from broker.clients.directory import Clients
from broker.cuts.model import Target, Telling

RECENT = timedelta(days=30)
"""How long a changed address is in doubt: whoever takes an account over changes it first."""


@dataclass(frozen=True)
class Holders:
    """Tells people, by mail, of what was cut; whether it does is the responder's choice.

    Who got into the mailbox reads that mail too. It holds no link, so that it opens nothing.
    """

    accounts: Accounts
    clients: Clients
    mails: AccountMails
    history: History
    clock: Clock

    def telling(self, target: Target) -> Telling:
        """Return whether a mail would reach the holder alone, as far as the trail knows."""
        account = self._reachable(target)
        if account is None:
            return Telling.NOBODY
        kinds = EmailChanged.type, EmailChangeUndone.type
        changes = self.history.bodies(account.id, kinds, since=self.clock() - RECENT)
        recent = bool(changes) and changes[-1]["type"] == EmailChanged.type
        return Telling.DOUBTFUL if recent else Telling.ADVISED

    def tell(self, target: Target, reference: str) -> bool:
        """Queue the mail, in the caller's transaction; False where nobody can be told."""
        account = self._reachable(target)
        if account is None:
            return False
        client = self.clients.registered(target.client_id) if target.client_id else None
        service = client.client_name if client else None
        self.mails.cut(account, str(target.kind), reference, service=service)
        return True

    def _reachable(self, target: Target) -> Account | None:
        if target.kind.is_wide or target.account_id is None:
            return None
        try:
            account = self.accounts.get(target.account_id)
        except AccountUnknown:
            return None
        return account if account.may_log_in and account.reachable else None
