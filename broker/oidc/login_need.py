"""Does the person have to log in before this request is answered, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.clients.model import Client
from broker.oidc.assurance import rank
from broker.oidc.request import AuthorizationRequest
from broker.sessions.model import Session


@dataclass(frozen=True)
class Situation:
    """A request, and the session it meets; ``interaction_id`` once the request has waited."""

    request: AuthorizationRequest
    client: Client
    session: Session
    now: datetime
    required_rank: int
    expected_sub: str | None
    sub: str
    interaction_id: str | None = None

    @property
    def made_for_it(self) -> bool:
        """Whether the login behind the session was made for this very request."""
        return self.interaction_id is not None and (
            self.session.login_request_id == self.interaction_id
        )


def _asked_for(s: Situation) -> bool:
    """OpenID Connect Core §3.1.2.1; FranceConnect's every request means it."""
    asks = s.client.from_franceconnect or s.request.prompts & {"login", "select_account"}
    return bool(asks) and not s.made_for_it


def _too_old(s: Situation) -> bool:
    """OpenID Connect Core §3.1.2.1, max_age; registration §2, default_max_age."""
    max_age = s.request.max_age
    if max_age is None:
        max_age = s.client.default_max_age
    if max_age is None or s.made_for_it:
        return False
    return s.now > s.session.auth_time + timedelta(seconds=max_age) or max_age == 0


def _without_code(s: Situation) -> bool:
    """Tell whether the partner wants an e-mailed code that the session did not have."""
    return s.client.code == "always" and "otp" not in s.session.amr and not s.made_for_it


def _too_weak(s: Situation) -> bool:
    return rank(s.session.acr) < s.required_rank


def _somebody_else(s: Situation) -> bool:
    """OpenID Connect Core §3.1.2.1, id_token_hint; §5.5.1, the sub that was asked."""
    return s.expected_sub is not None and s.expected_sub != s.sub


_REASONS: tuple[tuple[str, Callable[[Situation], bool]], ...] = (
    ("requested", _asked_for),
    ("too_old", _too_old),
    ("code_needed", _without_code),
    ("too_weak", _too_weak),
    ("other_person", _somebody_else),
)


def reason_to_log_in(situation: Situation) -> str | None:
    """Return why the session does not answer the request, or None when it does."""
    return next((reason for reason, holds in _REASONS if holds(situation)), None)
