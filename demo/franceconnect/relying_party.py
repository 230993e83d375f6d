"""FranceConnect as the client of an identity provider that is a program of its own."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from demo.franceconnect.config import Remote
from demo.franceconnect.encryption import NotSealed, OpeningKeys
from demo.franceconnect.errors import PageError
from demo.franceconnect.memory import Clock
from demo.franceconnect.misbehaviour.catalogue import usage
from demo.franceconnect.misbehaviour.misuse import Call
from demo.franceconnect.model import Claims, IdentityProviderSession, with_parameters

HTTP_TIMEOUT = 6
_RANDOM_BYTES = 32  # 64 hexadecimal digits
_LEVELS = ("eidas1", "eidas2", "eidas3")

Callback = Mapping[str, str]


@dataclass(frozen=True)
class Departure:
    """What was sent to the identity provider, kept until its callback."""

    interaction_id: str
    browser: str
    idp_uid: str
    acr: str
    metadata: dict[str, Any] = field(repr=False)
    misuse: str | None = None
    state: str = field(default_factory=lambda: secrets.token_hex(_RANDOM_BYTES))
    nonce: str = field(default_factory=lambda: secrets.token_hex(_RANDOM_BYTES))


@dataclass(frozen=True)
class RelyingParty:
    """Speaks as openid-client does inside FranceConnect: nothing cached, no PKCE."""

    callback: str
    http: requests.Session
    clock: Clock
    opening: OpeningKeys

    def metadata(self, remote: Remote) -> dict[str, Any]:
        """Read the discovery document anew."""
        return self._json(remote.discovery)

    def authorization_url(self, remote: Remote, departure: Departure) -> str:
        """Return where the browser goes; the person always has to log in again."""
        return with_parameters(
            departure.metadata["authorization_endpoint"], self._request(remote, departure)
        )

    def identity(
        self, remote: Remote, departure: Departure, answer: Callback
    ) -> tuple[Claims, IdentityProviderSession | None]:
        """Exchange the code of *answer* and return the claims of userinfo, all checked."""
        if not answer.get("code"):
            raise PageError("Y020025")
        _check_issuer_parameter(departure.metadata, answer)
        tokens = self._redeemed(remote, departure, answer["code"])
        signed = self._signed_id_token(remote, tokens)
        _check_acr(remote, departure, self._id_token(remote, departure, signed))
        claims = self._userinfo(remote, departure, str(tokens.get("access_token")))
        return claims, _session(remote, departure, signed)

    def _request(self, remote: Remote, departure: Departure) -> dict[str, Any]:
        request = {
            "client_id": remote.client_id,
            "scope": remote.scope,
            "response_type": "code",
            "redirect_uri": self.callback,
            "acr_values": departure.acr,
            "nonce": departure.nonce,
            "state": departure.state,
            "prompt": "login",
        }
        return usage(departure.misuse).authorization(request)

    def _redeemed(self, remote: Remote, departure: Departure, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "client_id": remote.client_id,
            "client_secret": remote.client_secret,
        }
        misuse = usage(departure.misuse)
        tokens = self._tokens(departure.metadata, misuse.token(Call(form)))
        for _ in range(misuse.replays):
            with suppress(PageError):
                self._tokens(departure.metadata, misuse.token(Call(form)))
        return tokens

    def _tokens(self, metadata: Mapping[str, Any], call: Call) -> dict[str, Any]:
        try:
            answer = self.http.post(
                metadata["token_endpoint"],
                data=call.form,
                headers=call.headers,
                timeout=HTTP_TIMEOUT,
                allow_redirects=False,
            )
            answer.raise_for_status()
            tokens: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError):
            raise _token_failed("token endpoint") from None
        return tokens

    def _signed_id_token(self, remote: Remote, tokens: Mapping[str, Any]) -> str:
        """Return the signed ID Token: also what a logout will bring back."""
        try:
            return self._opened(remote, str(tokens["id_token"]))
        except (NotSealed, KeyError) as error:
            raise _token_failed(type(error).__name__) from None

    def _opened(self, remote: Remote, token: str) -> str:
        if remote.encryption is None:
            return token
        return self.opening.opened(token, remote.encryption)

    def _id_token(self, remote: Remote, departure: Departure, token: str) -> Claims:
        try:
            claims = self._verified(remote, departure.metadata, token)
        except (JoseError, ValueError) as error:
            raise _token_failed(type(error).__name__) from None
        audience = claims.get("aud")
        checks = {
            "iss": claims.get("iss") == departure.metadata["issuer"],
            "aud": audience in (remote.client_id, [remote.client_id]),
            "nonce": claims.get("nonce") == self._request(remote, departure).get("nonce"),
            "sub": bool(claims.get("sub")),
            "exp": isinstance(claims.get("exp"), int) and claims["exp"] > self.clock(),
            "iat": isinstance(claims.get("iat"), int) and claims["iat"] <= self.clock(),
        }
        if faults := [name for name, is_right in checks.items() if not is_right]:
            raise _token_failed(", ".join(faults))
        return claims

    def _userinfo(self, remote: Remote, departure: Departure, access_token: str) -> Claims:
        metadata, bearer = departure.metadata, f"Bearer {access_token}"
        call = usage(departure.misuse).userinfo(
            Call({}, {"Authorization": bearer, "Accept": "application/jwt"})
        )
        try:
            answer = self.http.get(
                metadata["userinfo_endpoint"],
                params=call.form,
                headers=call.headers,
                timeout=HTTP_TIMEOUT,
                allow_redirects=False,
            )
            answer.raise_for_status()
            if not answer.headers.get("Content-Type", "").startswith("application/jwt"):
                raise _userinfo_failed("content type")
            claims = self._verified(remote, metadata, self._opened(remote, answer.text))
        except (requests.RequestException, JoseError, ValueError, KeyError) as error:
            raise _userinfo_failed(type(error).__name__) from None
        _check_userinfo(remote, metadata, claims)
        return claims

    def _verified(self, remote: Remote, metadata: dict[str, Any], token: str) -> Claims:
        """Return the claims of *token*, signed with the one registered algorithm."""
        key: OctKey | KeySet = (
            OctKey.import_key(remote.client_secret)
            if remote.algorithm == "HS256"
            else KeySet.import_key_set(self._json(metadata["jwks_uri"]))  # type: ignore[arg-type]
        )
        return jwt.decode(token, key, [remote.algorithm]).claims

    def _json(self, address: str) -> dict[str, Any]:
        try:
            answer = self.http.get(
                address, headers={"Accept": "application/json"}, timeout=HTTP_TIMEOUT
            )
            answer.raise_for_status()
            document: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError):
            raise _token_failed("discovery or keys") from None
        return document


def _token_failed(detail: str) -> PageError:
    return PageError("Y020026", HTTPStatus.BAD_GATEWAY, detail)


def _userinfo_failed(detail: str) -> PageError:
    return PageError("Y020027", HTTPStatus.BAD_GATEWAY, detail)


def _check_issuer_parameter(metadata: Mapping[str, Any], answer: Callback) -> None:
    """RFC 9207 §2.4: right when present, present when announced."""
    announced = metadata.get("authorization_response_iss_parameter_supported", False)
    if answer.get("iss", None if announced else metadata["issuer"]) != metadata["issuer"]:
        raise _token_failed("iss parameter")


def _check_acr(remote: Remote, departure: Departure, id_token: Claims) -> None:
    acr = id_token.get("acr")
    if not acr:
        raise PageError("Y020030", HTTPStatus.INTERNAL_SERVER_ERROR)
    if acr not in _LEVELS or _LEVELS.index(acr) < _LEVELS.index(departure.acr):
        raise PageError("Y100001", HTTPStatus.INTERNAL_SERVER_ERROR)
    if acr not in remote.acr_values:
        raise PageError("Y100018")


def _check_userinfo(remote: Remote, metadata: Mapping[str, Any], claims: Claims) -> None:
    """Check iss and aud only where present; FranceConnect does not compare sub."""
    if claims.get("iss", metadata["issuer"]) != metadata["issuer"]:
        raise _userinfo_failed("iss")
    if claims.get("aud", remote.client_id) not in (remote.client_id, [remote.client_id]):
        raise _userinfo_failed("aud")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub or not sub.isascii():
        raise PageError("Y020029", HTTPStatus.INTERNAL_SERVER_ERROR)


def _session(
    remote: Remote, departure: Departure, id_token: str
) -> IdentityProviderSession | None:
    endpoint = departure.metadata.get("end_session_endpoint")
    if not endpoint:
        return None
    return IdentityProviderSession(endpoint, remote.client_id, id_token, departure.misuse)
