"""The mails of accounts, each queued in the transaction of what it tells."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.accounts.model import Account
from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.base.web import clock_time, french_date
from broker.mail.outbox import Outbox

_NOTICE_LIFE = timedelta(days=2)


@dataclass(frozen=True)
class AccountMails:
    """Writes to the holder of an account; links start with the issuer, never with a header."""

    outbox: Outbox
    issuer: str
    clock: Clock

    def give_up_links(self, account: Account) -> None:
        """Give up mails that still wait and whose links are dead."""
        self.outbox.cancel(account.id, "activation", "reset", "address_confirm")

    def activation(self, account: Account, token: Secret, valid_until: datetime) -> None:
        """Send the link that confirms the address."""
        link = f"{self.issuer}/activation/{token.reveal()}"
        context: dict[str, object] = {"link": link, "expires_on": french_date(valid_until)}
        self._send("activation", account, context, valid_until)

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

    def address_changed(self, account: Account, token: Secret, valid_until: datetime) -> None:
        """Tell the former address that another took its place; the link takes it back."""
        link = f"{self.issuer}/adresse-e-mail/annuler/{token.reveal()}"
        self._notice("address_changed", account, link=link, expires_on=french_date(valid_until))

    def account_closed(self, account: Account) -> None:
        """Tell that the account was closed."""
        self._notice("account_closed", account)

    def password_changed(self, account: Account, *, others: bool = False) -> None:
        """Tell that the password was changed; *others*: one session, its own, was left open."""
        self._notice("password_changed", account, others=others)

    def franceconnect_tied(self, account: Account, *, replaced: bool, reference: str) -> None:
        """Tell that FranceConnect opens the account, or that its identity was replaced."""
        self._notice("franceconnect_tied", account, replaced=replaced, reference=reference)

    def franceconnect_untied(self, account: Account, *, reference: str) -> None:
        """Tell that FranceConnect does not open the account any more."""
        self._notice("franceconnect_untied", account, reference=reference)

    def account_exists(self, account: Account) -> None:
        """Tell that somebody tried to create an account with this number."""
        self._send("account_exists", account, {}, self.clock() + _NOTICE_LIFE)

    def _notice(self, kind: str, account: Account, **context: object) -> None:
        now = self.clock()
        when: dict[str, object] = {"done_on": french_date(now), "done_at": clock_time(now)}
        self._send(kind, account, when | context, now + _NOTICE_LIFE)

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
            {"reference": account.reference, **context},
            expires_at=expires_at,
            about=account.id,
        )
