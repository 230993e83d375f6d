"""What every capability is built from: settings, database, clock, keys, limits, trail."""

from dataclasses import dataclass
from typing import TypeVar

from broker.audit.log import AuditLog
from broker.audit.store import AuditStore
from broker.base.browser import Browser, Cookies
from broker.base.clock import Clock
from broker.base.clock_drift import ClockDrift, DriftMetrics
from broker.base.context import here
from broker.base.counters import Counters
from broker.base.crypto import KeyedHash, Vault, derive_key
from broker.base.db import Database
from broker.base.flood import FloodGate
from broker.base.metrics import Metrics
from broker.base.outgoing import Outgoing
from broker.base.own_secrets import Secrets, resolve_secrets
from broker.base.settings import Settings
from broker.base.shared_counts import SharedCounts

Services = dict[type, object]
"""The services of the capabilities, each by its type."""
_Service = TypeVar("_Service")


@dataclass(frozen=True)
class Foundation:
    """What every capability is built from."""

    settings: Settings
    db: Database
    clock: Clock
    secrets: Secrets
    vault: Vault
    index: KeyedHash
    session_keys: KeyedHash
    counters: Counters
    audit: AuditLog
    cookies: Cookies
    browser: Browser
    metrics: Metrics
    flood: FloodGate
    drift: ClockDrift
    outgoing: Outgoing


def lay_foundation(settings: Settings, db: Database, clock: Clock, metrics: Metrics) -> Foundation:
    """Resolve the secrets and derive one key per purpose from them."""
    secrets = resolve_secrets(settings, db)

    def keyed_hash(purpose: str) -> KeyedHash:
        return KeyedHash(derive_key(secrets.secret_key, purpose))

    cookies = Cookies(settings.secure_cookies)
    drift = ClockDrift(db, clock)
    metrics.watch(DriftMetrics(drift))
    return Foundation(
        settings=settings,
        db=db,
        clock=clock,
        secrets=secrets,
        vault=Vault(secrets.data_keys),
        index=keyed_hash("search index"),
        session_keys=keyed_hash("session cookies"),
        counters=Counters(db, clock, keyed_hash("limit counters")),
        audit=AuditLog(AuditStore(db), clock, here, keyed_hash("audit pseudonyms")),
        cookies=cookies,
        browser=Browser(cookies, keyed_hash("form tokens"), settings.issuer),
        metrics=metrics,
        flood=FloodGate(
            settings.limits,
            clock,
            keyed_hash("flood counters"),
            metrics,
            SharedCounts.of(settings, metrics),
        ),
        drift=drift,
        outgoing=Outgoing.of(db, lenient=settings.makes_own_secrets, threads=settings.threads),
    )


def of(services: Services, wanted: type[_Service]) -> _Service:
    """Return the service of that type; KeyError before it was built."""
    found = services[wanted]
    if not isinstance(found, wanted):
        raise TypeError(wanted)
    return found
