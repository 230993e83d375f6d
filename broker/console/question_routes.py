"""Saved questions: a table for each, and what happened over a window drawn over time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from broker.audit.lineage.lookup import Lineages
from broker.audit.questions.asking import MOST, Asked, Cell, Row, SavedQuestion
from broker.audit.questions.every import SAVED, THEMES
from broker.base.bounded_read import ReadTooLong
from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused
from broker.base.messages import Messages
from broker.base.paris import PARIS
from broker.base.web import page, see_other, use
from broker.console import terms
from broker.console.model import AnalystSession, Role
from broker.console.questions import Questions
from broker.console.routes import for_role, shown

bp = Blueprint("questions", __name__, url_prefix="/audit/questions")
_WINDOW = {"debut": terms.beginning, "fin": terms.end}
_ASKED = {
    "identifier": ("indice", terms.one_identifier),
    "client_or_key": ("indice", terms.one_identifier),
    "network": ("reseau", terms.network),
    "at_least": ("seuil", terms.at_least),
}
"""The field of each thing that a question asks for, and how it is read."""
_FIELDS = ("debut", "fin", "indice", "reseau", "seuil")
_HIGHEST = 120  # units of the drawing


@bp.get("")
@for_role(Role.READER)
def every(session: AnalystSession) -> Response:
    themes = [
        (
            f"question_theme.{theme}",
            [(f"question.{name}", url_for("questions.one", name=name)) for name in names],
        )
        for theme, names in THEMES.items()
    ]
    return page("console/questions.html", analyst=shown(session), themes=themes)


@bp.get("/<name>")
@for_role(Role.READER)
def one(session: AnalystSession, name: str) -> Response:
    question = SAVED.get(name) or abort(404)
    form = Form(request.args, echo=_FIELDS)
    if _wants_to_know(question) and not request.args:
        return _page(session, question, form)
    try:
        asked = _read(form, question)
    except FormRefused as refusal:
        return _page(session, question, form, status=refusal.status)
    try:
        rows = use(Questions).ask(session, question, asked)
        steps = _drawn(question, asked)
    except ReadTooLong:
        form.refuse("debut", "window.too_long")
        return _page(session, question, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(session, question, form, asked, rows, steps=steps)


@bp.post("/<name>")
@for_role(Role.READER)
def name_it(session: AnalystSession, name: str) -> Response:
    # By POST, and from there by a digest: no token and no code becomes an address.
    question = SAVED.get(name) or abort(404)
    form = Form(request.form, echo=_FIELDS)
    try:
        asked = _read(form, question)
    except FormRefused as refusal:
        form.values["indice"] = ""
        return _page(session, question, form, status=refusal.status)
    places: dict[str, Any] = {each: form.values[each] for each in _FIELDS if form.values[each]}
    if asked.identifier:
        places["indice"] = use(Lineages).name(asked.identifier)
    return see_other(url_for("questions.one", name=name, **places))


@bp.get("/connexions")
@for_role(Role.READER)
def logins(session: AnalystSession) -> Response:
    form = Form(request.args, echo=_FIELDS)
    try:
        asked = _read(form, None)
        steps = use(Questions).logins(session, asked)
    except FormRefused as refusal:
        return _no_logins(session, form, refusal.status)
    except ReadTooLong:
        form.refuse("debut", "window.too_long")
        return _no_logins(session, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    highest = max((max(ok, failed) for _, ok, failed in steps), default=0)
    return page(
        "console/logins.html",
        analyst=shown(session),
        form=form,
        window=_told(asked),
        steps=[
            {
                "begin": _paris(begin),
                "ok": ok,
                "failed": failed,
                "ok_height": ok * _HIGHEST // (highest or 1),
                "failed_height": failed * _HIGHEST // (highest or 1),
            }
            for begin, ok, failed in steps
        ],
        highest=highest,
    )


def _no_logins(session: AnalystSession, form: Form, status: int) -> Response:
    return page("console/logins.html", status, analyst=shown(session), form=form, window=None)


def _wants_to_know(question: SavedQuestion) -> bool:
    return bool(set(question.asks) - {"at_least"})


def _read(form: Form, question: SavedQuestion | None) -> Asked:
    """Read the window and what the question asks for; FormRefused with the messages."""
    asks = question.asks if question else ()
    given = form.read(**_WINDOW, **dict(_ASKED[each] for each in asks))
    found: dict[str, Any] = {
        "at_least": given.get("seuil") or (question.at_least if question else 1)
    }
    if "indice" in given:
        found["identifier"] = given["indice"]
    if "reseau" in given:
        found["network"] = given["reseau"]
    try:
        return use(Questions).asked(given["debut"], given["fin"], **found)
    except InvalidField as refusal:
        form.refuse("fin", refusal.message)
        raise FormRefused from None


def _page(
    session: AnalystSession,
    question: SavedQuestion,
    form: Form,
    asked: Asked | None = None,
    rows: list[Row] | None = None,
    *,
    steps: Sequence[dict[str, Any]] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    return page(
        "console/question.html",
        status,
        analyst=shown(session),
        form=form,
        name=question.name,
        asks=question.asks,
        at_least=question.at_least,
        window=_told(asked) if asked and question.windowed else None,
        steps=steps,
        groups=None if rows is None else [_line(question, row, form) for row in rows],
        most=MOST if question.windowed and rows and len(rows) >= MOST else None,
        command=terms.DIGEST_COMMAND,
        cut=_cut(session, question),
        no_places="country" in question.columns and not use(Questions).knows_places,
    )


def _cut(session: AnalystSession, question: SavedQuestion) -> str | None:
    """Return where what is still alive can be ended, for whoever may."""
    may = session.analyst.role.includes(Role.RESPONDER)
    return url_for("cuts.every") if may and "client_or_key" in question.asks else None


def _drawn(question: SavedQuestion, asked: Asked) -> list[dict[str, Any]]:
    if not question.plots:
        return []
    steps = use(Questions).plot(question, asked)
    highest = max((number for _, number in steps), default=0) or 1
    return [
        {"begin": _paris(begin), "number": number, "height": number * _HIGHEST // highest}
        for begin, number in steps
    ]


def _line(question: SavedQuestion, row: Row, form: Form) -> list[dict[str, Any]]:
    """Return the cells of a row: the code of each one's name, its text, where it leads."""
    cells = zip(question.columns, row, strict=True)
    return [
        {
            "name": f"column.{column}",
            "text": _text(column, cell),
            "address": _address(column, cell, form.values["debut"]),
        }
        for column, cell in cells
        if cell is not None or column == question.columns[0]
    ]


