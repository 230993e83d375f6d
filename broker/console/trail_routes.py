"""The trail as analysts see it: one search box, a timeline, one page for each event."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request, url_for

from broker.accounts.answers import nir
from broker.audit.model import Recorded
from broker.audit.proofs.proof_state import Gone
from broker.audit.questions.timeline import Question
from broker.audit.readable import is_stand_in
from broker.base.bounded_read import ReadTooLong
from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused
from broker.base.messages import Messages
from broker.base.paris import PARIS
from broker.base.web import page, see_other, use
from broker.console import terms
from broker.console.cutting import offered
from broker.console.model import AnalystSession, Motive, Role
from broker.console.reading import Reading, Shown
from broker.console.routes import for_role, shown

bp = Blueprint("trail", __name__, url_prefix="/audit")
_FILTERS = {
    "terme": terms.identifiers,
    "type": terms.event_type,
    "client": terms.client,
    "issue": terms.outcome,
    "debut": terms.beginning,
    "fin": terms.end,
    "duree": terms.reach,
}
_LONGEST = 4_000  # characters of what is no event: enough to see what it is
_NAMES = {"event_id", "subject_ref", "client_id", "auth_event_id", "interaction_id", "txn",
          "request_id", "session_ref", "browsing_session_id", "code_ref", "token.jti",
          "token.family_id", "token.hash_prefix", "token.parent_jti", "src.ip"}  # fmt: skip
"""Members of an event whose value leads to the other events that have it."""


@bp.get("")
@for_role(Role.READER)
def home(session: AnalystSession) -> Response:
    return _search_page(session, Form())


@bp.post("/recherche")
@for_role(Role.READER)
def search(session: AnalystSession) -> Response:
    # By POST: what was mistyped, maybe somebody's number, must not become an address.
    form = Form(request.form, echo=tuple(_FILTERS))
    try:
        named = use(Reading).named(_question(form.read(**_FILTERS)))
    except FormRefused as refusal:
        return _search_page(session, form, refusal.status)
    except InvalidField as refusal:
        form.refuse("terme", refusal.message)
        return _search_page(session, form, refusal.status)
    except ReadTooLong:
        return _too_long(session, form)
    return see_other(_address({**request.form, "terme": " ".join(named)}))


@bp.get("/evenements")
@for_role(Role.READER)
def timeline(session: AnalystSession) -> Response:
    form = Form(request.args, echo=tuple(_FILTERS))
    try:
        question = _question(form.read(**_FILTERS))
    except FormRefused as refusal:
        return _search_page(session, form, refusal.status)
    before, after = request.args.get("avant"), request.args.get("apres")
    try:
        found = use(Reading).search(session, question, before=before, after=after)
    except ReadTooLong:
        return _too_long(session, form)
    return page(
        "console/timeline.html",
        analyst=shown(session),
        form=form,
        reaches=reaches(),
        events=[listed(event) for event in found.events],
        gone=[] if found.events else use(Reading).gone(question.terms),
        cuts=offered(session, (event.body for event in found.events), question.terms),
        since=paris_time(found.since) if found.since else None,
        further=list(_further(question)) if found.since else [],
        older=_address(request.args, avant=found.older) if found.older else None,
        newer=_address(request.args, apres=found.newer) if found.newer else None,
    )


@bp.get("/evenements/<event_id>")
@for_role(Role.READER)
def event(session: AnalystSession, event_id: str) -> Response:
    found = use(Reading).event(session, event_id)
    if isinstance(found, Gone):
        return _gone_page(session, event_id, found)
    if is_stand_in(found.event):
        return _unreadable_page(session, found)
    body, proof = found.event, found.proof
    return page(
        "console/event.html",
        analyst=shown(session),
        event=body,
        time=paris_time(datetime.fromisoformat(body["time"])),
        outcome=f"outcome.{body['outcome']}",
        proof=proof,
        proof_code=f"proof.{proof.sealing}",
        signed_at=paris_time(proof.made_at) if proof.made_at else None,
        facts=list(_facts(body)),
        cuts=offered(session, (body,)),
    )


def _unreadable_page(session: AnalystSession, found: Shown) -> Response:
    text = found.text[:_LONGEST]
    return page(
        "console/event_unreadable.html",
        analyst=shown(session),
        event=found.event,
        time=paris_time(datetime.fromisoformat(found.event["time"])),
        proof=found.proof,
        proof_code=f"proof.{found.proof.sealing}",
        text="".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text),
        left_out=len(found.text) - len(text),
        cuts=offered(session, (found.event,)),
    )


def _gone_page(session: AnalystSession, event_id: str, gone: Gone) -> Response:
    told, proof = gone.told, gone.proof
    return page(
        "console/event_gone.html",
        HTTPStatus.GONE,
        analyst=shown(session),
        event_id=event_id,
        purged_on=paris_time(datetime.fromisoformat(told["time"])) if told else None,
        told_by=told["event_id"] if told else None,
        basis=told["basis"] if told else None,
        leaf=gone.leaf.hex(),
        proof=proof,
        signed_at=paris_time(proof.made_at) if proof.made_at else None,
    )


@bp.get("/personne")
@for_role(Role.INVESTIGATOR)
def person(session: AnalystSession) -> Response:
    return _person_page(session, Form())


@bp.post("/personne")
@for_role(Role.INVESTIGATOR)
def look_up(session: AnalystSession) -> Response:
    form = Form(request.form, echo=("motif", "dossier"))
    try:
        given = form.read(numero=nir, motif=terms.motive, dossier=terms.case)
    except FormRefused as refusal:
        return _person_page(session, form, refusal.status)
    found = use(Reading).person(session, given["numero"], given["motif"], given["dossier"])
    return see_other(url_for("trail.timeline", terme=" ".join(found)))


def _search_page(session: AnalystSession, form: Form, status: int = 200) -> Response:
    role = session.analyst.role
    return page(
        "console/home.html",
        status,
        analyst=shown(session),
        form=form,
        reaches=reaches(),
        may_look_up=role.includes(Role.INVESTIGATOR),
        may_cut=role.includes(Role.RESPONDER),
    )


def _too_long(session: AnalystSession, form: Form) -> Response:
    form.refuse("duree", "duree.too_long")
    return _search_page(session, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _further(question: Question) -> Iterator[tuple[str, str]]:
    """Yield the longer periods that may be read, each with its address."""
    for name, reach in terms.REACHES.items():
        if reach is None or (question.reach and reach > question.reach):
            yield terms.reach_code(name), _address(request.args, duree=name)


def _person_page(session: AnalystSession, form: Form, status: int = 200) -> Response:
    motives = [(str(motive), f"motive.{motive}") for motive in Motive]
    return page("console/person.html", status, analyst=shown(session), form=form, motives=motives)


def _question(given: Mapping[str, Any]) -> Question:
    return Question(
        terms=given["terme"],
        type_prefix=given["type"],
        client_id=given["client"],
        outcome=given["issue"],
        since=given["debut"],
        until=given["fin"],
        reach=given["duree"],
    )


def _address(given: Mapping[str, str], **place: str) -> str:
    """Return where the timeline of that search is, without what was left empty."""
    asked: dict[str, Any] = {
        name: typed for name in _FILTERS if (typed := given.get(name, "").strip())
    }
    return url_for("trail.timeline", **{**asked, **place})


def reaches() -> list[tuple[str, str]]:
    """Return how far back may be read what no index knows, as the search box offers it."""
    say = use(Messages).sentence
    return [(name, say(terms.reach_code(name))) for name in terms.REACHES]


def listed(event: Recorded) -> dict[str, Any]:
    """Return an event as lists of events show it."""
    body = event.body
    return {
        "id": event.event_id,
        "type": event.type,
        "time": paris_time(event.time),
        "utc": body["time"],
        "outcome": f"outcome.{body['outcome']}",
        "failed": body["outcome"] == "failure",
        "told": [body[name] for name in ("reason_code", "client_id", "txn") if body.get(name)],
    }


def _facts(body: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str, str | None]]:
    """Yield each member with its value, and where its value leads."""
    for name, value in body.items():
        path = f"{above}{name}"
        if isinstance(value, dict):
            yield from _facts(value, f"{path}.")
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield path, text, url_for("trail.timeline", terme=text) if path in _NAMES else None


def paris_time(moment: datetime) -> str:
    """Return a moment in France, to the second."""
    return f"{moment.astimezone(PARIS):%d/%m/%Y, %H:%M:%S}"
