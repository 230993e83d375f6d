"""A client file: the standard registration names, and the broker's own keys under ``ameli``."""

import json
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from broker.base.crypto import Secret
from broker.clients.addresses import AddressRefused, checked_address, host, is_loopback
from broker.clients.model import AuthMethod, Client, Compatibility, Profile, RegistrationRefused
from broker.clients.scopes import CLAIMS, DEFAULT, NIR, OPENID

_SHORTEST_SECRET = 32  # characters
_RSA_MODULUS = 342  # characters of base64url: 2048 bits
_Signature = Literal["ES256", "PS256", "RS256"]
_STRONG = Literal["ES256", "PS256", "Ed25519"]
_DERIVED = {"client_name", "jwks", "compatibility", "userinfo_signed_response_alg",
            "token_endpoint_auth_signing_alg"}  # fmt: skip
_KEY_ALGORITHMS = {"EC": "ES256", "RSA": "PS256", "OKP": "Ed25519"}
_Acr = Literal["eidas1", "eidas2", "eidas3"]
# What a partner would rely on and this version does not do: refused rather than ignored.
_REFUSED = {
    "jwks_uri": "keys are taken from `jwks` only",
    "sector_identifier_uri": "name the sector under `ameli`",
    "id_token_encrypted_response_alg": "encrypted ID Tokens are not supported",
    "userinfo_encrypted_response_alg": "encrypted userinfo is not supported",
    "dpop_bound_access_tokens": "sender-constrained tokens are not supported",
    "require_signed_request_object": "request objects are not supported",
    "tls_client_certificate_bound_access_tokens": "certificate-bound tokens are not supported",
}


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["no_pkce"]
    until: date


class AmeliKeys(BaseModel):
    """The broker's own keys; an unknown one is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: Profile = Profile.STANDARD
    minimum_acr: _Acr = "eidas1"
    code: Literal["new_browser", "always"] = "new_browser"
    nir: bool = False
    sector: str | None = Field(default=None, min_length=1, max_length=255)
    dpop_nonce: bool = False
    introspects: bool = False
    resource: str | None = None
    compatibility: tuple[_Rule, ...] = ()


def _usable_keys(document: dict[str, Any]) -> dict[str, Any]:
    """Refuse a key set that holds private, symmetric or weak keys, or none at all."""
    keys = document.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ValueError("it is not a JSON Web Key Set")
    if not keys or any(key.get("kty") not in _KEY_ALGORITHMS or "d" in key for key in keys):
        raise ValueError("it must hold public keys, and only these")
    if any(key.get("crv", "P-256") not in {"P-256", "Ed25519"} for key in keys):
        raise ValueError("curves are P-256 and Ed25519")
    if any(len(str(key.get("n", "_" * _RSA_MODULUS))) < _RSA_MODULUS for key in keys):
        raise ValueError("RSA keys have 2048 bits at least")
    try:
        KeySet.import_key_set(document)  # type: ignore[arg-type]
    except (JoseError, KeyError, ValueError, TypeError):
        raise ValueError("a key cannot be read") from None
    return document


class Registration(BaseModel):
    """The members that are read; others are ignored with a warning.

    Names: RFC 7591 §2, OpenID registration §2, RP-initiated logout §3.1, RFC 9126 §6.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_id: str = Field(pattern=r"^[\x21-\x7e]{1,255}$")
    client_name: str | None = Field(default=None, min_length=1, max_length=200)
    client_uri: str | None = None
    application_type: Literal["web", "native"] = "web"
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    response_types: tuple[Literal["code"], ...] = ("code",)
    grant_types: tuple[Literal["authorization_code", "refresh_token"], ...] = (
        "authorization_code",
    )
    token_endpoint_auth_method: AuthMethod = AuthMethod.BASIC
    token_endpoint_auth_signing_alg: _STRONG | None = None
    jwks: Annotated[dict[str, Any], AfterValidator(_usable_keys)] | None = None
    scope: str = " ".join(DEFAULT)
    subject_type: Literal["pairwise"] = "pairwise"
    id_token_signed_response_alg: _Signature = "RS256"  # noqa: S105 - an algorithm
    userinfo_signed_response_alg: _Signature | None = None
    default_max_age: int | None = Field(default=None, ge=0)
    require_auth_time: bool = False
    require_pushed_authorization_requests: bool = False
    ameli: AmeliKeys = AmeliKeys()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for holds, flaw in _RULES:
            if not holds(self):
                raise ValueError(flaw)
        return self

    def client(self) -> Client:
        """Return the partner as the protocol uses it."""
        return Client(
            **self.model_dump(include=set(Client.__dataclass_fields__) - _DERIVED),
            client_name=self.client_name or self.client_id,
            userinfo_signed_response_alg=self._userinfo_algorithm(),
            jwks=KeySet.import_key_set(self.jwks) if self.jwks else None,  # type: ignore[arg-type]
            token_endpoint_auth_signing_alg=self._assertion_algorithm(),
            scopes=self._scopes(),
            profile=self.ameli.profile,
            minimum_acr=self.ameli.minimum_acr,
            code="always" if self.ameli.profile is Profile.FRANCECONNECT else self.ameli.code,
            nir=self.ameli.nir,
            sector=self.sector(),
            resource=self.ameli.resource,
            introspects=self.ameli.introspects,
            compatibility=tuple(
                Compatibility(rule.name, rule.until) for rule in self.ameli.compatibility
            ),
        )

    def sector(self) -> str:
        """Return the sector of the pairwise subjects.

        The only host of the redirect URIs, loopback left aside; a client of loopback alone is a
        sector of its own.
        """
        hosts = self.hosts()
        return self.ameli.sector or (hosts[0] if hosts else f"client:{self.client_id}")

    def hosts(self) -> list[str]:
        """Return the hosts of the redirect URIs, loopback left aside."""
        return sorted({host(uri) for uri in self.redirect_uris if not is_loopback(uri)})

    def _scopes(self) -> frozenset[str]:
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
        kinds = {key.get("kty") for key in (self.jwks or {}).get("keys", ())}
        return _KEY_ALGORITHMS.get(str(kinds.pop())) if len(kinds) == 1 else None