def _text(column: str, cell: Cell) -> str:
    if isinstance(cell, datetime):
        return _paris(cell)
    say = use(Messages).sentence
    if isinstance(cell, bool):
        return say("answer.yes" if cell else "answer.no")
    if cell is None:
        return say("answer.none")
    if column == "fact":
        return say(f"fact.{cell}")
    if column == "time":  # as the body has it
        return _paris(datetime.fromisoformat(str(cell)))
    return say(f"outcome.{cell}") if column == "outcome" else str(cell)


_TERMS = {"subject_ref", "ip", "ip_then", "txn", "browsing_session_id", "mail_domain_ref"}
_PLACES: dict[str, Callable[[str, str], str]] = {
    "client_id": lambda cell, since: url_for("trail.timeline", client=cell, **_since(since)),
    "event_id": lambda cell, _: url_for("trail.event", event_id=cell),
    **{
        name: lambda cell, since: url_for("trail.timeline", terme=cell, **_since(since))
        for name in _TERMS
    },
}
"""Where a value of a column leads to."""


def _address(column: str, cell: Cell, since: str) -> str | None:
    lead = _PLACES.get(column)
    return lead(str(cell), since) if lead and cell else None


def _since(since: str) -> dict[str, Any]:
    return {"debut": since} if since else {}


def _told(asked: Asked) -> tuple[str, str]:
    return _paris(asked.since), _paris(asked.until)


def _paris(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%d/%m/%Y, %H:%M}"
