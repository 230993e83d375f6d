"""Ties a FranceConnect identity to an account, replaces it, and unties it."""

from dataclasses import dataclass

from broker.accounts.events import UpstreamTied, UpstreamUntied
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Account, Tie, TieOutdated, UpstreamIdentity, UpstreamTaken
from broker.accounts.upstream import UpstreamTies
from broker.audit.log import AuditLog


@dataclass(frozen=True)
class Tying:
    """Every change leaves an event and a mail to the holder; whoever calls has judged the proof.

    Each belongs in the transaction of the caller, who holds the account's row.
    """

    ties: UpstreamTies
    mails: AccountMails
    audit: AuditLog

    def present(self, account_id: str, iss: str) -> str | None:
        """Return the pseudonym of the identity that opens the account at that issuer."""
        tie = self._at(account_id, iss)
        return self._ref(tie.identity) if tie else None

    def tie(
        self,
        account: Account,
        identity: UpstreamIdentity,
        *,
        replacing: str | None,
        auth_event_id: str,
    ) -> None:
        """Tie the identity in place of the one that its holder was told of; again is harmless.

        *replacing* is the pseudonym of that one, None for the first tie. Raises UpstreamTaken,
        or TieOutdated where the account is tied otherwise by now; then nothing was changed.
        """
        former = self._at(account.id, identity.iss)
        if former and former.identity == identity:
            return
        if replacing != (self._ref(former.identity) if former else None):
            raise TieOutdated("changed_meanwhile")
        if not self._put(account.id, former, identity):
            raise UpstreamTaken("taken")
        self.audit.record(
            UpstreamTied(
                subject=account.id,
                auth_event_id=auth_event_id,
                reason_code="changed" if former else "first",
                upstream=self.audit.upstream(identity.iss, identity.sub),
                replaced=replacing,
            )
        )
        self.mails.franceconnect_tied(account, replaced=former is not None, login=auth_event_id)

    def untie(self, account: Account, *, auth_event_id: str | None, tell: bool = True) -> None:
        """Undo whatever ties FranceConnect to the account; nothing tied is harmless.

        *tell*: whether the holder gets a mail.
        """
        undone = [tie for tie in self.ties.of(account.id) if self.ties.untie(account.id, tie)]
        if not undone:
            return
        self.audit.record(
            *(
                UpstreamUntied(
                    subject=account.id,
                    auth_event_id=auth_event_id,
                    upstream=self.audit.upstream(tie.identity.iss, tie.identity.sub),
                )
                for tie in undone
            )
        )
        if tell:
            self.mails.franceconnect_untied(account, login=auth_event_id)

    def _at(self, account_id: str, iss: str) -> Tie | None:
        ties = self.ties.of(account_id)
        return next((tie for tie in ties if tie.identity.iss == iss), None)

    def _put(self, account_id: str, former: Tie | None, identity: UpstreamIdentity) -> bool:
        if former is None:
            return self.ties.tie(account_id, identity)
        return self.ties.replace(account_id, former, identity)

    def _ref(self, identity: UpstreamIdentity) -> str | None:
        return self.audit.upstream(identity.iss, identity.sub).sub_ref