def _may_use_secret_or_key(r: Registration) -> bool:
    if r.token_endpoint_auth_method is not AuthMethod.PRIVATE_KEY_JWT:
        return True
    return r.jwks is not None


_RULES: tuple[tuple[Callable[[Registration], bool], str], ...] = (
    (lambda r: bool(r.redirect_uris) or r.ameli.introspects, "redirect_uris: at least one"),
    (lambda r: r.ameli.sector is not None or len(r.hosts()) <= 1,
     "ameli.sector: required where the redirect URIs have several hosts"),
    (lambda r: not r.ameli.introspects or r.ameli.resource is not None,
     "ameli.resource: required of a client that introspects"),
    (lambda r: not r.redirect_uris or OPENID in r.scope.split(), "scope: openid is required"),
    (lambda r: NIR not in r.scope.split() or r.ameli.nir, "scope: nir needs ameli.nir"),
    (_may_use_secret_or_key, "jwks: required for private_key_jwt"),
    (lambda r: r.token_endpoint_auth_method is not AuthMethod.PRIVATE_KEY_JWT
     or (r.token_endpoint_auth_signing_alg or r.algorithm_of_keys()) is not None,
     "token_endpoint_auth_signing_alg: required where the keys are of several kinds"),
    (lambda r: r.token_endpoint_auth_method is not AuthMethod.NONE
     or r.application_type == "native", "token_endpoint_auth_method: none is for native clients"),
    (lambda r: r.ameli.profile is not Profile.FAPI2,
     "ameli.profile: fapi2 needs sender-constrained tokens, which are not supported"),
)  # fmt: skip


@dataclass(frozen=True)
class ClientFile:
    """A client file that was read and judged."""

    registration: Registration
    document: dict[str, Any] = field(repr=False)
    """What was given, without the secret: later versions may read more of it."""
    secret: Secret | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class FileReader:
    """Reads client files by the rules of the profile.

    ``lenient``: the demo and test profiles, where every URI may be http or loopback.
    """

    lenient: bool

    def read(self, path: Path) -> tuple[ClientFile, ...]:
        """Read one file, or every .json and .toml file of a folder, in the order of names."""
        if path.is_dir():
            files = sorted(p for p in path.iterdir() if p.suffix in {".json", ".toml"})
            return tuple(self._read(file) for file in files)
        return (self._read(path),)

    def judge(self, document: dict[str, Any], source: str = "registration") -> ClientFile:
        """Check a document; raise RegistrationRefused with every flaw."""
        given = dict(document)
        secret = given.pop("client_secret", None)
        flaws = [f"{name}: {why}" for name, why in _REFUSED.items() if given.get(name)]
        flaws += _secret_flaws(secret)
        try:
            registration = Registration.model_validate(given)
        except ValidationError as error:
            raise RegistrationRefused(source, tuple(flaws + _flaws(error))) from None
        flaws += self._address_flaws(registration)
        if flaws:
            raise RegistrationRefused(source, tuple(flaws))
        kept = Secret(secret) if secret else None
        return ClientFile(registration, given, kept, tuple(_warnings(given)))

    def _read(self, file: Path) -> ClientFile:
        try:
            text = file.read_text(encoding="utf-8")
            document = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        except (OSError, ValueError) as error:
            raise RegistrationRefused(file.name, (f"cannot be read: {error}",)) from None
        if not isinstance(document, dict):
            raise RegistrationRefused(file.name, ("it is not one client",))
        return self.judge(document, file.name)

    def _address_flaws(self, registration: Registration) -> list[str]:
        native = registration.application_type == "native"
        flaws = []
        for name, address in _addresses(registration):
            try:
                checked_address(address, http_on_loopback=native, http_anywhere=self.lenient)
            except AddressRefused as refusal:
                flaws.append(f"{name}: {refusal}")
        return flaws


def _addresses(registration: Registration) -> Iterable[tuple[str, str]]:
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for address in getattr(registration, name):
            yield name, address
    if registration.client_uri:
        yield "client_uri", registration.client_uri


def _warnings(given: dict[str, Any]) -> Iterable[str]:
    for name in sorted(given.keys() - Registration.model_fields.keys()):
        yield f"{name}: ignored, not used here"
    for scope in str(given.get("scope", "")).split():
        if scope not in CLAIMS and scope != "offline_access":
            yield f"scope: {scope} is ignored, nothing is known by that name"


def _secret_flaws(secret: object) -> list[str]:
    if secret is None or (isinstance(secret, str) and len(secret) >= _SHORTEST_SECRET):
        return []
    return [f"client_secret: at least {_SHORTEST_SECRET} characters"]


def _flaws(error: ValidationError) -> list[str]:
    """Tell what is wrong by member name, never by value: a value may be a secret."""
    return [
        ": ".join(filter(None, (".".join(map(str, flaw["loc"])), flaw["msg"])))
        for flaw in error.errors(include_input=False, include_url=False)
    ]
