"""A client file: the standard registration names, and the broker's own keys under ``ameli``."""

import json
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from joserfc.jwk import Key
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from broker.base.crypto import Secret
from broker.clients.addresses import (
    AddressRefused,
    checked_address,
    checked_resource,
    host,
    is_loopback,
)
from broker.clients.key_sets import (
    SIGNATURE_KINDS,
    accepted,
    checked_set,
    encrypting,
    kinds,
    signs,
)
from broker.clients.model import AuthMethod, Client, Compatibility, Profile, RegistrationRefused
from broker.clients.scopes import CLAIMS, DEFAULT, NIR, OFFLINE, OPENID

_SHORTEST_SECRET = 32  # characters
_Signature = Literal["ES256", "PS256", "RS256"]
_STRONG = Literal["ES256", "PS256", "Ed25519"]
_Encryption = Literal["ECDH-ES", "RSA-OAEP-256"]
_DERIVED = {"client_name", "keys", "compatibility", "userinfo_signed_response_alg",
            "token_endpoint_auth_signing_alg"}  # fmt: skip
_Acr = Literal["eidas1", "eidas2", "eidas3"]
# What a partner would rely on and this version does not do: refused rather than ignored.
_REFUSED = {
    "sector_identifier_uri": "name the sector under `ameli`",
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
    resource: Annotated[str, AfterValidator(checked_resource)] | None = None
    access_token_signed_response_alg: _Signature | None = None
    compatibility: tuple[_Rule, ...] = ()


class Registration(BaseModel):
    """The members that are read; others are ignored with a warning.

    Names: RFC 7591 §2, OpenID registration §2, RP-initiated logout §3.1, RFC 9126 §6.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_id: str = Field(pattern=r"^[\x21-\x7e]{1,255}$")
    client_name: str | None = Field(default=None, min_length=1, max_length=200)
    client_uri: str | None = None
    policy_uri: str | None = None
    application_type: Literal["web", "native"] = "web"
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    response_types: tuple[Literal["code"], ...] = ("code",)
    grant_types: tuple[Literal["authorization_code", "refresh_token"], ...] = (
        "authorization_code",
    )
    token_endpoint_auth_method: AuthMethod = AuthMethod.BASIC
    token_endpoint_auth_signing_alg: _STRONG | None = None
    jwks: Annotated[dict[str, Any], AfterValidator(checked_set)] | None = None
    jwks_uri: str | None = None
    scope: str = " ".join(DEFAULT)
    subject_type: Literal["pairwise"] = "pairwise"
    id_token_signed_response_alg: _Signature = "RS256"  # noqa: S105 - an algorithm
    id_token_encrypted_response_alg: _Encryption | None = None
    id_token_encrypted_response_enc: Literal["A256GCM"] | None = None
    userinfo_signed_response_alg: _Signature | None = None
    userinfo_encrypted_response_alg: _Encryption | None = None
    userinfo_encrypted_response_enc: Literal["A256GCM"] | None = None
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
            keys=self.public_keys(),
            token_endpoint_auth_signing_alg=self._assertion_algorithm(),
            scopes=self._scopes(),
            profile=self.ameli.profile,
            minimum_acr=self.ameli.minimum_acr,
            code="always" if self.ameli.profile is Profile.FRANCECONNECT else self.ameli.code,
            nir=self.ameli.nir,
            sector=self.sector(),
            has_sector=self.ameli.sector is not None or bool(self.hosts()),
            resource=self.ameli.resource,
            introspects=self.ameli.introspects,
            access_token_signed_response_alg=self.ameli.access_token_signed_response_alg,
            compatibility=tuple(
                Compatibility(rule.name, rule.until) for rule in self.ameli.compatibility
            ),
        )

    def public_keys(self) -> tuple[Key, ...]:
        """Return the keys that the file itself holds."""
        return accepted((self.jwks or {}).get("keys", ()))

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


def _has_a_key_to_verify_with(r: Registration) -> bool:
    by_key = r.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY_JWT
    return not by_key or bool(r.jwks_uri) or any(signs(key) for key in r.public_keys())


def _has_a_key_to_encrypt_for(r: Registration) -> bool:
    wanted = {r.id_token_encrypted_response_alg, r.userinfo_encrypted_response_alg} - {None}
    return bool(r.jwks_uri) or all(encrypting(r.public_keys(), str(name)) for name in wanted)


def _names_both(r: Registration, answer: str) -> bool:
    """Tell whether alg and enc stand together (OpenID registration §2).

    Where enc is absent the standard means A128CBC-HS256, which is not made here.
    """
    names = (f"{answer}_encrypted_response_{part}" for part in ("alg", "enc"))
    return len({getattr(r, name) is None for name in names}) == 1


_RULES: tuple[tuple[Callable[[Registration], bool], str], ...] = (
    (lambda r: bool(r.redirect_uris) or r.ameli.resource is not None,
     "redirect_uris: at least one"),
    (lambda r: r.ameli.sector is not None or len(r.hosts()) <= 1,
     "ameli.sector: required where the redirect URIs have several hosts"),
    (lambda r: not r.ameli.introspects or r.ameli.resource is not None,
     "ameli.resource: required of a client that introspects"),
    (lambda r: r.ameli.access_token_signed_response_alg is None or r.ameli.resource is not None,
     "ameli.access_token_signed_response_alg: is for a client that has a resource"),
    (lambda r: not r.ameli.introspects or r.token_endpoint_auth_method is not AuthMethod.NONE,
     "ameli.introspects: needs a client that proves itself"),
    (lambda r: not r.redirect_uris or OPENID in r.scope.split(), "scope: openid is required"),
    (lambda r: NIR not in r.scope.split() or r.ameli.nir, "scope: nir needs ameli.nir"),
    (lambda r: r.jwks is None or r.jwks_uri is None, "jwks: not beside jwks_uri"),
    (_has_a_key_to_verify_with, "jwks: a key that signs is required for private_key_jwt"),
    (lambda r: r.token_endpoint_auth_method is not AuthMethod.PRIVATE_KEY_JWT
     or (r.token_endpoint_auth_signing_alg or r.algorithm_of_keys()) is not None,
     "token_endpoint_auth_signing_alg: required beside jwks_uri, and of keys of several kinds"),
    (lambda r: _names_both(r, "id_token"),
     "id_token_encrypted_response_enc: A256GCM, where alg is named and only there"),
    (lambda r: _names_both(r, "userinfo"),
     "userinfo_encrypted_response_enc: A256GCM, where alg is named and only there"),
    (_has_a_key_to_encrypt_for, "jwks: a key of use enc is required for the encryption named"),
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
            loopback = native and name != "jwks_uri"  # called from here: not the same machine
            try:
                checked_address(address, http_on_loopback=loopback, http_anywhere=self.lenient)
            except AddressRefused as refusal:
                flaws.append(f"{name}: {refusal}")
        return flaws


def _addresses(registration: Registration) -> Iterable[tuple[str, str]]:
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for address in getattr(registration, name):
            yield name, address
    for name in ("client_uri", "policy_uri", "jwks_uri"):
        if address := getattr(registration, name):
            yield name, address


def _warnings(given: dict[str, Any]) -> Iterable[str]:
    for name in sorted(given.keys() - Registration.model_fields.keys()):
        yield f"{name}: ignored, not used here"
    for scope in str(given.get("scope", "")).split():
        if scope not in CLAIMS:
            yield f"scope: {scope} is ignored, nothing is known by that name"
        if scope == OFFLINE and "refresh_token" not in given.get("grant_types", ()):
            yield f"scope: {scope} is ignored, grant_types has no refresh_token"


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
