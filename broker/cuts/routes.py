"""Cuts in the console: what would fall, the plan, the approval of somebody else, the proof."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused
from broker.base.messages import Messages
from broker.base.web import page, see_other, use
from broker.console import terms
from broker.console.model import AnalystSession, Role
from broker.console.routes import for_role, refused, shown
from broker.console.trail_routes import paris_time
from broker.cuts.cuts import Cuts
from broker.cuts.desk import CutDesk, Proved
from broker.cuts.events import CutTold
from broker.cuts.model import (
    Counts,
    Cut,
    CutOver,
    CutUnknown,
    Kind,
    SecondResponderRequired,
    State,
    TargetUnknown,
    Telling,
)

bp = Blueprint("cuts", __name__, url_prefix="/audit/coupures")
_OPERATOR = "admin"  # the kind of actor that a command names
for _refusal in (TargetUnknown, CutUnknown, SecondResponderRequired, CutOver):
    bp.app_errorhandler(_refusal)(refused)


@bp.get("")
@for_role(Role.RESPONDER)
def every(session: AnalystSession) -> Response:
    return _list(session, Form(echo=("genre", "cible")))


@bp.get("/apercu")
@for_role(Role.RESPONDER)
def preview(session: AnalystSession) -> Response:
    form = Form(request.args, echo=("genre", "cible"))
    try:
        kind, name = _target(form)
    except FormRefused as refusal:
        return _list(session, form, refusal.status)
    return _preview(session, form, kind, name)


@bp.post("")
@for_role(Role.RESPONDER)
def plan(session: AnalystSession) -> Response:
    form = Form(request.form, echo=("genre", "cible", "raison", "prevenir"))
    kind, name = _target(form)
    try:
        reason = form.read(raison=terms.reason)["raison"]
    except FormRefused as refusal:
        return _preview(session, form, kind, name, refusal.status)
    tell = form.values["prevenir"] == "oui"
    cut = use(CutDesk).plan(session, kind, name, reason, tell=tell)
    return see_other(url_for("cuts.one", reference=cut.reference))


@bp.get("/<reference>")
@for_role(Role.RESPONDER)
def one(session: AnalystSession, reference: str) -> Response:
    found = use(CutDesk).look(session, reference)
    cut, left = found.cut, found.left
    return page(
        "console/cut.html",
        analyst=shown(session),
        cut=_line(cut),
        reason=cut.reason,
        waits=cut.state_at(use(Cuts).clock()) is State.PLANNED,
        own=session.analyst.id == cut.planner_id or session.analyst.name == cut.planned_by,
        counts=_compared(cut, left),
        of_signing_key=cut.before.of_signing_key,
        by_command=cut.kind.is_wide and _by_command(found),
        told=None if cut.kind.is_wide else _is_told(found),
        events=[
            {
                "id": event.event_id,
                "type": event.type,
                "time": paris_time(event.time),
                "proof": f"proof.{proof.sealing}",
                "request_id": event.body.get("request_id"),
            }
            for event, proof in found.events
        ],
    )


@bp.post("/<reference>/accord")
@for_role(Role.RESPONDER)
def approve(session: AnalystSession, reference: str) -> Response:
    use(CutDesk).approve(session, reference)
    return see_other(url_for("cuts.one", reference=reference))


@bp.post("/<reference>/refus")
@for_role(Role.RESPONDER)
def refuse(session: AnalystSession, reference: str) -> Response:
    use(CutDesk).refuse(session, reference)
    return see_other(url_for("cuts.one", reference=reference))


def _is_told(found: Proved) -> bool:
    return any(event.type == CutTold.type for event, _ in found.events)


def _by_command(found: Proved) -> bool:
    """Tell whether one of the two people is known by no account: a command names its own."""
    return any(event.body["actor"]["kind"] == _OPERATOR for event, _ in found.events)


def _list(session: AnalystSession, form: Form, status: int = 200) -> Response:
    say = use(Messages).sentence
    found = use(CutDesk).part(session, request.args.get("apres"))
    return page(
        "console/cuts.html",
        status,
        analyst=shown(session),
        form=form,
        kinds=[(str(kind), say(f"cut_kind.{kind}")) for kind in Kind],
        cuts=[_line(cut) for cut in found.items],
        further=found.further and url_for("cuts.every", apres=found.further),
    )


def _preview(
    session: AnalystSession, form: Form, kind: Kind, name: str, status: int = 200
) -> Response:
    target, counts = use(CutDesk).preview(session, kind, name)
    telling = use(CutDesk).telling(target)
    if request.method == "GET" and telling is Telling.ADVISED:
        form.values["prevenir"] = "oui"
    return page(
        "console/cut_preview.html",
        status,
        analyst=shown(session),
        form=form,
        kind=f"cut_kind.{kind}",
        name=target.name,
        is_wide=kind.is_wide,
        telling=f"telling.{telling}",
        may_tell=telling is not Telling.NOBODY,
        counts=[(f"count.{each}", number) for each, number in counts.present().items()],
        of_signing_key=counts.of_signing_key,
    )


def _target(form: Form) -> tuple[Kind, str]:
    given = form.read(genre=_kind, cible=terms.target)
    kind: Kind = given["genre"]
    if kind.is_one_of_many and not given["cible"]:
        form.refuse("cible", "cible.required")
        raise FormRefused
    return kind, given["cible"]


def _kind(text: str) -> Kind:
    if text not in set(Kind):
        raise InvalidField("genre.required")
    return Kind(text)


def _line(cut: Cut) -> dict[str, Any]:
    now = use(Cuts).clock()
    return {
        "reference": cut.reference,
        "kind": f"cut_kind.{cut.kind}",
        "name": cut.name if cut.kind.is_one_of_many else None,
        "state": f"cut_state.{cut.state_at(now)}",
        "planned_at": paris_time(cut.planned_at),
        "planned_by": cut.planned_by,
        "expires_at": paris_time(cut.expires_at),
        "decided_at": paris_time(cut.decided_at) if cut.decided_at else None,
        "decided_by": cut.decided_by,
    }


def _compared(
    cut: Cut, left: Counts | None
) -> list[tuple[str, int | None, int | None, int | None]]:
    """Return for each count what stood before, what stood after, and what stands now."""
    after = cut.after.present() if cut.after else {}
    now = left.present() if left else {}
    return [
        (f"count.{name}", number, after.get(name), now.get(name))
        for name, number in cut.before.present().items()
    ]
