"""Signing keys, and the JSON Web Tokens made with them."""

from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from demo.franceconnect.config import Config, ServiceProvider
from demo.franceconnect.model import Claims

_KEY_SIZE = 2048


@dataclass(frozen=True)
class SigningKeys:
    """One private key per asymmetric algorithm, made when the simulator starts."""

    ec: ECKey = field(repr=False)
    rsa: RSAKey | None = field(default=None, repr=False)

    @classmethod
    def generate(cls, config: Config) -> "SigningKeys":
        """Make the keys that the sites of *config* need."""
        ec = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        if all(site.algorithm != "RS256" for site in config.service_providers):
            return cls(ec)
        rsa = RSAKey.generate_key(_KEY_SIZE, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        return cls(ec, rsa)

    def published(self) -> dict[str, Any]:
        """Return the JWK set, public parts only."""
        keys = [self.ec, self.rsa] if self.rsa else [self.ec]
        return dict(KeySet([*keys]).as_dict(private=False))

    def key_for(self, site: ServiceProvider) -> ECKey | RSAKey | OctKey:
        """Return the key of the algorithm that *site* registered."""
        if site.algorithm == "HS256":
            return OctKey.import_key(site.client_secret)
        if site.algorithm == "RS256" and self.rsa:
            return self.rsa
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
        try:
            claims = jwt.decode(token, self.key_for(site), [site.algorithm]).claims
        except (JoseError, ValueError):
            return False
        return bool(claims.get("aud") == site.client_id)
