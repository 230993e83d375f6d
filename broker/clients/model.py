"""A partner as the protocol knows it, and how the broker says that it does not."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus

from joserfc.jwk import Key

from broker.base.errors import Refusal
from broker.clients.addresses import origin, same_but_port
from broker.clients.scopes import CLAIMS, OFFLINE, claims_of, covers
from broker.clients.shared_signals import SharedSignals

_LONGEST_FAPI_CODE = 60  # seconds
STRONG_SIGNATURES = frozenset({"ES256", "PS256"})


class Profile(StrEnum):
    """The set of rules that a client follows."""

    STANDARD = "standard"
    FAPI2 = "fapi2"
    FRANCECONNECT = "franceconnect"


class AuthMethod(StrEnum):
    """How a client proves itself at the token and PAR endpoints."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


class UnknownClient(Refusal):
    """No partner is registered under that client_id."""

    code = "oidc-unknown-client"


class DisabledClient(UnknownClient):
    """The partner is registered and switched off."""

    code = "oidc-disabled-client"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, client: "Client") -> None:
        super().__init__(client.client_id)
        self.client = client


class SecretWrong(Refusal):
    """The client_secret is none of those that are active."""

    code = "client-secret-wrong"
    status = HTTPStatus.UNAUTHORIZED


class KeysUnavailable(Refusal):
    """The partner has no key that serves, or its address does not give any; ``reason`` says."""

    code = "client-keys-unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RegistrationRefused(Refusal):
    """A client file breaks a rule; ``flaws`` says which member and why, for the operator."""

    code = "client-registration-refused"

    def __init__(self, source: str, flaws: tuple[str, ...]) -> None:
        super().__init__(f"{source}: " + "; ".join(flaws))
        self.source = source
        self.flaws = flaws


@dataclass(frozen=True)
class Compatibility:
    """A rule that is lifted for one client, up to and including a day."""

    name: str
    until: date


@dataclass(frozen=True, kw_only=True)
class Client:
    """One partner, under the names of its registration (RFC 7591, OpenID registration)."""

    client_id: str
    client_name: str
    client_uri: str | None = None
    policy_uri: str | None = None
    application_type: str = "web"
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...] = ("authorization_code",)
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    token_endpoint_auth_method: AuthMethod = AuthMethod.BASIC
    token_endpoint_auth_signing_alg: str | None = None
    keys: tuple[Key, ...] = field(default=(), repr=False)
    """Those of its file; empty where ``jwks_uri`` names an address that publishes them."""
    jwks_uri: str | None = None
    scopes: frozenset[str]
    id_token_signed_response_alg: str = "RS256"  # noqa: S105 - an algorithm
    id_token_encrypted_response_alg: str | None = None
    userinfo_signed_response_alg: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    default_max_age: int | None = None
    require_pushed_authorization_requests: bool = False
    dpop_bound_access_tokens: bool = False
    dpop_nonce: bool = False
    """Whether its DPoP proofs have to hold a nonce of ours."""
    first_party: bool = False
    """Whether it is an app of our own, whose screens may ask people for their password."""
    profile: Profile = Profile.STANDARD
    minimum_acr: str = "eidas1"
    code: str = "new_browser"
    nir: bool = False
    sector: str
    has_sector: bool = True
    """Whether a sector is named, or told by the redirect URIs."""
    resource: str | None = None
    introspects: bool = False
    access_token_signed_response_alg: str | None = None
    shared_signals: SharedSignals | None = None
    """Where it is sent security events, and which."""
    compatibility: tuple[Compatibility, ...] = ()

    @property
    def from_franceconnect(self) -> bool:
        """Whether this client is FranceConnect, for whom we are an identity provider."""
        return self.profile is Profile.FRANCECONNECT

    @cached_property
    def claims(self) -> tuple[str, ...]:
        """Every claim that this client can obtain, in a steady order."""
        return claims_of(scope for scope in CLAIMS if scope in self.scopes)

    def may_return_to(self, redirect_uri: str) -> bool:
        """Tell whether the redirect URI is registered: the same string (RFC 9700 §4.1.3).

        The port of a native client's http loopback address is free (RFC 8252 §7.3).
        """
        if redirect_uri in self.redirect_uris:
            return True
        return self.application_type == "native" and any(
            same_but_port(registered, redirect_uri) for registered in self.redirect_uris
        )

    def may_ask(self, scope: str) -> bool:
        """Tell whether the client may ask for that (known) scope."""
        if scope == OFFLINE:
            return self.may_refresh and OFFLINE in self.scopes
        return covers(self.scopes, scope)

    @property
    def may_refresh(self) -> bool:
        """Whether this client gets refresh tokens."""
        return "refresh_token" in self.grant_types

    @property
    def rotates(self) -> bool:
        """Whether a refresh token serves once: where no secret protects it (RFC 9700 §4.14.2)."""
        return self.token_endpoint_auth_method is AuthMethod.NONE

    def accepts(self, signature: str | None) -> bool:
        """Tell whether tokens of this client may be signed so, or (None) not (FAPI 2.0 §5.4.1)."""
        return self.profile is not Profile.FAPI2 or signature in {None, *STRONG_SIGNATURES}

    def code_life(self, usual: int) -> int:
        """Return for how many seconds a code of this client lives (FAPI 2.0 §5.3.2.1-11)."""
        return min(usual, _LONGEST_FAPI_CODE) if self.profile is Profile.FAPI2 else usual

    @cached_property
    def page_origins(self) -> frozenset[str]:
        """Origins whose scripts hold its tokens: those of a web client that proves nothing."""
        if (
            self.token_endpoint_auth_method is not AuthMethod.NONE
            or self.application_type != "web"
        ):
            return frozenset()
        return frozenset(map(origin, self.redirect_uris))

    def needs_pkce(self, on: date) -> bool:
        """Tell whether PKCE is required: always, but for FranceConnect and dated exceptions."""
        lifted = any(rule.name == "no_pkce" and on <= rule.until for rule in self.compatibility)
        return not (self.from_franceconnect or (lifted and self.profile is Profile.STANDARD))


@dataclass(frozen=True)
class StoredSecret:
    """One active secret of a client: its keyed hash and its end, if one is set."""

    digest: bytes = field(repr=False)
    expires_at: datetime | None = None
