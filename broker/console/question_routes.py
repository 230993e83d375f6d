"""Saved questions: a table for each, and the logins of a window drawn over time."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from broker.audit.saved_queries import SAVED, Group, SavedQuery
from broker.base.forms import Form, FormRefused
from broker.base.web import PARIS, page, use
from broker.console import terms
from broker.console.model import AnalystSession, Role
from broker.console.questions import Questions, Window
from broker.console.routes import for_role, shown

bp = Blueprint("questions", __name__, url_prefix="/audit/questions")
_WINDOW = {"debut": terms.moment, "fin": terms.moment}
_HIGHEST = 120  # units of the drawing


@bp.get("")
@for_role(Role.READER)
def every(session: AnalystSession) -> Response:
    saved = [(f"question.{name}", url_for("questions.one", name=name)) for name in SAVED]
    return page("console/questions.html", analyst=shown(session), saved=saved)


@bp.get("/<name>")
@for_role(Role.READER)
def one(session: AnalystSession, name: str) -> Response:
    query = SAVED.get(name) or abort(404)
    form, window = _window()
    groups = use(Questions).ask(session, query, window) if window else []
    return page(
        "console/question.html",
        200 if window else FormRefused.status,
        analyst=shown(session),
        form=form,
        question=f"question.{name}",
        by=f"column.{query.by}",
        window=_told(window) if window else None,
        groups=[_line(query, group, form) for group in groups],
    )


@bp.get("/connexions")
@for_role(Role.READER)
def logins(session: AnalystSession) -> Response:
    form, window = _window()
    steps = use(Questions).logins(session, window) if window else []
    highest = max((max(ok, failed) for _, ok, failed in steps), default=0) or 1
    return page(
        "console/logins.html",
        200 if window else FormRefused.status,
        analyst=shown(session),
        form=form,
        window=_told(window) if window else None,
        steps=[
            {
                "begin": _paris(begin),
                "ok": ok,
                "failed": failed,
                "ok_height": ok * _HIGHEST // highest,
                "failed_height": failed * _HIGHEST // highest,
            }
            for begin, ok, failed in steps
        ],
        highest=highest,
    )


def _window() -> tuple[Form, Window | None]:
    """Read the window of the address; None, and the messages in the form, where it cannot be."""
    form = Form(request.args, echo=tuple(_WINDOW))
    try:
        given = form.read(**_WINDOW)
        return form, use(Questions).window(given["debut"], given["fin"])
    except FormRefused:
        return form, None
    except terms.EmptyWindow as refusal:
        form.refuse("fin", refusal.message)
        return form, None


def _line(query: SavedQuery, group: Group, form: Form) -> dict[str, Any]:
    """Return a line of the table, and where its events are."""
    place = "client" if query.by == "client_id" else "terme"
    asked: dict[str, Any] = {place: group.value, "debut": form.values["debut"]}
    return {
        "value": group.value,
        "address": url_for("trail.timeline", **{k: v for k, v in asked.items() if v}),
        "events": group.events,
        "people": group.people,
        "logins": group.logins,
        "first": _paris(group.first),
        "last": _paris(group.last),
    }


def _told(window: Window) -> tuple[str, str]:
    return _paris(window.since), _paris(window.until)


def _paris(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%d/%m/%Y, %H:%M}"
