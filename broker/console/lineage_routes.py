"""What came of a login, drawn: each line leads to its event."""

import json
from http import HTTPStatus
from typing import Any, cast

from flask import Blueprint, Response, request, url_for

from broker.audit.lineage.drawing import drawing, told
from broker.audit.lineage.growth import Node
from broker.audit.lineage.lookup import Lineage, Lineages
from broker.base.forms import Form, FormRefused
from broker.base.messages import Messages
from broker.base.web import page, see_other, use
from broker.console import terms
from broker.console.model import AnalystSession, Motive, Role
from broker.console.routes import for_role, shown
from broker.console.sessions import actor
from broker.console.trail_routes import paris_time

bp = Blueprint("lineage", __name__, url_prefix="/audit/lignee")
_FIELDS = {"indice": terms.one_identifier, "motif": terms.motive, "dossier": terms.case}


@bp.get("")
@for_role(Role.READER)
def ask(session: AnalystSession) -> Response:
    return _asked(session, Form(request.args, echo=("indice",)))


@bp.post("")
@for_role(Role.READER)
def look_up(session: AnalystSession) -> Response:
    # By POST, and from there by a digest: no token and no code becomes an address.
    form = Form(request.form, echo=tuple(_FIELDS))
    try:
        given = form.read(**_FIELDS)
    except FormRefused as refusal:
        form.values["indice"] = ""
        return _asked(session, form, refusal.status)
    name = use(Lineages).name(given["indice"])
    return see_other(url_for("lineage.tree", **{**given, "indice": name}))


@bp.get("/arbre")
@for_role(Role.READER)
def tree(session: AnalystSession) -> Response:
    form = Form(request.args, echo=tuple(_FIELDS))
    try:
        found = _read(session, form)
    except FormRefused as refusal:
        return _asked(session, form, refusal.status)
    words = use(Messages).sentences.get
    return page(
        "console/lineage.html",
        analyst=shown(session),
        asked=dict(form.values),
        whole=found.whole,
        drawing=drawing(found.roots, words, _event, paris_time) if found.roots else None,
        roots=[_listed(root) for root in found.roots],
        download=url_for("lineage.download", **cast("dict[str, Any]", form.values)),
    )


@bp.get("/arbre.json")
@for_role(Role.READER)
def download(session: AnalystSession) -> Response:
    form = Form(request.args, echo=tuple(_FIELDS))
    try:
        found = _read(session, form)
    except FormRefused as refusal:
        return _asked(session, form, refusal.status)
    text = json.dumps(found.as_json(), ensure_ascii=False, indent=2)
    answer = Response(f"{text}\n", HTTPStatus.OK, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="lignee.json"'
    return answer


def _asked(session: AnalystSession, form: Form, status: int = HTTPStatus.OK) -> Response:
    motives = [(str(motive), f"motive.{motive}") for motive in Motive]
    return page(
        "console/lineage_ask.html",
        status,
        analyst=shown(session),
        form=form,
        motives=motives,
        command=terms.DIGEST_COMMAND,
    )


def _read(session: AnalystSession, form: Form) -> Lineage:
    given = form.read(**_FIELDS)
    return use(Lineages).read(
        given["indice"],
        actor=actor(session.analyst),
        reason=f"{given['motif']} {given['dossier']}",
    )


def _event(node: Node) -> str | None:
    return url_for("trail.event", event_id=node.ref) if node.event else None


def _listed(node: Node) -> dict[str, Any]:
    """Return a line of the list, and those below it."""
    return {
        "text": told(node, use(Messages).sentences.get, paris_time),
        "address": _event(node),
        "marks": [str(mark) for mark in node.marks],
        "children": [_listed(child) for child in node.children],
    }
