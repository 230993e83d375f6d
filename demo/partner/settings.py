"""Settings of the sample partner, read once from a TOML file."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """What the partner agreed with one OpenID Provider when it registered there."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    token_endpoint_auth_method: str
    redirect_path: str
    scope: str
    signing_algorithm: str  # of id_token and signed userinfo; nothing else is accepted
    pkce: bool
    signed_userinfo: bool
    logout_path: str = ""  # where the provider tells that a session has ended, if it does
    events_path: str = ""  # where the provider pushes security events, if it does
    events_authorization: str = field(default="", repr=False)  # and the header that it sends
    claims: str = ""  # the `claims` parameter (OpenID Connect Core 5.5), as JSON
    acr_values: str = ""  # the level asked for and, when set, required of the answer


@dataclass(frozen=True)
class PartnerSettings:
    """The site's public address, its ways in by name, and where it listens itself.

    *ca_bundle* holds the certificates that providers over https may show.
    """

    public_url: str
    providers: dict[str, ProviderSettings]
    port: int
    ca_bundle: Path | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file at *path*; an unknown or missing key raises TypeError or KeyError."""
        return cls.parse(tomllib.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Self:
        """Build the settings from the tables of a TOML document."""
        providers = {
            name: ProviderSettings(name=name, **table)
            for name, table in document["providers"].items()
        }
        public_url, ca_bundle = document["public_url"].rstrip("/"), document.get("ca_bundle")
        return cls(
            public_url=public_url,
            providers=providers,
            # Behind a proxy the site listens elsewhere than at its public address.
            port=document.get("port") or urlsplit(public_url).port or 80,
            ca_bundle=Path(ca_bundle) if ca_bundle else None,
        )

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the site over https."""
        return self.public_url.startswith("https://")
