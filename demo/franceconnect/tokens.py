"""Signing keys, and the JSON Web Tokens made with them."""

import threading
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from demo.franceconnect.config import Config, ServiceProvider
from demo.franceconnect.model import Claims

_KEY_SIZE = 2048


def new_ec_key() -> ECKey:
    """Make a key for ES256."""
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


def new_rsa_key() -> RSAKey:
    """Make a key for RS256."""
    return RSAKey.generate_key(_KEY_SIZE, {"use": "sig", "alg": "RS256"}, auto_kid=True)


class SigningKeys:
    """One private key per asymmetric algorithm, each replaced when a rotation is asked."""

    def __init__(self, ec: ECKey, rsa: RSAKey | None = None) -> None:
        self.ec, self._rsa = ec, rsa
        self.foreign = new_ec_key()
        """A key of somebody else, which no document of FranceConnect names."""
        self._retired: list[ECKey | RSAKey] = []
        self._withdrawn: list[ECKey | RSAKey] = []
        self._lock = threading.Lock()

    @classmethod
    def generate(cls, config: Config) -> "SigningKeys":
        """Make the keys that the sites of *config* need."""
        needs_rsa = any(site.algorithm == "RS256" for site in config.service_providers)
        return cls(new_ec_key(), new_rsa_key() if needs_rsa else None)

    @property
    def rsa(self) -> RSAKey:
        """The key for RS256: made, and published from then on, when first needed."""
        with self._lock:
            if self._rsa is None:
                self._rsa = new_rsa_key()
            return self._rsa

    def rotate(self, site: ServiceProvider, *, keeping_old: bool) -> None:
        """Replace the key that signs for *site*; the old one stays published, or does not."""
        with self._lock:
            old = self.key_for(site)
            if isinstance(old, OctKey):
                return
            (self._retired if keeping_old else self._withdrawn).append(old)
            if isinstance(old, RSAKey):
                self._rsa = new_rsa_key()
            else:
                self.ec = new_ec_key()

    def published(self) -> dict[str, Any]:
        """Return the JWK set, public parts only."""
        current = [self.ec, self._rsa] if self._rsa else [self.ec]
        return dict(KeySet([*current, *self._retired]).as_dict(private=False))

    def key_for(self, site: ServiceProvider) -> ECKey | RSAKey | OctKey:
        """Return the key of the algorithm that *site* registered."""
        if site.algorithm == "HS256":
            return OctKey.import_key(site.client_secret)
        if site.algorithm == "RS256" and self._rsa:
            return self._rsa
        return self.ec

    def sign(self, claims: Claims, site: ServiceProvider) -> str:
        """Return *claims* as a JWS whose header holds alg and kid, nothing else."""
        key = self.key_for(site)
        header: dict[str, Any] = {"alg": site.algorithm}
        if not isinstance(key, OctKey):
            header["kid"] = key.kid
        return jwt.encode(header, claims, key, [site.algorithm], default_type=None)

    def signed_for(self, site: ServiceProvider, token: str) -> bool:
        """Whether *token* is an id_token made here for *site*, expired or not."""
        former = [*self._retired, *self._withdrawn]
        return any(_is_signed(token, key, site) for key in (self.key_for(site), *former))


def _is_signed(token: str, key: ECKey | RSAKey | OctKey, site: ServiceProvider) -> bool:
    try:
        claims = jwt.decode(token, key, [site.algorithm]).claims
    except (JoseError, ValueError):
        return False
    return bool(claims.get("aud") == site.client_id)
