"""Who calls the token and PAR endpoints: the registered method, and no other."""

import base64
import json
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.base.clock import Clock, epoch
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import Refusal
from broker.clients.directory import Clients
from broker.clients.keys import PartnerKeys
from broker.clients.model import AuthMethod, Client, KeysUnavailable, UnknownClient
from broker.oidc.errors import InvalidClient
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.events import AssertionReplayed, ClientAuthenticationFailed
from broker.oidc.proofs.store import ProofStore
from broker.oidc.signed import Untrusted, header_of, verified_claims

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW = 30  # seconds; FAPI 2.0 §5.3.2.1: 10 are accepted, more than 60 are not
_LONGEST_LIFE = 3_600  # seconds that an assertion may have to live: its jti is kept as long
_LONGEST_JTI = 512


@dataclass(frozen=True)
class _Credentials:
    """What a request offers: the method, who it says it is, and the proof."""

    method: AuthMethod
    client_id: str
    proof: str = ""


class _Wrong(Exception):
    """The credentials do not prove the client; the message is the reason_code of the trail."""


@dataclass(frozen=True)
class ClientAuthentication:
    """Authenticates clients (RFC 6749 §2.3, OpenID Connect Core §9, RFC 7523)."""

    clients: Clients
    keys: PartnerKeys
    used: ProofStore
    audit: AuditLog
    db: Database
    clock: Clock
    issuer: str

    def authenticate(self, form: Parameters, authorization: str | None) -> Client:
        """Return the client that proved itself, or raise InvalidClient; failures are audited."""
        credentials = None
        try:
            credentials = _offered(form, authorization)
            return self._proved(credentials)
        except (_Wrong, Untrusted, Refusal) as error:
            reason = error.code if isinstance(error, Refusal) else str(error)
            self._record(credentials, reason)
            raise InvalidClient("client authentication failed") from None

    def _proved(self, credentials: _Credentials) -> Client:
        """Return the client; a refusal is judged anew where the partners have just changed.

        Who has a new secret, or signs with a new key, is thus right at once on every node.
        """
        try:
            return self._judged(credentials)
        except (_Wrong, Untrusted, Refusal):
            if not self.clients.snapshot.renewed():
                raise
            return self._judged(credentials)

    def _judged(self, credentials: _Credentials) -> Client:
        client = self.clients.get(credentials.client_id)
        if client.token_endpoint_auth_method is not credentials.method:
            raise _Wrong("method")
        if credentials.method is AuthMethod.PRIVATE_KEY_JWT:
            self._check_assertion(client, credentials.proof)
        elif credentials.method is not AuthMethod.NONE:
            self.clients.require_secret(client, Secret(credentials.proof))
        return client

    def _check_assertion(self, client: Client, assertion: str) -> None:
        algorithm = client.token_endpoint_auth_signing_alg
        header = header_of(assertion)
        if algorithm is None or header.get("alg") != algorithm:
            raise _Wrong("alg")
        try:
            key = self.keys.verifying(client, header.get("kid"), algorithm)
        except KeysUnavailable as unavailable:
            raise _Wrong(unavailable.reason) from None
        claims = verified_claims(assertion, key, algorithm)
        now = epoch(self.clock())
        for name, holds in _ASSERTION_RULES.items():
            if not holds(claims, client.client_id, self.issuer, now):
                raise _Wrong(name)
        self._use_once(client, str(claims["jti"]), int(claims["exp"]))

    def _use_once(self, client: Client, jti: str, exp: int) -> None:
        """Use the assertion up in a transaction of its own: what follows may be refused."""
        until = datetime.fromtimestamp(exp, self.clock().tzinfo) + timedelta(seconds=_SKEW)
        with self.db.transaction():
            fresh = self.used.use_assertion(client.client_id, jti, until)
            if not fresh:
                self.audit.record(AssertionReplayed(client_id=client.client_id))
        if not fresh:
            raise _Wrong("jti")

    def _record(self, credentials: _Credentials | None, reason: str) -> None:
        """Name the client only where it exists: anything else may be somebody's secret."""
        known = credentials.client_id if credentials else None
        try:
            self.clients.get(known or "")
        except UnknownClient as refusal:
            known = known if refusal.code != UnknownClient.code else None
        method = str(credentials.method) if credentials else None
        self.audit.record(
            ClientAuthenticationFailed(
                client_id=known, client_auth_method=method, reason_code=reason,
                outcome=Outcome.FAILURE,
            )
        )  # fmt: skip


