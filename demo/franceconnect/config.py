"""What one simulator is told in its TOML file: its clients, its identity providers, its people."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Encryption = Literal["ECDH-ES", "RSA-OAEP-256"]
ClientSecret = Annotated[str, StringConstraints(min_length=32), Field(repr=False)]
Algorithm = Literal["ES256", "RS256", "HS256"]
Acr = Literal["eidas1", "eidas2", "eidas3"]


class _Table(BaseModel):
    """A table of the file; a key it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceProvider(_Table):
    """A site that sends people to FranceConnect (FS).

    *entity* is the body behind the site: sites of one entity see the same sub. *claims* are the
    claims it may ask one by one (`amr`). With *encryption*, and the *jwks_uri* of the site's key,
    its answers are encrypted, as FranceConnect+ does it. *recorded_sub* makes it see the sub of
    pivots.jsonl.
    """

    client_id: str
    client_secret: ClientSecret
    name: str
    entity: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    scopes: frozenset[str]
    algorithm: Algorithm = "ES256"
    encryption: Encryption | None = None
    jwks_uri: str | None = None
    claims: frozenset[str] = frozenset()
    hidden_identity_providers: frozenset[str] = frozenset()
    prompt_login_skips_consent: bool = False
    recorded_sub: bool = False


class Remote(_Table):
    """How to reach an identity provider that is a program of its own."""

    discovery: str
    client_id: str
    client_secret: ClientSecret
    algorithm: Algorithm = "ES256"
    encryption: Encryption | None = None
    acr_values: tuple[Acr, ...] = ("eidas1",)
    scope: str = "openid profile email birth"


class IdentityProvider(_Table):
    """A choice on the page of accounts (FI); without *remote*, the simulator plays it."""

    uid: str
    name: str
    amr: tuple[str, ...] = ("fc", "pwd")
    remote: Remote | None = None


class Config(_Table):
    """One simulator; paths are relative to the folder of the file.

    *ca_bundle* holds the certificates that identity providers over https may show.
    """

    issuer: str
    port: int
    sub_secret: ClientSecret
    citizens: Path
    pivots: Path | None = None
    ca_bundle: Path | None = None
    acr_values: tuple[Acr, ...] = ("eidas1",)
    service_providers: tuple[ServiceProvider, ...]
    identity_providers: tuple[IdentityProvider, ...]

    @classmethod
    def load(cls, file: Path) -> "Config":
        """Read *file*; pydantic's ValidationError names what is wrong in it."""
        config = cls.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        folder = file.resolve().parent
        files = {
            name: folder / file
            for name in ("citizens", "pivots", "ca_bundle")
            if (file := getattr(config, name))
        }
        return config.model_copy(update=files)

    @property
    def path(self) -> str:
        """The path of the issuer, under which every protocol address stands."""
        return urlsplit(self.issuer).path

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the simulator over https."""
        return self.issuer.startswith("https://")

    def service_provider(self, client_id: str) -> ServiceProvider | None:
        """Return the registered site of that client_id."""
        return next((c for c in self.service_providers if c.client_id == client_id), None)

    def identity_providers_of(self, site: ServiceProvider) -> tuple[IdentityProvider, ...]:
        """Return the accounts that people may choose for *site*, in the order of the file."""
        hidden = site.hidden_identity_providers
        return tuple(idp for idp in self.identity_providers if idp.uid not in hidden)

    def identity_provider(self, uid: str, site: ServiceProvider) -> IdentityProvider | None:
        """Return the account *uid*, when *site* may use it."""
        return next((idp for idp in self.identity_providers_of(site) if idp.uid == uid), None)
