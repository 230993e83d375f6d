"""The errors of the protocol by their registered names, and those that only a page says."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from broker.base.errors import Refusal
from broker.clients.model import Client


class OAuthError(Refusal):
    """An error that a program reads: ``error`` and an English description (RFC 6749 §5.2).

    The sentence for people, where the error cannot be sent back to the partner, is the general
    one of ``code``.
    """

    code = "invalid_request"
    error: str = "invalid_request"
    nonce: str | None = None
    """What the next DPoP proof has to hold, where the lack of it was the error."""
    more: Mapping[str, object] = MappingProxyType({})
    """Members of the answer beside the two usual ones."""

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description


class InvalidRequest(OAuthError):
    """RFC 6749 §4.1.2.1 and §5.2: a parameter is missing, malformed or given twice."""


class UnsupportedResponseType(OAuthError):
    """RFC 6749 §4.1.2.1."""

    error = "unsupported_response_type"


class InvalidScope(OAuthError):
    """RFC 6749 §4.1.2.1: openid is missing, or a scope is not this client's."""

    error = "invalid_scope"


class AccessDenied(OAuthError):
    """RFC 6749 §4.1.2.1: the person gave up, or no identity can be given."""

    error = "access_denied"
    status = HTTPStatus.FORBIDDEN


class LoginRequired(OAuthError):
    """OpenID Connect Core §3.1.2.6: prompt=none, and a login is needed."""

    error = "login_required"


class ConsentRequired(OAuthError):
    """OpenID Connect Core §3.1.2.6: prompt=none, and the person has not agreed yet."""

    error = "consent_required"


class UnmetAuthenticationRequirements(OAuthError):
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0 §2."""

    error = "unmet_authentication_requirements"


class RequestNotSupported(OAuthError):
    """OpenID Connect Core §3.1.2.6: request objects are not taken."""

    error = "request_not_supported"


class RequestURINotSupported(OAuthError):
    """OpenID Connect Core §3.1.2.6: only request_uris of our own PAR endpoint are taken."""

    error = "request_uri_not_supported"


class RegistrationNotSupported(OAuthError):
    """OpenID Connect Core §3.1.2.6: nobody registers within a request."""

    error = "registration_not_supported"


class InvalidClient(OAuthError):
    """RFC 6749 §5.2: the client did not prove itself, by its registered method alone."""

    error = "invalid_client"
    status = HTTPStatus.UNAUTHORIZED


class InvalidGrant(OAuthError):
    """RFC 6749 §5.2: which check the code or refresh token failed is told to the trail alone."""

    error = "invalid_grant"

    def __init__(self, description: str, reason: str) -> None:
        super().__init__(description)
        self.reason = reason


class InvalidTarget(OAuthError):
    """RFC 8707 §2: the resource is unknown, was not granted, or must be chosen."""

    error = "invalid_target"


class InvalidProof(OAuthError):
    """RFC 9449 §5: the DPoP proof is missing or proves nothing."""

    error = "invalid_dpop_proof"


class NonceRequired(InvalidProof):
    """RFC 9449 §8 and §9: the proof must hold this nonce."""

    error = "use_dpop_nonce"

    def __init__(self, nonce: str) -> None:
        super().__init__("the DPoP proof must hold the nonce of DPoP-Nonce")
        self.nonce = nonce


class UnauthorizedClient(OAuthError):
    """RFC 6749 §5.2: this client may not use this grant type."""

    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """RFC 6749 §5.2."""

    error = "unsupported_grant_type"


class ServerError(OAuthError):
    """RFC 6749 §4.1.2.1: what was asked is right, and cannot be done."""

    error = "server_error"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class UnknownToken(OAuthError):
    """No registered name: evidence is asked of a token that was not issued to this client."""

    error = "unknown_token"
    status = HTTPStatus.NOT_FOUND


class EvidencePending(OAuthError):
    """No registered name: the event of the token is under no checkpoint yet; see Retry-After."""

    error = "evidence_pending"
    status = HTTPStatus.CONFLICT
    retry_after = 60
    """Seconds: the next checkpoint is signed by then."""

    def __init__(self) -> None:
        super().__init__(f"not signed yet: ask again in {self.retry_after} s")


class InvalidSession(OAuthError):
    """First-party apps draft 04 §5.2.2.1: the auth_session is unknown, used, over or another's."""

    error = "invalid_session"


