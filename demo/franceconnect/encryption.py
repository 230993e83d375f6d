"""Nested JWTs: sealed for the sites of FranceConnect+, opened where identity providers seal."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import requests
from flask import Blueprint, Response, jsonify
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import ECKey, JWKRegistry, Key, KeyParameters, KeySet, RSAKey

from demo.franceconnect.config import Encryption, ServiceProvider
from demo.franceconnect.errors import JsonError

CONTENT = "A256GCM"
HTTP_TIMEOUT = 6
_KEY_SIZE = 2048
_KINDS = {"ECDH-ES": "EC", "RSA-OAEP-256": "RSA"}


class NotSealed(ValueError):
    """The token is not one that was encrypted for us as registered."""


@dataclass(frozen=True)
class Sealing:
    """Encrypts for a site with the key that it publishes, read anew each time."""

    issuer: str
    http: requests.Session

    def around(self, token: str, site: ServiceProvider) -> str:
        """Return the nested JWT where *site* is registered so, else the token as it is.

        JsonError when the site publishes no key that fits. As the library behind the real one
        does, the header repeats who speaks to whom (RFC 7519 §5.3).
        """
        algorithm = site.encryption
        if algorithm is None:
            return token
        key = self._key(algorithm, site.jwks_uri or "")
        header = {
            "alg": algorithm,
            "enc": CONTENT,
            "cty": "JWT",
            "kid": key.kid,
            "iss": self.issuer,
            "aud": site.client_id,
        }
        return jwe.encrypt_compact(header, token, key, registry=_registry(algorithm))

    def _key(self, algorithm: Encryption, jwks_uri: str) -> Key:
        try:
            answer = self.http.get(jwks_uri, timeout=HTTP_TIMEOUT, allow_redirects=False)
            answer.raise_for_status()
            for item in answer.json()["keys"]:
                if _is_meant(item, algorithm):
                    return JWKRegistry.import_key(item)
        except (requests.RequestException, JoseError, ValueError, KeyError, TypeError):
            raise _no_key() from None
        raise _no_key()


def _no_key() -> JsonError:
    return JsonError("server_error", "no key to encrypt for", HTTPStatus.INTERNAL_SERVER_ERROR)


def _is_meant(item: Mapping[str, Any], algorithm: Encryption) -> bool:
    wanted = ("enc", _KINDS[algorithm])
    return (item.get("use"), item.get("kty")) == wanted and item.get("alg") == algorithm


class OpeningKeys:
    """FranceConnect's own keys that identity providers encrypt for, one per algorithm.

    Each is made at its first use; the real ones are changed regularly.
    """

    @cached_property
    def ec(self) -> ECKey:
        """The key of ECDH-ES."""
        return ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES"}, auto_kid=True)

    @cached_property
    def rsa(self) -> RSAKey:
        """The key of RSA-OAEP-256."""
        uses: KeyParameters = {"use": "enc", "alg": "RSA-OAEP-256"}
        return RSAKey.generate_key(_KEY_SIZE, uses, auto_kid=True)

    def blueprint(self, path: str) -> Blueprint:
        """Return the address where identity providers find the keys."""
        routes = Blueprint("encryption", __name__, url_prefix=path)
        routes.add_url_rule("/client/.well-known/keys", view_func=self.published)
        return routes

    def published(self) -> Response:
        """Publish the public parts."""
        return jsonify(KeySet([self.ec, self.rsa]).as_dict(private=False))

    def opened(self, token: str, algorithm: Encryption) -> str:
        """Return the signed token inside; NotSealed when it is not encrypted as registered."""
        key = self.ec if algorithm == "ECDH-ES" else self.rsa
        try:
            found = jwe.decrypt_compact(token, key, registry=_registry(algorithm))
        except (JoseError, ValueError) as error:
            raise NotSealed(type(error).__name__) from None
        if found.protected.get("cty") != "JWT" or found.protected.get("kid") != key.kid:
            raise NotSealed("header")
        return (found.plaintext or b"").decode()


def _registry(algorithm: Encryption) -> JWERegistry:
    return JWERegistry(algorithms=[algorithm, CONTENT], strict_check_header=False)
