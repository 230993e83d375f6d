"""Records an event in the transaction of what it records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broker.audit.commitment import SALT, canonical, new_salt
from broker.audit.event_ids import EventIds
from broker.audit.model import Event, EventRow, Upstream
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
    ids: EventIds = field(default_factory=EventIds)

    def record(self, *events: Event) -> None:
        """Append the events; joins the caller's transaction, so both commit or neither does."""
        self.append(self.ready(events))

    def ready(self, events: Sequence[Event]) -> list[EventRow]:
        """Make events of the present act ready to be appended; touches no database."""
        now, context = self.clock(), self.here()
        shared = {
            "time": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            **_origin(context),
        }
        subjects = {event.subject for event in events if event.subject}
        refs = dict(zip(subjects, self.pseudonyms.texts("subject", subjects), strict=True))
        ids = self.ids.at(now, len(events))
        rows = [
            _row(event, event_id, now, refs, shared)
            for event, event_id in zip(events, ids, strict=True)
        ]
        marks = self.marks([row["body"] for row in rows])
        return [{**row, "mac": mark} for row, mark in zip(rows, marks, strict=True)]

    def marks(self, bodies: Sequence[str]) -> list[bytes]:
        """Return the mark that stands beside each event; who has the database alone makes none."""
        return self.pseudonyms.digests(_MARK, bodies)

    def append(self, rows: Sequence[EventRow]) -> None:
        """Append events that were made ready; joins the caller's transaction."""
        self.store.append(rows)

    def subject_ref(self, subject: str) -> str:
        """Return the pseudonym under which the trail knows a subject."""
        return self.pseudonyms.text("subject", subject)

    def domain_ref(self, domain: str) -> str:
        """Return the pseudonym of the domain of an e-mail address: some are of one person."""
        return self.pseudonyms.text("mail domain", domain)

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


def _row(
    event: Event,
    event_id: str,
    now: datetime,
    refs: Mapping[str, str],
    shared: Mapping[str, Any],
) -> EventRow:
    facts = event.facts()
    subject = facts.pop("subject", None)
    body = {
        "v": event.v,
        "event_id": event_id,
        "type": event.type,
        "outcome": event.outcome or event.default_outcome,
        "retention": event.retention,
        **({"subject_ref": refs[subject]} if subject else {}),
        **facts,
        **shared,
        **({SALT: new_salt()} if event.for_partner else {}),
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
        **made_by(event.makes, body),
        "body": canonical(body),
    }


def made_by(makes: str | None, body: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what a pasted token, code or session id is looked up by, from the member named.

    An ID Token has no ``jti``; the ``sid`` in it is what its partner may ask about.
    """
    if makes is None:
        return {"made_ref": None, "made_jti": None}
    made = body[makes]
    if isinstance(made, str):
        return {"made_ref": made, "made_jti": None}
    return {"made_ref": made["hash_prefix"], "made_jti": made.get("jti") or made.get("sid")}


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


_MARK = "event"  # label of the keyed hash of a whole event