def _offered(form: Parameters, authorization: str | None) -> _Credentials:
    """Read the one method that the request uses (RFC 6749 §2.3: never two)."""
    if form.repeated:
        raise _Wrong("repeated")
    secret, assertion = form.get("client_secret"), form.get("client_assertion")
    if sum(value is not None for value in (secret, assertion, authorization)) > 1:
        raise _Wrong("several_methods")
    if authorization is not None:
        return _basic(authorization, form.get("client_id"))
    if assertion is not None:
        return _by_assertion(assertion, form)
    client_id = form.get("client_id")
    if client_id is None:
        raise _Wrong("missing")
    if secret is not None:
        return _Credentials(AuthMethod.POST, client_id, secret)
    return _Credentials(AuthMethod.NONE, client_id)


def _basic(authorization: str, client_id: str | None) -> _Credentials:
    """RFC 6749 §2.3.1: both parts are form-encoded before they are joined."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        joined = base64.b64decode(encoded.strip(), validate=True).decode()
    except (NotBase64, ValueError):
        raise _Wrong("basic") from None
    name, colon, secret = joined.partition(":")
    name, secret = unquote_plus(name), unquote_plus(secret)
    if scheme.lower() != "basic" or not colon:
        raise _Wrong("basic")
    if client_id not in {None, name}:
        raise _Wrong("client_id")
    return _Credentials(AuthMethod.BASIC, name, secret)


def _by_assertion(assertion: str, form: Parameters) -> _Credentials:
    """RFC 7521 §4.2: client_id may be left out; where it is there, it must be the subject."""
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise _Wrong("client_assertion_type")
    client_id = form.get("client_id") or _unverified_issuer(assertion)
    return _Credentials(AuthMethod.PRIVATE_KEY_JWT, client_id, assertion)


def _unverified_issuer(assertion: str) -> str:
    """Return who the assertion says it is from; its signature is checked with their key."""
    header_of(assertion)
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["iss"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _Wrong("claims") from None


def _is_now(claims: dict[str, Any], now: int) -> bool:
    """RFC 7519 §4.1.4 to §4.1.6; booleans are no numbers."""
    times = {name: claims.get(name) for name in ("exp", "iat", "nbf")}
    if any(t is not None and (isinstance(t, bool) or not isinstance(t, int | float))
           for t in times.values()):  # fmt: skip
        return False
    exp, iat, nbf = times["exp"], times["iat"] or 0, times["nbf"] or 0
    return exp is not None and (
        now - _SKEW < exp <= now + _LONGEST_LIFE + _SKEW and max(iat, nbf) <= now + _SKEW
    )


_Rule = Callable[[dict[str, Any], str, str, int], bool]
_ASSERTION_RULES: dict[str, _Rule] = {
    "iss": lambda claims, client_id, _issuer, _now: claims.get("iss") == client_id,
    "sub": lambda claims, client_id, _issuer, _now: claims.get("sub") == client_id,
    # FAPI 2.0 §5.3.2.1: the issuer as one string, not a list, not the endpoint's URL.
    "aud": lambda claims, _client_id, issuer, _now: claims.get("aud") == issuer,
    "time": lambda claims, _client_id, _issuer, now: _is_now(claims, now),
    "jti": lambda claims, _client_id, _issuer, _now: (
        isinstance(claims.get("jti"), str)
        and 0 < len(claims["jti"]) <= _LONGEST_JTI
        and claims["jti"].isprintable()  # half a surrogate pair has no digest
    ),
}
