"""What must happen before a request is answered: a login, or the page that informs, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.base.clock import Clock
from broker.clients.model import Client
from broker.oidc.claims.assurance import LOCAL_ACR, preferred_rank, rank, required_rank
from broker.oidc.claims.readable import data_of
from broker.oidc.claims.subjects import Subjects
from broker.oidc.consents.agreements import Consents
from broker.oidc.errors import (
    ConsentRequired,
    InvalidRequest,
    LoginRequired,
    OAuthError,
    UnmetAuthenticationRequirements,
)
from broker.oidc.requests.as_sent import AuthorizationRequest
from broker.oidc.requests.intake import Asked
from broker.oidc.signed import Untrusted
from broker.oidc.tokens.identity import IdTokens
from broker.sessions.model import Session

_ENCRYPTED_HINT = "encrypted: send the signed ID Token that is inside"


@dataclass(frozen=True)
class Need:
    """What stands between a request and its answer; ``reason`` is for the trail."""

    page: str
    """``login`` or ``information``."""
    reason: str

    @property
    def is_login(self) -> bool:
        """Whether the person has to prove who they are, rather than to read and to choose."""
        return self.page == "login"

    def silent_error(self) -> OAuthError:
        """Return what prompt=none answers (OpenID Connect Core §3.1.2.6)."""
        if self.is_login:
            return LoginRequired("the person has to log in")
        return ConsentRequired("the person has to read and to agree")

    def dead_end(self) -> OAuthError:
        """Return what is answered when the login that was asked does not do."""
        if self.reason == "too_weak":
            return UnmetAuthenticationRequirements("the login did not reach the acr asked")
        return LoginRequired("the login does not answer the request")


NO_SESSION = Need("login", "no_session")


@dataclass(frozen=True)
class Situation:
    """A request, and the session it meets; ``interaction_id`` once the request has waited."""

    request: AuthorizationRequest
    client: Client
    session: Session
    now: datetime
    required_rank: int
    preferred_rank: int
    expected_subs: frozenset[str] | None
    sub: str
    agreed: bool
    """Whether the person has already agreed to all that is asked."""
    interaction_id: str | None = None

    @property
    def made_for_it(self) -> bool:
        """Whether the login behind the session was made for this very request."""
        return self.interaction_id is not None and (
            self.session.login_request_id == self.interaction_id
        )


def _asked_for(s: Situation) -> bool:
    """OpenID Connect Core §3.1.2.1, Initiating User Registration §4; FranceConnect means it."""
    asks = s.client.from_franceconnect or s.request.prompts & {"login", "create"}
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


def _weaker_than_preferred(s: Situation) -> bool:
    """RFC 9470 §5: ``acr_values`` asks for a login; OpenID Connect Core §3.1.2.1: any will do."""
    weaker = rank(s.session.acr) < s.preferred_rank
    return weaker and not s.made_for_it and "none" not in s.request.prompts


def _somebody_else(s: Situation) -> bool:
    """OpenID Connect Core §3.1.2.1, id_token_hint; §5.5.1, the sub that was asked."""
    return s.expected_subs is not None and s.sub not in s.expected_subs


def _consent_asked(s: Situation) -> bool:
    return "consent" in s.request.prompts


def _never_agreed(s: Situation) -> bool:
    """FranceConnect has an information page of its own, before it calls us."""
    return not s.agreed and not s.client.from_franceconnect


def _choice_asked(s: Situation) -> bool:
    return "select_account" in s.request.prompts and not s.made_for_it


_Reasons = tuple[tuple[str, Callable[[Situation], bool]], ...]
_TO_LOG_IN: _Reasons = (
    ("requested", _asked_for),
    ("too_old", _too_old),
    ("code_needed", _without_code),
    ("too_weak", _too_weak),
    ("stronger_preferred", _weaker_than_preferred),
    ("other_person", _somebody_else),
)
_TO_BE_INFORMED: _Reasons = (
    ("requested", _consent_asked),
    ("not_agreed", _never_agreed),
    ("select_account", _choice_asked),
)


@dataclass(frozen=True)
class Needs:
    """Judges a request that passed the checks, in front of the browser's session."""

    consents: Consents
    subjects: Subjects
    id_tokens: IdTokens
    clock: Clock
    highest_acr: str
    """The strongest level that any login here can reach."""

    def of(self, asked: Asked, session: Session | None) -> Need | None:
        """Return what is needed first, or None where the answer can be given at once.

        Raises the OAuthError of a request that no login here could satisfy.
        """
        required = required_rank(asked.request, asked.client, self.highest_acr)
        expected = self._expected_subs(asked)
        if session is None:
            return NO_SESSION
        situation = Situation(
            request=asked.request,
            client=asked.client,
            session=session,
            now=self.clock(),
            required_rank=required,
            preferred_rank=preferred_rank(asked.request, self.highest_acr),
            expected_subs=expected,
            sub=self.subjects.sub(asked.client, session.account_id),
            agreed=self.consents.covers(
                session.account_id, asked.client, data_of(asked.request, asked.client)
            ),
            interaction_id=asked.interaction_id,
        )
        return _first(situation)

    def exceeds_password(self, asked: Asked) -> bool:
        """Tell whether a password and a code would be too weak an answer.

        Raises the OAuthError of a request that no login here could satisfy.
        """
        return required_rank(asked.request, asked.client, self.highest_acr) > rank(LOCAL_ACR)

    def _expected_subs(self, asked: Asked) -> frozenset[str] | None:
        """Return whom the request may be about, when it says so."""
        wanted = asked.request.claims.subs
        hint = asked.request.values.get("id_token_hint")
        if hint is None:
            return wanted
        try:
            recognised = self.id_tokens.recognise(hint)
        except Untrusted as untrusted:
            flaw = "not an ID Token of ours" if str(untrusted) != "encrypted" else _ENCRYPTED_HINT
            raise InvalidRequest(f"id_token_hint is {flaw}") from None
        if recognised.client_id != asked.client.client_id:
            raise InvalidRequest("id_token_hint is another client's")
        hinted = frozenset({recognised.sub})
        return hinted if wanted is None else hinted & wanted


def _first(situation: Situation) -> Need | None:
    for page, reasons in (("login", _TO_LOG_IN), ("information", _TO_BE_INFORMED)):
        for reason, holds in reasons:
            if holds(situation):
                return Need(page, reason)
    return None
