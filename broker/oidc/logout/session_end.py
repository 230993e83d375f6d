"""What ends with a session at the provider: its tokens, and the partners' own sessions."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.oidc.grants.families import Families
from broker.oidc.logout.notices import LogoutNotices
from broker.sessions.model import Session

_BY_ITSELF = {"idle", "expired"}


@dataclass(frozen=True)
class SessionEnd:
    """Joins the transaction in which the session ends."""

    notices: LogoutNotices
    families: Families
    revoked: Callable[[Session, str], None]
    """Tells whoever listens to security events, which stand above."""

    def of(self, session: Session, reason: str) -> None:
        """Tell the partners; tokens of a session that ran out by itself keep their own limits.

        Its codes end in every case: who redeemed one before takes part, and is told.
        """
        self.families.hold(session)
        self.notices.of_session(session, reason)
        self.revoked(session, reason)
        if reason in _BY_ITSELF:
            self.families.end_codes(session, reason)
        else:
            self.families.end_of_session(session, reason)
