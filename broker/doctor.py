"""Judges the configuration: by the rules of production, by OAuth 2.1, by FAPI 2.0."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from broker.base.crypto import Secret
from broker.base.errors import ServiceNotReady
from broker.base.grades import Grade
from broker.base.settings import DERIVED_KEY, Profile, Settings
from broker.clients import grades as client_rules
from broker.clients.model import Client
from broker.oidc import grades as server_rules
from broker.oidc.discovery import metadata

DEMO_MARK = "demo-only-"  # every secret written in a file of the demo begins with it
_SHORTEST_SECRET = 32  # characters


class Verdict(StrEnum):
    """What a rule says of the settings."""

    OK = "ok"
    FAILS = "fails"


@dataclass(frozen=True)
class Finding:
    """One rule and its verdict; never the value that it judged."""

    rule: str
    verdict: Verdict


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Judge the settings by every rule, whatever their profile."""
    return tuple(
        Finding(rule, Verdict.OK if holds(settings) else Verdict.FAILS)
        for rule, holds in RULES.items()
    )


def require_fit(settings: Settings) -> None:
    """Raise ServiceNotReady when production does not meet a rule."""
    if settings.profile is not Profile.PRODUCTION:
        return
    failing = [finding.rule for finding in examine(settings) if finding.verdict is Verdict.FAILS]
    if failing:
        raise ServiceNotReady(
            "production refuses to start, as these rules fail: " + "; ".join(failing)
        )


def password_advice(settings: Settings) -> tuple[str, bool]:
    """Return what is better for passwords than the default, and whether it is so."""
    active, _ = settings.password_keys[0]
    return "a key of its own stands before passwords", active != DERIVED_KEY


def server_grades(settings: Settings) -> tuple[Grade, ...]:
    """Grade what the provider publishes under these settings."""
    published = server_rules.Published(metadata(settings.issuer), settings.limits)
    return server_rules.grades_of(published)


def client_grades(clients: Iterable[Client]) -> Iterator[tuple[str, Grade]]:
    """Grade how each partner uses the protocol."""
    for client in clients:
        for item in client_rules.grades_of(client):
            yield client.client_id, item


def _secrets(settings: Settings) -> Iterator[Secret]:
    yield from (
        secret
        for secret in (settings.secret_key, settings.franceconnect_client_secret)
        if secret is not None
    )


def _franceconnect_is_real(settings: Settings) -> bool:
    issuer = settings.franceconnect_issuer
    return issuer is None or (
        issuer.startswith("https://") and "localhost" not in issuer and "127.0.0.1" not in issuer
    )


def _is_guarded(address: str | None) -> bool:
    if address is None or address.startswith("https://"):
        return True
    return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}


RULES: dict[str, Callable[[Settings], bool]] = {
    "the profile is production": lambda s: s.profile is Profile.PRODUCTION,
    "the issuer is https": lambda s: s.issuer.startswith("https://"),
    "debug is off": lambda s: not s.debug,
    "the secret key is given and long": lambda s: (
        s.secret_key is not None and len(s.secret_key.reveal()) >= _SHORTEST_SECRET
    ),
    "data keys are given": lambda s: bool(s.data_keys),
    "no secret comes from the demo": lambda s: (
        not any(secret.reveal().startswith(DEMO_MARK) for secret in _secrets(s))
    ),
    "the webhook of alerts is https": lambda s: (
        s.alert_webhook_url is None or s.alert_webhook_url.startswith("https://")
    ),
    "trusted hosts are named": lambda s: bool(s.trusted_hosts),
    "FranceConnect is not a simulator": _franceconnect_is_real,
    "FranceConnect encrypts what it vouches for above eidas1": lambda s: (
        s.franceconnect_acr == "eidas1" or s.franceconnect_jwe is not None
    ),
    "the trail is exported encrypted": lambda s: all(sink.is_encrypted for sink in s.exports),
    "traces leave encrypted, or not this machine": lambda s: _is_guarded(s.traces_url),
    "passwords cost at least OWASP's minimum": lambda s: (
        s.password_memory_cost >= 19_456 and s.password_time_cost >= 2  # noqa: PLR2004 - OWASP: 19 MiB, 2 passes
    ),
}
