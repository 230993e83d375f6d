"""The pages where a holder sees each browser that is logged in, and ends the others."""

from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from broker.base.forms import Form, FormRefused
from broker.base.paris import clock_time, french_date
from broker.base.web import page, see_other, use
from broker.holder.routes import for_holder
from broker.sessions.model import OpenSession, Session
from broker.sessions.routes import is_fresh, prove_again
from broker.sessions.sessions import Sessions

bp = Blueprint("connections", __name__, url_prefix="/mon-compte/connexions")


@bp.get("")
@for_holder
def every(session: Session) -> Response:
    found = use(Sessions).every(session.account_id)
    return page("holder/connections.html", connections=[_listed(one, session) for one in found])


@bp.get("/fermer")
@for_holder
def ask_end(session: Session) -> Response:
    return _ask(Form(), session, request.args.get("connexion", ""))


@bp.post("/fermer")
@for_holder
def end(session: Session) -> Response:
    form, sid = Form(request.form), request.form.get("connexion", "")
    try:
        if not is_fresh(session):
            prove_again(form, session, "mot_de_passe")
    except FormRefused as refusal:
        return _ask(form, session, sid, refusal.status)
    if sid:
        use(Sessions).end_by_holder(session, sid)
    else:
        use(Sessions).end_others_by_holder(session)
    return see_other(url_for("connections.every"))


def _ask(form: Form, session: Session, sid: str, status: int = HTTPStatus.OK) -> Response:
    """Ask whether to end the connection of that *sid*, or every other one where none is named."""
    others = [
        one for one in use(Sessions).every(session.account_id) if one.session.sid != session.sid
    ]
    chosen = [one for one in others if sid in {"", one.session.sid}]
    if not chosen:
        return see_other(url_for("connections.every"))
    return page(
        "holder/end_connections.html",
        status,
        form=form,
        asks_password=not is_fresh(session),
        only=sid,
        connections=[_listed(one, session) for one in chosen],
    )


def _listed(one: OpenSession, present: Session) -> dict[str, object]:
    since, seen = one.session.auth_time, one.seen_at
    return {
        "id": one.session.sid,
        "label": one.session.label,
        "since": f"{french_date(since)}, {clock_time(since)}",
        "seen": f"{french_date(seen)}, {clock_time(seen)}",
        "current": one.session.sid == present.sid,
    }
