"""One typed, frozen settings object, read once from a TOML file and the environment."""

import base64
import json
import os
import re
import tomllib
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from broker.base.crypto import DataKeys, Secret
from broker.base.errors import ServiceNotReady
from broker.base.limits import Limits
from broker.base.sink_settings import SinkSettings

_PREFIX = "BROKER_"
_DATA_KEY_BYTES = _SEED_BYTES = 32
_PASSWORD_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")  # stands before each hash, ended by a $
DERIVED_KEY = "secret-key"
"""Id of the password key that needs no setting of its own: the secret key gives it."""
_VKEY = r"^[^+\s]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$"  # of a note's key (C2SP signed-note)
_SIGNING_BYTES = 24  # the least that Standard Webhooks allows
Network = IPv4Network | IPv6Network


class Profile(StrEnum):
    """What the process is for; demo and test make their own secrets, production makes none."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


def _listed(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _sinks(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


def _secret(value: object) -> object:
    return Secret(value) if isinstance(value, str) else value


def parse_data_keys(value: object) -> DataKeys:
    """Read ``id:base64`` items separated by commas; the first key encrypts."""
    keys = []
    for item in _listed(value):  # type: ignore[attr-defined]
        key_id, _, encoded = item.partition(":")
        key = base64.b64decode(encoded, validate=True)
        if not key_id or len(key) != _DATA_KEY_BYTES:
            raise ValueError("a data key is id:base64 of 32 bytes")
        keys.append((key_id, key))
    return tuple(keys)


def _password_keys(value: object) -> object:
    """Read keys as data keys are written; ``secret-key`` alone is the one without a value here."""
    items: tuple[str, ...] = _listed(value)  # type: ignore[assignment]
    keys = [(item, b"") if item == DERIVED_KEY else _password_key(item) for item in items]
    if len({key_id for key_id, _ in keys}) != len(keys):
        raise ValueError("two password keys have one id")
    return tuple(keys) or ((DERIVED_KEY, b""),)


def _password_key(item: str) -> tuple[str, bytes]:
    ((key_id, key),) = parse_data_keys(item)
    if key_id == DERIVED_KEY or not _PASSWORD_KEY_ID.fullmatch(key_id):
        raise ValueError("the id of a password key is 1 to 40 of A-Z a-z 0-9 . _ -")
    return key_id, key


def _seed(value: Secret | None) -> Secret | None:
    if value and len(base64.b64decode(value.reveal(), validate=True)) != _SEED_BYTES:
        raise ValueError("the key of the trail is base64 of 32 bytes")
    return value


def _webhook_secret(value: Secret | None) -> Secret | None:
    if value is None:
        return None
    mark, _, encoded = value.reveal().partition("_")
    if mark != "whsec" or len(base64.b64decode(encoded, validate=True)) < _SIGNING_BYTES:
        raise ValueError("the secret of the webhook is whsec_ and base64 of 24 bytes or more")
    return value


def _networks(value: object) -> object:
    return tuple(ip_network(item, strict=False) for item in _listed(value))  # type: ignore[attr-defined]


def _anchored(url: str) -> str:
    """Make the path of a SQLite URL absolute: each library has its own idea of where it starts."""
    prefix, path = "sqlite:///", url.removeprefix("sqlite:///")
    if not url.startswith(prefix) or path in {"", ":memory:"}:
        return url
    return prefix + str(Path(path).absolute())


DatabaseUrl = Annotated[str, AfterValidator(_anchored)]
SecretText = Annotated[Secret, BeforeValidator(_secret)]
Months = Annotated[int, Field(ge=6, le=36)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """Everything that an operator decides; docs/settings.md explains each key."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, extra="forbid")

    profile: Profile = Profile.PRODUCTION
    issuer: str = "http://localhost:8000"
    bind: str = "127.0.0.1:8000"
    metrics_bind: str | None = None
    workers: int = 1
    threads: int = 4
    embedded_worker: bool | None = None
    trusted_hosts: Names = ()
    console_host: str | None = None
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = ()
    debug: bool = False
    log_level: str = "info"
    traces_url: str | None = Field(default=None, pattern=r"^https?://[^@?#\s]+$")

    database_url: DatabaseUrl = Field(default="sqlite:///broker.db", validate_default=True)
    migration_database_url: DatabaseUrl | None = None
    redis_url: SecretText | None = None

    secret_key: SecretText | None = None
    data_keys: Annotated[DataKeys, BeforeValidator(parse_data_keys)] = ()
    password_keys: Annotated[DataKeys, BeforeValidator(_password_keys)] = ((DERIVED_KEY, b""),)

    audit_folder: Path | None = None
    audit_witness: str | None = None
    audit_witness_key: Annotated[str | None, Field(pattern=_VKEY)] = None
    audit_signing_key: Annotated[SecretText | None, AfterValidator(_seed)] = None
    detection_rules: Path | None = None
    exports: Annotated[tuple[SinkSettings, ...], BeforeValidator(_sinks)] = ()
    audit_security_months: Months = 12
    audit_federation_months: Months = 36
    audit_federation_basis: str = ""
    audit_administration_months: Months = 36
    alert_webhook_url: str | None = None
    alert_webhook_secret: Annotated[SecretText | None, AfterValidator(_webhook_secret)] = None
    alert_mail: SecretText | None = None
    alert_syslog: Annotated[str | None, Field(pattern=r"^(udp|tcp|tls)://[\w.:\[\]-]+$")] = None
    places: Path | None = None

    smtp_url: SecretText = Secret("smtp://127.0.0.1:8025")
    smtp_timeout: float = 10.0
    mail_from: str = "compte ameli <ne-pas-repondre@compte-ameli.example>"

    franceconnect_issuer: str | None = None
    franceconnect_client_id: str | None = None
    franceconnect_client_secret: SecretText | None = None
    franceconnect_scopes: str = (
        "openid given_name family_name birthdate gender birthplace birthcountry"
        " email idp_birthdate idp_id"
    )
    franceconnect_acr: str = "eidas1"
    franceconnect_algorithm: str = "ES256"
    franceconnect_jwe: Annotated[str | None, BeforeValidator(lambda text: text or None)] = None
    two_rib_blocks_franceconnect: bool = True
    matching_rules: str | None = None

    password_time_cost: int = 2
    password_memory_cost: int = 19_456  # KiB
    link_answer_seconds: float = Field(default=0.2, ge=0)
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _issuer_is_an_origin(self) -> Self:
        if self.issuer.endswith("/") or not self.issuer.startswith(("http://", "https://")):
            raise ValueError("issuer must be an http(s) URL without a trailing slash")
        return self

    @model_validator(mode="after")
    def _each_sink_has_a_name_of_its_own(self) -> Self:
        names = [sink.name for sink in self.exports]
        if len(names) != len(set(names)):
            raise ValueError("two exports have one name")
        return self

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Self:
        if bool(self.alert_webhook_url) != bool(self.alert_webhook_secret):
            raise ValueError("alert_webhook_url and alert_webhook_secret go together")
        return self

    @model_validator(mode="after")
    def _witness_is_reached_over_tls(self) -> Self:
        place = self.audit_witness
        if place is not None and (place.endswith("/") or not place.startswith("https://")):
            raise ValueError("audit_witness must be an https URL without a trailing slash")
        if bool(place) != bool(self.audit_witness_key):
            raise ValueError("audit_witness and audit_witness_key go together")
        return self

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry Secure and the __Host- prefix: whenever the issuer is https."""
        return self.issuer.startswith("https://")

    @property
    def console_origin(self) -> str:
        """Where analysts find their console: on a host of its own, or on everybody's."""
        scheme = self.issuer.partition("://")[0]
        return f"{scheme}://{self.console_host}" if self.console_host else self.issuer

    @property
    def answered_hosts(self) -> tuple[str, ...]:
        """Hosts that are answered for, the console's among them; none named: any."""
        console = (self.console_host,) if self.console_host and self.trusted_hosts else ()
        return (*self.trusted_hosts, *console)

    @property
    def makes_own_secrets(self) -> bool:
        """Whether missing secrets are made and kept in the database (never in production)."""
        return self.profile is not Profile.PRODUCTION

    @property
    def on_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def runs_worker(self) -> bool:
        """Whether ``broker serve`` also runs the background work."""
        return self.on_sqlite if self.embedded_worker is None else self.embedded_worker


