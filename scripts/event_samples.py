"""One sample of every kind of event, as the trail would hold it: always the same."""

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from broker.audit.catalogue import kinds
from broker.audit.commitment import canonical
from broker.audit.model import Event, Outcome, Part
from broker.audit.vocabulary import VOCABULARY
from broker.base.clock import epoch

_BEGAN = datetime(2026, 3, 2, 11, 0, 0, 250_000, tzinfo=UTC)
_DIGEST = "0f8f13ee5ff31621e0faac11b3027378"
_SALT = "q0mN3xW1bV8sT5yR2uK7jA"
_PSEUDONYM = "VqBA9tAcMtzMrdeKQTWsisSZcSRVVO1jdYtHP5CBwp8"
_TEXTS = {
    "actor.kind": "user",
    "actor.ref": "partenaire",
    "after.analyst": "k.martin",
    "after.reason": 'panne "majeure" = arrêt [plan | B] \\ suite',
    "alert.channel": "webhook",
    "alert.group": "192.0.2.7",
    "alert.group_by": "src.ip",
    "alert.reference": "R5CW-8KXT-3N",
    "alert.rule": "password-spray",
    "alert.severity": "high",
    "audience": "https://api.partenaire.example",
    "before.analyst": "k.martin",
    "before.reason": "exploitation normale",
    "basis": "GDPR 5(1)(e)",
    "browsing_session_id": _DIGEST,
    "case": "SSI 2026/118",
    "cnf": _PSEUDONYM,
    "code_ref": _DIGEST,
    "form": "page",
    "held": "K7TP-4WQD-2M",
    "oldest": "2025-03-01T00:00:00.000000Z",
    "origin": "compte-ameli.example/audit",
    "page": "timeline",
    "positions": "20480-20486",
    "query.direction": "older",
    "query.event_id": "019cae34-7780-7003-ab09-b0b182720191",
    "query.since": "2026-03-01T00:00:00+00:00",
    "query.terms": "client_id:partenaire",
    "query.until": "2026-03-02T00:00:00+00:00",
    "reason_code": "sample",
    "replaced": _PSEUDONYM,
    "security_case.reference": "K7TP-4WQD-2M",
    "sink": "siem",
    "subject_ref": _PSEUDONYM,
    "stored": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "subject_pairwise": "Zm9yIHRoaXMgcGFydG5lcg",
    "token.cnf": _PSEUDONYM,
    "token.family_id": _DIGEST,
    "token.hash_prefix": _DIGEST,
    "token.jti": "n7UvZx2kQ0y1",
    "token.kind": "refresh",
    "token.parent_jti": _DIGEST,
    "upstream.iss": "https://franceconnect.example/api/v2",
    "upstream.sub_ref": _PSEUDONYM,
    "youngest": "2025-03-01T23:59:59.999999Z",
}
_USUAL = (
    _DIGEST,
    _PSEUDONYM,
    "K7TP-4WQD-2M",
    "019cae34-7780-7003-ab09-b0b182720191",
    "2026-03-02T11:00:00+00:00",
    "2026-03-02T11:00:00.000000Z",
    "2026-03",
    "2026-03-02",
    "7",
    "7-9",
    "/connexion",
    "https://franceconnect.example/api/v2",
    "client_id:partenaire",
)
_STAMP = {
    "actor": {"kind": "user"},
    "auth_event_id": "K7TP-4WQD-2M",
    "browsing_session_id": _DIGEST,
    "http": {"method": "POST", "route": "/connexion"},
    "interaction_id": "i-3f2a",
    "request_id": "M4XQ-7RTD-9K",
    "session_ref": "s-91be",
    "src": {"ip": "192.0.2.7", "port": 40_123, "ua": 'Mozilla/5.0 (X11; Linux) ["\\|=]'},
    "subject_ref": _PSEUDONYM,
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "txn": "P8KD-2WNV-5H",
}


def samples() -> Iterator[str]:
    """Yield the body of each kind of event, in the order of the types, then one of few fields."""
    for number, kind in enumerate(kinds().values()):
        yield _body(kind, number, _STAMP)
    yield _body(next(iter(kinds().values())), len(kinds()), {"actor": {"kind": "system"}})


def _body(kind: type[Event], number: int, stamp: dict[str, Any]) -> str:
    moment = _BEGAN + timedelta(seconds=number)
    body = {
        "event_id": f"019cae34-7780-7003-8000-{number:012x}",
        "outcome": str(tuple(Outcome)[number % 3]),
        "reason_code": "sample",
        "retention": str(kind.retention),
        "time": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "type": kind.type,
        "v": kind.v,
        **({"salt": _SALT} if kind.for_partner else {}),
    }
    return canonical(stamp | json.loads(json.dumps(_own(kind))) | body)


def _own(kind: type[Event]) -> dict[str, Any]:
    hints, common = get_type_hints(kind), {each.name for each in dataclasses.fields(Event)}
    own = (each.name for each in dataclasses.fields(kind) if each.name not in common)
    return {name: _value(hints[name], name) for name in own}


def _value(hint: Any, path: str) -> Any:  # noqa: ANN401 - any annotation and its value
    kind = hint
    if isinstance(hint, UnionType):
        (kind,) = (each for each in get_args(hint) if each is not type(None))
    if get_origin(kind) is tuple:
        return [_value(get_args(kind)[0], path)]
    if issubclass(kind, Part):
        parts = get_type_hints(kind)
        return {name: _value(parts[name], f"{path}.{name}") for name in parts}
    if issubclass(kind, StrEnum):
        return str(next(iter(kind)))
    if kind is bool:
        return True
    if kind is int:
        return epoch(_BEGAN) if path.endswith(("exp", "auth_time")) else 7
    return _TEXTS.get(path) or _of_shape(path)


def _of_shape(path: str) -> str:
    """Return the first text that the vocabulary allows there: an alternative, or a usual one."""
    word = VOCABULARY.get(path)
    shape = word.shape if word and word.shape else ".*"
    texts = ("sample", *_USUAL, *shape.split("|"))
    return next(text for text in texts if re.fullmatch(shape, text))
