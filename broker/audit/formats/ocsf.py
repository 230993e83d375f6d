"""Writes an event in the words of OCSF: class, activity, and the objects that each class has."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from broker.audit.catalogue import activity_of
from broker.audit.formats.leaves import Body, leaves, put
from broker.audit.taxonomy import OCSF_VERSION, Mapped, OcsfClass
from broker.audit.vocabulary import VOCABULARY

_PRODUCT = {"name": "compte ameli", "vendor_name": "Assurance Maladie"}
_STATUS = {"success": 1, "failure": 2}  # an attempt is "other"
_OTHER, _UNKNOWN = 99, 0
_USER_TYPES = {"user": 1, "admin": 2, "analyst": 2, "system": 3}  # captions: User, Admin, System
_NOT_TOLD = {"name": "unknown", "type_id": _UNKNOWN}  # OCSF wants some name
_WHOLE_GRANT = ["all that was granted"]

# Where each class keeps an object of ours, without profiles (https://schema.ocsf.io/1.5.0);
# an object that a class has no place for goes to ``unmapped``, under the event's own names.
_EVERY = {name: name for name in ("metadata", "status", "status_detail")}
_REQUEST = {name: name for name in ("actor", "http_request", "src_endpoint")}
_SESSION = {"session": "actor.session"}
_USER = {"user": "user"}
_PLACES: dict[OcsfClass, Mapping[str, str]] = {
    OcsfClass.BASE_EVENT: _EVERY,
    OcsfClass.DETECTION_FINDING: _EVERY
    | {name: f"evidence.{name}" for name in (*_REQUEST, "user")}
    | {"comment": "comment", "session": "evidence.actor.session"},
    OcsfClass.ACCOUNT_CHANGE: _EVERY | _REQUEST | _SESSION | _USER,
    OcsfClass.AUTHENTICATION: _EVERY
    | _REQUEST
    | _USER
    | {"session": "session", "service": "service"},
    OcsfClass.AUTHORIZE_SESSION: _EVERY | _REQUEST | _USER | {"session": "session"},
    OcsfClass.ENTITY_MANAGEMENT: _EVERY
    | _REQUEST
    | _SESSION
    | {"comment": "comment", "user": "entity.user", "service": "entity"},
    OcsfClass.USER_ACCESS_MANAGEMENT: _EVERY | _REQUEST | _SESSION | _USER,
    OcsfClass.API_ACTIVITY: _EVERY | _REQUEST | _SESSION | {"service": "api.service"},
}


def ocsf(body: Body, position: int | None = None) -> Body:
    """Return the event as OCSF has it; *position*: its place in the sealed trail."""
    mapped, severity = activity_of(body["type"])
    found: Body = {
        "category_uid": mapped.ocsf.category,
        "class_uid": mapped.ocsf.value,
        "activity_id": mapped.activity_id,
        "activity_name": mapped.name,
        "type_uid": mapped.ocsf * 100 + mapped.activity_id,
        "severity_id": severity.value,
        "status_id": _STATUS.get(body["outcome"], _OTHER),
        "time": int(datetime.fromisoformat(body["time"]).timestamp() * 1_000),
        "metadata": {"version": OCSF_VERSION, "product": dict(_PRODUCT)},
    }
    if position is not None:
        found["metadata"]["sequence"] = position
    for path, value in leaves(body):
        put(found, _place(mapped, path), _WRITTEN.get(path, _as_it_is)(value))
    _complete(found, body, mapped)
    return found


def _place(mapped: Mapped, path: str) -> str:
    word = VOCABULARY.get(path)
    if word and word.ocsf:
        parent, dot, rest = word.ocsf.partition(".")
        place = _PLACES[mapped.ocsf].get(parent)
        if place:
            return f"{place}{dot}{rest}"
    return f"unmapped.{path}"


def _as_it_is(value: object) -> object:
    return value


_WRITTEN: dict[str, Callable[[Any], object]] = {"v": str}


def _complete(found: Body, body: Body, mapped: Mapped) -> None:
    """Add what the class requires and no field of ours holds."""
    holder = found
    if mapped.ocsf is OcsfClass.DETECTION_FINDING:
        holder = found.setdefault("evidence", {})
    if mapped.ocsf is not OcsfClass.BASE_EVENT:
        _name_actor(holder, body)
    complete = _REQUIRED.get(mapped.ocsf)
    if complete:
        complete(found, body)


def _name_actor(holder: Body, body: Body) -> None:
    """Give the actor OCSF's type, and a name: a person acts under the pseudonym of the event."""
    user = holder.setdefault("actor", {}).setdefault("user", {})
    kind = body["actor"]["kind"]
    user["type_id"] = _USER_TYPES.get(kind, _OTHER)
    if "uid" not in user:
        known = body.get("subject_ref") if kind == "user" else None
        user.update({"uid": known} if known else {"name": kind})


def _finding(found: Body, body: Body) -> None:
    found["finding_info"] = {"uid": body["event_id"], "title": body["type"]}
    found["evidences"] = [found.pop("evidence")]


def _user(found: Body, _body: Body) -> None:
    found.setdefault("user", dict(_NOT_TOLD))


def _authentication(found: Body, body: Body) -> None:
    _user(found, body)
    found.setdefault("service", {"name": _PRODUCT["name"]})


def _privileges(found: Body, body: Body) -> None:
    _user(found, body)
    found["privileges"] = body.get("scopes") or _WHOLE_GRANT


def _entity(found: Body, body: Body) -> None:
    found.setdefault("entity", {})["name"] = body["type"].rpartition(".")[0]


def _api(found: Body, body: Body) -> None:
    found.setdefault("api", {})["operation"] = body["type"]
    found.setdefault("src_endpoint", {"name": "unknown"})


_REQUIRED: dict[OcsfClass, Callable[[Body, Body], None]] = {
    OcsfClass.DETECTION_FINDING: _finding,
    OcsfClass.ACCOUNT_CHANGE: _user,
    OcsfClass.AUTHENTICATION: _authentication,
    OcsfClass.AUTHORIZE_SESSION: _privileges,
    OcsfClass.ENTITY_MANAGEMENT: _entity,
    OcsfClass.USER_ACCESS_MANAGEMENT: _privileges,
    OcsfClass.API_ACTIVITY: _api,
}