def load_settings(environment: dict[str, str] | None = None) -> Settings:
    """Read the file named by BROKER_SETTINGS, then the BROKER_ variables above it.

    Raises ServiceNotReady, naming keys and never values, when something cannot be read.
    """
    env = dict(os.environ) if environment is None else environment
    try:
        values = _from_file(env.get("BROKER_SETTINGS"))
        values.update(_from_environment(env))
        profile = Profile(values.get("profile", Profile.PRODUCTION))
        values["limits"] = Limits.of_profile(profile, _limits(values))
        return Settings(**values)
    except ValidationError as error:
        flaws = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ServiceNotReady(f"settings refused: {flaws}") from None
    except (OSError, ValueError) as error:
        raise ServiceNotReady(f"settings cannot be read: {error}") from None


def _from_file(path: str | None) -> dict[str, Any]:
    return tomllib.loads(Path(path).read_text()) if path else {}


def _from_environment(env: dict[str, str]) -> dict[str, Any]:
    """Return settings by key; ``BROKER_X_FILE`` names a file that holds the value of ``x``."""
    values: dict[str, Any] = {}
    for name, value in env.items():
        if not name.startswith(_PREFIX) or name == "BROKER_SETTINGS":
            continue
        key = name.removeprefix(_PREFIX).lower()
        if key.endswith("_file"):
            key, value = key.removesuffix("_file"), Path(value).read_text().strip()  # noqa: PLW2901 - the file's content stands for the name
        values[key] = value
    known = Settings.model_fields.keys()
    return {k: v for k, v in values.items() if k in known or k.startswith("limit_")}


def _limits(values: dict[str, Any]) -> dict[str, Any]:
    """Take the ``limit_…`` keys (and the file's [limits] table) out of *values*."""
    chosen = dict(values.pop("limits", {}))
    for key in [key for key in values if key.startswith("limit_")]:
        chosen[key.removeprefix("limit_")] = values.pop(key)
    return chosen
