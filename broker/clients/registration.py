"""A registration: the standard names, and the broker's own keys under ``ameli``."""

from datetime import date
from typing import Annotated, Any, Literal

from joserfc.jwk import Key
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt

from broker.clients.addresses import Address, checked_resource, host, is_loopback
from broker.clients.key_sets import SIGNATURE_KINDS, accepted, checked_set, kinds
from broker.clients.model import AuthMethod, Client, Compatibility, Profile
from broker.clients.scopes import CLAIMS, DEFAULT, NIR
from broker.clients.shared_signals import SharedSignals

_Signature = Literal["ES256", "PS256", "RS256"]
_STRONG = Literal["ES256", "PS256", "Ed25519"]
_Encryption = Literal["ECDH-ES", "RSA-OAEP-256"]
_DERIVED = {"client_name", "keys", "compatibility", "userinfo_signed_response_alg",
            "token_endpoint_auth_signing_alg", "require_pushed_authorization_requests",
            "dpop_bound_access_tokens"}  # fmt: skip
_Acr = Literal["eidas1", "eidas2", "eidas3"]


class LiftedRule(BaseModel):
    """A rule that a client does not have to follow, up to and including a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["no_pkce"]
    until: date


class AmeliKeys(BaseModel):
    """The broker's own keys; an unknown one is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Profile = Profile.STANDARD
    minimum_acr: _Acr = "eidas1"
    code: Literal["new_browser", "always"] = "new_browser"
    nir: StrictBool = False
    sector: str | None = Field(default=None, min_length=1, max_length=255)
    dpop_nonce: StrictBool = False
    first_party: StrictBool = False
    introspects: StrictBool = False
    resource: Annotated[Address, AfterValidator(checked_resource)] | None = None
    access_token_signed_response_alg: _Signature | None = None
    ssf: SharedSignals | None = None
    compatibility: tuple[LiftedRule, ...] = ()


class Registration(BaseModel):
    """The members that are read; others are ignored with a warning.

    Names: RFC 7591 §2, OpenID registration §2, RP-initiated logout §3.1, back-channel logout §2.2,
    front-channel logout §2, RFC 9126 §6, RFC 9449 §5.2.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_id: str = Field(pattern=r"^[\x21-\x7e]{1,255}$")
    client_name: str | None = Field(default=None, min_length=1, max_length=200)
    client_uri: Address | None = None
    policy_uri: Address | None = None
    application_type: Literal["web", "native"] = "web"
    redirect_uris: tuple[Address, ...] = ()
    post_logout_redirect_uris: tuple[Address, ...] = ()
    backchannel_logout_uri: Address | None = None
    backchannel_logout_session_required: StrictBool = False
    frontchannel_logout_uri: Address | None = None
    frontchannel_logout_session_required: StrictBool = False
    response_types: tuple[Literal["code"], ...] = ("code",)
    grant_types: tuple[Literal["authorization_code", "refresh_token"], ...] = (
        "authorization_code",
    )
    token_endpoint_auth_method: AuthMethod = AuthMethod.BASIC
    token_endpoint_auth_signing_alg: _STRONG | None = None
    jwks: Annotated[dict[str, Any], AfterValidator(checked_set)] | None = None
    jwks_uri: Address | None = None
    scope: str = " ".join(DEFAULT)
    subject_type: Literal["pairwise"] = "pairwise"
    sector_identifier_uri: Address | None = None
    id_token_signed_response_alg: _Signature = "RS256"  # noqa: S105 - an algorithm
    id_token_encrypted_response_alg: _Encryption | None = None
    id_token_encrypted_response_enc: Literal["A256GCM"] | None = None
    userinfo_signed_response_alg: _Signature | None = None
    userinfo_encrypted_response_alg: _Encryption | None = None
    userinfo_encrypted_response_enc: Literal["A256GCM"] | None = None
    default_max_age: StrictInt | None = Field(default=None, ge=0)
    require_auth_time: StrictBool = False
    require_pushed_authorization_requests: StrictBool = False
    dpop_bound_access_tokens: StrictBool = False
    ameli: AmeliKeys = AmeliKeys()

    def client(self) -> Client:
        """Return the partner as the protocol uses it; FAPI 2.0 §5.3.2 implies what it demands."""
        fapi = self.ameli.profile is Profile.FAPI2
        return Client(
            **self.model_dump(include=set(Client.__dataclass_fields__) - _DERIVED),
            client_name=self.client_name or self.client_id,
            userinfo_signed_response_alg=self._userinfo_algorithm(),
            keys=self.public_keys(),
            token_endpoint_auth_signing_alg=self._assertion_algorithm(),
            scopes=self._scopes(),
            require_pushed_authorization_requests=(
                fapi or self.require_pushed_authorization_requests
            ),
            dpop_bound_access_tokens=fapi or self.dpop_bound_access_tokens,
            dpop_nonce=self.ameli.dpop_nonce,
            first_party=self.ameli.first_party,
            profile=self.ameli.profile,
            minimum_acr=self.ameli.minimum_acr,
            code="always" if self.ameli.profile is Profile.FRANCECONNECT else self.ameli.code,
            nir=self.ameli.nir,
            sector=self.sector(),
            has_sector=self.names_sector or bool(self.hosts()),
            resource=self.ameli.resource,
            introspects=self.ameli.introspects,
            access_token_signed_response_alg=self.ameli.access_token_signed_response_alg,
            shared_signals=self.ameli.ssf and self.ameli.ssf.without_header(),
            compatibility=tuple(
                Compatibility(rule.name, rule.until) for rule in self.ameli.compatibility
            ),
        )

    def public_keys(self) -> tuple[Key, ...]:
        """Return the keys that the file itself holds."""
        return accepted((self.jwks or {}).get("keys", ()))

    def sector(self) -> str:
        """Return the sector of the pairwise subjects.

        The one named, the host of the sector's file (OpenID Connect Core §8.1), or the only host
        of the redirect URIs, loopback left aside; a client of loopback alone is its own sector.
        """
        if self.ameli.sector is not None:
            return self.ameli.sector
        if self.sector_identifier_uri is not None:
            return host(self.sector_identifier_uri)
        hosts = self.hosts()
        return hosts[0] if hosts else f"client:{self.client_id}"

    @property
    def names_sector(self) -> bool:
        """Whether the sector is said, not only told by the redirect URIs."""
        return (self.ameli.sector or self.sector_identifier_uri) is not None

    def hosts(self) -> list[str]:
        """Return the hosts of the redirect URIs, loopback left aside."""
        return sorted({host(uri) for uri in self.redirect_uris if not is_loopback(uri)})

    def _scopes(self) -> frozenset[str]:
        if not self.redirect_uris:
            return frozenset()  # a resource server alone asks nothing
        asked = frozenset(self.scope.split()) & CLAIMS.keys()
        return asked | {NIR} if self.ameli.nir else asked - {NIR}

    def _userinfo_algorithm(self) -> str | None:
        if self.ameli.profile is Profile.FRANCECONNECT:
            return self.userinfo_signed_response_alg or self.id_token_signed_response_alg
        return self.userinfo_signed_response_alg

    def _assertion_algorithm(self) -> str | None:
        if self.token_endpoint_auth_method is not AuthMethod.PRIVATE_KEY_JWT:
            return None
        return self.token_endpoint_auth_signing_alg or self.algorithm_of_keys()

    def algorithm_of_keys(self) -> str | None:
        """Return the one algorithm that the registered keys can only mean, or None."""
        found = kinds(self.public_keys())
        fitting = [name for name, kind in SIGNATURE_KINDS.items() if {kind} == found]
        return fitting[0] if fitting else None
