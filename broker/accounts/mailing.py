"""The mails of accounts, each queued in the transaction of what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.accounts.email_address import masked
from broker.accounts.links import MailedLinks, Purpose
from broker.accounts.model import Account
from broker.base.clock import Clock
from broker.base.crypto import Secret, new_reference
from broker.base.limits import Limits
from broker.base.paris import clock_time, french_date
from broker.mail.outbox import Outbox

_NOTICE_LIFE = timedelta(days=2)
_LINKS = ("activation", "activation_reminder", "reset", "address_confirm")


@dataclass(frozen=True)
class UnknownLogin:
    """A login from a browser that the account did not know."""

    auth_event_id: str
    browser: str
    logged_in_at: datetime


@dataclass(frozen=True)
class AccountMails:
    """Writes to the holder of an account; links start with the issuer, never with a header."""

    outbox: Outbox
    links: MailedLinks
    limits: Limits
    issuer: str
    clock: Clock

    def give_up_links(self, account: Account) -> None:
        """Give up mails that still wait and whose links are dead."""
        self.outbox.cancel(account.id, *_LINKS)

    def give_up_reset(self, account: Account) -> None:
        """Give up the mail of a forgotten password alone, if it still waits."""
        self.outbox.cancel(account.id, "reset")

    def undelivered(self, account_id: str, since: datetime | None = None) -> str | None:
        """Return the address that the newest mail was refused for, masked; of *since* or later."""
        refused = self.outbox.undelivered(account_id, since)
        return masked(refused.reveal()) if refused else None

    def forget_undelivered(self, account: Account) -> None:
        """Forget the addresses that mails were refused for."""
        self.outbox.forget_undelivered(account.id)

    def activation(
        self, account: Account, token: Secret, valid_until: datetime, *, reminds: bool = False
    ) -> None:
        """Send the link that confirms the address; *reminds*: once more, unasked."""
        context: dict[str, object] = {
            "link": f"{self.issuer}/activation/{token.reveal()}",
            "expires_on": french_date(valid_until),
            "reference": account.reference,
        }
        kind = "activation_reminder" if reminds else "activation"
        self._send(kind, account, context, valid_until)

    def reset(self, account: Account, token: Secret, valid_until: datetime) -> None:
        """Send the link to choose a new password."""
        link = f"{self.issuer}/mot-de-passe-oublie/{token.reveal()}"
        context: dict[str, object] = {"link": link, "valid_until": clock_time(valid_until)}
        self._send("reset", account, context, valid_until)

    def address_confirm(
        self, account: Account, address: Secret, token: Secret, valid_until: datetime
    ) -> None:
        """Send the link that confirms a new address, to that address."""
        context: dict[str, object] = {
            "link": f"{self.issuer}/adresse-e-mail/{token.reveal()}",
            "expires_on": french_date(valid_until),
            "expires_at": clock_time(valid_until),
        }
        self._send("address_confirm", account, context, valid_until, to=address)

    def address_changed(self, account: Account) -> None:
        """Tell the former address, which is that of *account*, that another took its place."""
        self._alert("address_changed", account)

    def new_browsers(self, account: Account, logins: Sequence[UnknownLogin]) -> None:
        """Tell of logins from unknown browsers, oldest first, each with its own reference."""
        listed = [
            {"browser": one.browser, "reference": one.auth_event_id, **_when(one.logged_in_at)}
            for one in logins
        ]
        self._alert("new_browser", account, logins[0].auth_event_id, logins=listed)

    def login_after_failures(self, account: Account, browser: str, *, login: str) -> None:
        """Tell of a login in a remembered browser, where several passwords had failed before."""
        self._alert("login_after_failures", account, login, browser=browser)

    def codes_failed(self, account: Account, *, login: str) -> None:
        """Tell that several codes failed: whoever typed them may know the password."""
        now = self.clock()
        self._send("codes_failed", account, {"reference": login, **_when(now)}, now + _NOTICE_LIFE)

    def password_changed(
        self, account: Account, *, others: bool = False, login: str | None = None
    ) -> None:
        """Tell that the password was changed; *others*: one session, its own, was left open."""
        self._alert("password_changed", account, login, others=others)

    def franceconnect_tied(self, account: Account, *, replaced: bool, login: str) -> None:
        """Tell that FranceConnect opens the account, or that its identity was replaced."""
        self._alert("franceconnect_tied", account, login, replaced=replaced)

    def franceconnect_untied(self, account: Account, *, login: str | None) -> None:
        """Tell that FranceConnect does not open the account any more."""
        self._alert("franceconnect_untied", account, login)

    def account_closed(self, account: Account) -> None:
        """Tell that the account was closed."""
        now = self.clock()
        self._send("account_closed", account, _when(now), now + _NOTICE_LIFE)

    def cut(self, account: Account, kind: str, reference: str, *, service: str | None) -> None:
        """Tell what the security team ended: a `login`, the `family` of a *service*, or all.

        No link: who was made to expect such a mail must not learn to follow one.
        """
        now = self.clock()
        about = {"cut": kind, "service": service, "reference": reference, **_when(now)}
        self._send("cut", account, about, now + _NOTICE_LIFE)

    def account_exists(self, account: Account) -> None:
        """Tell that somebody tried to create an account with this number."""
        self._send("account_exists", account, {}, self.clock() + _NOTICE_LIFE)

    def _alert(
        self, kind: str, account: Account, login: str | None = None, **context: object
    ) -> None:
        """Tell of an act, with a link for a holder who has not done it; *login* did it."""
        now = self.clock()
        ends = now + timedelta(seconds=self.limits.not_me_life)
        token = self.links.add(account.id, Purpose.NOT_ME, ends, account.email, cause=login)
        about = {
            **_when(now),
            "link": f"{self.issuer}/pas-moi/{token.reveal()}",
            "expires_on": french_date(ends),
            "reference": login or new_reference(),
        }
        self._send(kind, account, about | context, now + _NOTICE_LIFE)

    def _send(
        self,
        kind: str,
        account: Account,
        context: dict[str, object],
        expires_at: datetime,
        to: Secret | None = None,
    ) -> None:
        self.outbox.send(
            kind,
            to or account.email,
            {"reference": new_reference(), **context},
            expires_at=expires_at,
            about=account.id,
        )


def _when(now: datetime) -> dict[str, object]:
    return {"done_on": french_date(now), "done_at": clock_time(now)}
