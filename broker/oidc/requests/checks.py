"""The rules of an authorization request, in their order; the PAR endpoint runs the same ones."""

import re
from collections.abc import Callable

from broker.clients.model import Client
from broker.clients.scopes import OFFLINE, OPENID
from broker.oidc.errors import (
    InvalidRequest,
    InvalidScope,
    OAuthError,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestURINotSupported,
    UnregisteredRedirectURI,
    UnsupportedResponseType,
)
from broker.oidc.requests.as_sent import AuthorizationRequest

Check = Callable[[AuthorizationRequest, Client], None]
RESPONSE_MODES = ("query", "form_post")
PROMPTS = ("none", "login", "consent", "select_account", "create")
_DIGEST = re.compile(r"[A-Za-z0-9\-_]{43}")
_UNSUPPORTED: dict[str, tuple[type[OAuthError], str]] = {
    "request": (RequestNotSupported, "request objects are not supported"),
    "request_uri": (RequestURINotSupported, "only the PAR endpoint's request_uris are supported"),
    "registration": (RegistrationNotSupported, "nobody registers within a request"),
}
_LONGEST = {
    "nonce": 1_024,
    "claims": 8_192,
    "login_hint": 8_192,
    "id_token_hint": 16_384,
}  # characters
_LONGEST_OTHER = 4_096


def redirect_uri_is_registered(request: AuthorizationRequest, client: Client) -> None:
    """RFC 9700 §4.1.3 and RFC 6749 §4.1.2.1: the same string, or nobody is redirected."""
    if "redirect_uri" in request.repeated or not client.may_return_to(request.redirect_uri):
        raise UnregisteredRedirectURI(client)


def redirect_uri_is_right_if_named(request: AuthorizationRequest, client: Client) -> None:
    """draft-ietf-oauth-first-party-apps-04 §6: nobody is redirected, so that none is needed."""
    if request.redirect_uri or "redirect_uri" in request.repeated:
        redirect_uri_is_registered(request, client)


def parameters_are_single(request: AuthorizationRequest, _client: Client) -> None:
    """RFC 6749 §3.1: no parameter more than once."""
    if request.repeated:
        raise InvalidRequest("a parameter was given more than once")


def request_object_is_absent(request: AuthorizationRequest, _client: Client) -> None:
    """OpenID Connect Core §6 and §7.2.1: not supported, and never silently ignored."""
    if request.request_object is not None:
        error, description = _UNSUPPORTED[request.request_object]
        raise error(description)


def pushed_where_required(request: AuthorizationRequest, client: Client) -> None:
    """RFC 9126 §6 and FAPI 2.0 §5.3.2.2: these clients come through PAR."""
    if client.require_pushed_authorization_requests and not request.pushed:
        raise InvalidRequest("a pushed authorization request is required")


def response_type_is_code(request: AuthorizationRequest, _client: Client) -> None:
    """RFC 9700 §2.1.2: the implicit and hybrid flows do not exist here."""
    response_type = request.values.get("response_type")
    if response_type is None:
        raise InvalidRequest("response_type is required")
    if response_type != "code":
        raise UnsupportedResponseType("response_type must be code")


def response_mode_is_known(request: AuthorizationRequest, _client: Client) -> None:
    """OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode."""
    if request.response_mode not in RESPONSE_MODES:
        raise InvalidRequest("response_mode must be query or form_post")


def scope_is_allowed(request: AuthorizationRequest, client: Client) -> None:
    """OpenID Connect Core §3.1.2.1: openid is there; unknown scopes are ignored.

    So is offline_access where it cannot be given (§11).
    """
    if OPENID not in request.scopes:
        raise InvalidScope("the scope openid is required")
    known = (scope for scope in request.known_scopes if scope != OFFLINE)
    refused = [scope for scope in known if not client.may_ask(scope)]
    if refused:
        raise InvalidScope(f"not granted to this client: {' '.join(refused)}")


def pkce_is_s256(request: AuthorizationRequest, client: Client) -> None:
    """RFC 7636 §4.3 and RFC 9700 §2.1.1: required, and never plain."""
    challenge = request.values.get("code_challenge")
    method = request.values.get("code_challenge_method")
    if challenge is None and method is None:
        if client.needs_pkce(request.received_at.date()):
            raise InvalidRequest("code_challenge is required")
        return
    if method != "S256":
        raise InvalidRequest("code_challenge_method must be S256")
    if challenge is None or not _DIGEST.fullmatch(challenge):
        raise InvalidRequest("code_challenge is not a SHA-256 digest in base64url")


def dpop_jkt_is_a_thumbprint(request: AuthorizationRequest, _client: Client) -> None:
    """RFC 9449 §10: a SHA-256 thumbprint, of the key that redeems the code."""
    thumbprint = request.values.get("dpop_jkt")
    if thumbprint is not None and not _DIGEST.fullmatch(thumbprint):
        raise InvalidRequest("dpop_jkt is not a SHA-256 thumbprint in base64url")


def bound_without_pkce(request: AuthorizationRequest, client: Client) -> None:
    """RFC 9700 §2.1 and §2.1.1: where PKCE binds nothing, nonce binds the code, state the answer.

    FranceConnect comes without PKCE and always sends both.
    """
    if client.from_franceconnect and not {"state", "nonce"} <= request.values.keys():
        raise InvalidRequest("state and nonce are required without PKCE")


def prompt_is_known(request: AuthorizationRequest, _client: Client) -> None:
    """OpenID Connect Core §3.1.2.1: none stands alone.

    A new account (Initiating User Registration §4) is neither one that logs in again nor one to
    choose.
    """
    if not request.prompts <= set(PROMPTS):
        raise InvalidRequest("prompt is unknown")
    if "none" in request.prompts and len(request.prompts) > 1:
        raise InvalidRequest("prompt none stands alone")
    if "create" in request.prompts and request.prompts & {"login", "select_account"}:
        raise InvalidRequest("prompt create goes with neither login nor select_account")


def values_are_readable(request: AuthorizationRequest, _client: Client) -> None:
    """OpenID Connect Core §3.1.2.1 and §5.5: max_age and claims can be understood."""
    _ = request.max_age, request.claims


def values_are_short_enough(request: AuthorizationRequest, _client: Client) -> None:
    """Limit what is kept while a request waits: a longer value is refused, never cut."""
    for name, value in request.values.items():
        longest = _LONGEST.get(name, _LONGEST_OTHER)
        if len(value) > longest:
            raise InvalidRequest(f"{name} is longer than {longest} characters")


_OF_THE_REQUEST: tuple[Check, ...] = (
    parameters_are_single,
    request_object_is_absent,
    pushed_where_required,
    response_type_is_code,
    response_mode_is_known,
    scope_is_allowed,
    pkce_is_s256,
    dpop_jkt_is_a_thumbprint,
    bound_without_pkce,
    prompt_is_known,
    values_are_short_enough,
    values_are_readable,
)
# The address comes first: before it passes, nobody may be redirected.
CHECKS: tuple[Check, ...] = (redirect_uri_is_registered, *_OF_THE_REQUEST)
CHECKS_WITHOUT_BROWSER: tuple[Check, ...] = (redirect_uri_is_right_if_named, *_OF_THE_REQUEST)


def check(
    request: AuthorizationRequest, client: Client, checks: tuple[Check, ...] = CHECKS
) -> None:
    """Run every check; the first that fails raises."""
    for rule in checks:
        rule(request, client)
