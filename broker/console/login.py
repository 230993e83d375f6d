"""How an analyst logs in: name, password and the code of their application, all at once."""

from dataclasses import dataclass

from broker.audit.log import AuditLog
from broker.base.crypto import Secret
from broker.console.events import AnalystLoggedIn
from broker.console.model import Credentials
from broker.console.proof import AnalystProof, Typed
from broker.console.sessions import AnalystSessions, by


@dataclass(frozen=True)
class AnalystLogin:
    """The use case of the login page."""

    proof: AnalystProof
    sessions: AnalystSessions
    audit: AuditLog

    def enter(self, name: str, password: Secret, code: str, former: Secret | None) -> Secret:
        """Return the cookie of a new session, or raise AnalystRefused or Throttled.

        *former* is the cookie that the browser brought.
        """

        def opened(entering: Credentials) -> Secret:
            session, cookie = self.sessions.open(entering.analyst, former)
            self.audit.record(AnalystLoggedIn(**by(session)))
            return cookie

        return self.proof.require(Typed(name=name, password=password, code=code), opened)