class InsufficientAuthorization(OAuthError):
    """First-party apps draft 04 §5.2.2.1: ``next`` is the step that the person takes now.

    ``errors`` names what was typed wrong in the step before by its message codes.
    """

    error = "insufficient_authorization"
    status = HTTPStatus.FORBIDDEN

    def __init__(
        self, following: Mapping[str, object], errors: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(f"the next step is: {following['next']}")
        self.more, self.errors = following, errors


class RedirectToWeb(OAuthError):
    """First-party apps draft 04 §5.2.2.1.1: this person, or this request, needs our pages."""

    error = "redirect_to_web"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, description: str, **pushed: object) -> None:
        super().__init__(description)
        self.more = pushed


class StepDelayed(OAuthError):
    """RFC 6749 §4.1.2.1: too many tries; the same step may be taken again after Retry-After."""

    error = "temporarily_unavailable"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, following: Mapping[str, object], retry_after: int) -> None:
        super().__init__(f"too many tries: try again in {retry_after} s")
        self.more, self.retry_after = following, retry_after


class ResourceError(OAuthError):
    """An error of a protected resource: the answer carries a challenge (RFC 6750 §3)."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, description: str, **parameters: str) -> None:
        super().__init__(description)
        self.parameters = parameters

    @property
    def told(self) -> dict[str, str]:
        """What the challenge says; no value holds a quote."""
        return {"error": self.error, "error_description": self.description, **self.parameters}


class TokenRequired(ResourceError):
    """RFC 6750 §3.1: who brings no token is told that one is needed, and no error."""

    error = "invalid_token"

    @property
    def told(self) -> dict[str, str]:
        """Nothing but which schemes there are."""
        return {}


class TwoTokens(ResourceError):
    """RFC 6750 §2 and §3.1: the token came in more than one way, or more than once."""

    status = HTTPStatus.BAD_REQUEST


class InvalidToken(ResourceError):
    """RFC 6750 §3.1."""

    error = "invalid_token"


class ProofRejected(ResourceError):
    """RFC 9449 §7.1 and §9: what is wrong with a proof, said by a protected resource."""

    def __init__(self, flaw: InvalidProof) -> None:
        super().__init__(flaw.description)
        self.error, self.nonce = flaw.error, flaw.nonce


class InsufficientScope(ResourceError):
    """RFC 6750 §3.1; ``scope`` says which is needed."""

    error = "insufficient_scope"
    status = HTTPStatus.FORBIDDEN


class InsufficientUserAuthentication(ResourceError):
    """RFC 9470 §3: a stronger or newer login is needed; ``acr_values``, ``max_age`` say which."""

    error = "insufficient_user_authentication"


class UnregisteredRedirectURI(Refusal):
    """RFC 6749 §4.1.2.1: nobody is sent to an address that the partner did not register."""

    code = "oidc-redirect-uri"

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client


class RequestExpired(Refusal):
    """The request (pushed, or waiting for a login) is too old, was used, or is another browser's.

    ``client`` is the partner, where it is known, so that the page can offer a way back;
    ``restart`` is the interaction that can be asked again.
    """

    code = "oidc-request-expired"

    def __init__(self, client: Client | None = None, restart: str | None = None) -> None:
        super().__init__()
        self.client = client
        self.restart = restart


class IdentityWithheld(Refusal):
    """FranceConnect would refuse the identity: the person is told why, and nothing is sent.

    ``flaws`` are the codes of sentences; the interaction still waits for the person to give up.
    """

    code = "oidc-identity-withheld"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, flaws: tuple[str, ...], interaction_id: str | None) -> None:
        super().__init__(flaws)
        self.flaws = flaws
        self.interaction_id = interaction_id


class LogoutRequestRefused(Refusal):
    """RP-initiated logout §2 and §3: the hint is not ours, or the address is not registered."""

    code = "oidc-logout-request"

    def __init__(self, client: Client | None = None) -> None:
        super().__init__()
        self.client = client
