"""Closing an account for good, at its holder's wish."""

from dataclasses import dataclass

from broker.accounts.address_wait import AddressWait
from broker.accounts.consents import Consents
from broker.accounts.events import AccountClosed
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Change, EndSessions, Tell, WrongState
from broker.accounts.new_browsers import NewBrowsers
from broker.accounts.store import AccountStore
from broker.accounts.upstream import UpstreamTies
from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.db import Database


@dataclass(frozen=True)
class Closing:
    """Ends all that hangs on the account and forgets what the person gave; the number is free.

    The row stays a while, without address, telephones and password: whoever finds that another
    closed their account can still be told what happened. Then erasure removes it.
    """

    accounts: AccountStore
    links: MailedLinks
    upstream: UpstreamTies
    consents: Consents
    mails: AccountMails
    new_browsers: NewBrowsers
    address_wait: AddressWait
    end_sessions: EndSessions
    tell: Tell
    audit: AuditLog
    db: Database
    clock: Clock

    def close(self, account_id: str, auth_event_id: str) -> None:
        """Close the account, once; whoever calls has checked the password.

        Raises AddressTooNew, since the way back of a former address ends with the account; or
        WrongState.
        """
        self.address_wait.require_over(account_id, "closing", auth_event_id)
        with self.db.transaction():
            account = self.accounts.locked(account_id)
            if account is None or not account.may_log_in:
                raise WrongState
            self.mails.give_up_links(account)
            self.mails.forget_undelivered(account)
            self.new_browsers.forget(account.id)
            if account.reachable:
                self.mails.account_closed(account)
            self.links.kill(account.id, *Purpose)
            for tie in self.upstream.of(account.id):
                self.upstream.untie(account.id, tie)
            self.consents.forget(account.id)
            self.tell(account.id, Change.CLOSED)
            self.end_sessions(account.id, "account_closed")
            self.accounts.close(account, self.clock())
            self.audit.record(AccountClosed(subject=account.id, auth_event_id=auth_event_id))
