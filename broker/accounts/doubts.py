"""Tells the holder of a login, or of failed codes, behind which somebody else may stand."""

from dataclasses import dataclass

from broker.accounts.mailing import AccountMails
from broker.accounts.model import Account
from broker.accounts.store import AccountStore
from broker.base.counters import Counters
from broker.base.errors import Throttled
from broker.base.limits import Limits


@dataclass(frozen=True)
class Doubts:
    """Only whoever knows the password causes these mails, a few a day: strangers cannot.

    A failed password alone is told to nobody, since anybody can fail for anybody.
    """

    accounts: AccountStore
    mails: AccountMails
    counters: Counters
    limits: Limits

    def code_failed(self, account_id: str, login: str) -> None:
        """Count a wrong code, and tell of the one that makes them several; joins the transaction.

        Over all codes and browsers: who asks for another code in time goes on being counted.
        The mail has no link, like that of a code. So no row hangs on the account, whose lock
        logins take before that of their code.
        """
        limits = self.limits
        try:
            left = self.counters.take(
                "code.told",
                account_id,
                count=limits.failed_codes_told_count,
                window=limits.failed_codes_told_window,
            )
        except Throttled:
            return
        account = self.accounts.get(account_id) if left == 0 else None
        if account and account.may_log_in and account.reachable:
            self.mails.codes_failed(account, login=login)

    def passwords_failed(self, account: Account, browser: str, *, login: str) -> None:
        """Tell of a login without a code after failed passwords; belongs in its transaction."""
        try:
            self.counters.take(
                "login.told",
                account.id,
                count=self.limits.login_told_count,
                window=self.limits.login_told_window,
            )
        except Throttled:
            return
        if account.reachable:
            self.mails.login_after_failures(account, browser, login=login)
