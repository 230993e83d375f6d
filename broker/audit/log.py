"""Records an event in the transaction of what it records."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.audit.model import Event, Upstream
from broker.audit.store import AuditStore
from broker.base.clock import Clock
from broker.base.context import Here, RequestContext
from broker.base.crypto import KeyedHash


@dataclass(frozen=True)
class AuditLog:
    """The one way into the trail."""

    store: AuditStore
    clock: Clock
    here: Here
    pseudonyms: KeyedHash

    def record(self, *events: Event) -> None:
        """Append the events; joins the caller's transaction, so both commit or neither does."""
        now, context = self.clock(), self.here()
        shared = {
            "time": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            **_origin(context),
        }
        rows = [self._row(event, now, shared) for event in events]
        self.store.append(rows)

    def subject_ref(self, subject: str) -> str:
        """Return the pseudonym under which the trail knows a subject."""
        return self.pseudonyms.text("subject", subject)

    def upstream(
        self,
        iss: str,
        sub: str,
        *,
        acr: str | None = None,
        idp: str | None = None,
        flow: str | None = None,
    ) -> Upstream:
        """Return what the trail tells of a FranceConnect identity: its pseudonym, not its sub."""
        ref = self.subject_ref(f"{iss} {sub}")
        return Upstream(iss=iss, sub_ref=ref, acr=acr, idp=idp, flow=flow)

    def _row(self, event: Event, now: datetime, shared: dict[str, Any]) -> dict[str, Any]:
        facts = event.facts()
        subject = facts.pop("subject", None)
        event_id = event_id_at(now)
        body = {
            "v": event.v,
            "event_id": event_id,
            "type": event.type,
            "outcome": event.outcome or event.default_outcome,
            "retention": event.retention,
            **({"subject_ref": self.subject_ref(subject)} if subject else {}),
            **facts,
            **shared,
        }
        return {
            "event_id": event_id,
            "type": event.type,
            "time": now,
            "subject_ref": body.get("subject_ref"),
            "client_id": body.get("client_id"),
            "auth_event_id": body.get("auth_event_id"),
            "interaction_id": body.get("interaction_id"),
            "txn": body.get("txn"),
            "request_id": body.get("request_id"),
            "body": canonical(body),
        }


def _origin(context: RequestContext) -> dict[str, Any]:
    source = {"ip": context.address, "port": context.port, "ua": context.user_agent}
    http = {"method": context.method, "route": context.route}
    found = {
        "request_id": context.request_id,
        "trace_id": context.trace_id,
        "browsing_session_id": context.browser,
        "src": {name: value for name, value in source.items() if value},
        "http": {name: value for name, value in http.items() if value},
    }
    return {name: value for name, value in found.items() if value}


def canonical(body: dict[str, Any]) -> str:
    """Return the one JSON text of a body: sorted keys, no spaces, so that it can be hashed."""
    return _ENCODER.encode(body)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def event_id_at(moment: datetime) -> str:
    """Return a UUIDv7 (RFC 9562 §5.7): milliseconds, then sub-millisecond order, then chance."""
    microseconds = int(moment.timestamp() * 1_000_000)
    milliseconds, rest = divmod(microseconds, 1_000)
    order = (rest << 2) | secrets.randbits(2)  # rand_a: 12 bits
    low = (0b10 << 62) | secrets.randbits(62)
    text = f"{(milliseconds << 80) | (0x7 << 76) | (order << 64) | low:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
