"""Cases in the console: what waits, one case with its events, its conclusion."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused
from broker.base.messages import Messages
from broker.base.web import page, see_other, use
from broker.cases.model import Case, CaseClosed, CaseUnknown, Conclusion
from broker.console.case_desk import CaseDesk, terms_of
from broker.console.cutting import offered
from broker.console.model import AnalystSession, Role
from broker.console.routes import for_role, refused, shown
from broker.console.trail_routes import listed, paris_time

bp = Blueprint("cases", __name__, url_prefix="/audit/dossiers")
bp.app_errorhandler(CaseUnknown)(refused)
bp.app_errorhandler(CaseClosed)(refused)


@bp.get("")
@for_role(Role.READER)
def every(session: AnalystSession) -> Response:
    return _list(session, closed=False)


@bp.get("/conclus")
@for_role(Role.READER)
def concluded(session: AnalystSession) -> Response:
    return _list(session, closed=True)


@bp.get("/<reference>")
@for_role(Role.READER)
def one(session: AnalystSession, reference: str) -> Response:
    return _case_page(session, reference, Form(echo=("conclusion",)))


@bp.post("/<reference>/conclusion")
@for_role(Role.INVESTIGATOR)
def conclude(session: AnalystSession, reference: str) -> Response:
    form = Form(request.form, echo=("conclusion",))
    try:
        conclusion = form.read(conclusion=_conclusion)["conclusion"]
    except FormRefused as refusal:
        return _case_page(session, reference, form, refusal.status)
    use(CaseDesk).conclude(session, reference, conclusion)
    return see_other(url_for("cases.one", reference=reference))


def _list(session: AnalystSession, *, closed: bool) -> Response:
    found = use(CaseDesk).part(session, closed=closed, behind=request.args.get("apres"))
    here = "cases.concluded" if closed else "cases.every"
    return page(
        "console/cases.html",
        analyst=shown(session),
        closed=closed,
        cases=[_line(case) for case in found.items],
        further=found.further and url_for(here, apres=found.further),
    )


def _case_page(session: AnalystSession, reference: str, form: Form, status: int = 200) -> Response:
    case, found = use(CaseDesk).look(session, reference)
    say, named = use(Messages).sentence, terms_of(case)
    names = {"subject_ref": case.subject_ref, "auth_event_id": case.auth_event_id}
    return page(
        "console/case.html",
        status,
        analyst=shown(session),
        form=form,
        case=_line(case),
        may_conclude=case.closed_at is None and session.analyst.role.includes(Role.INVESTIGATOR),
        conclusions=[(str(each), say(f"conclusion.{each}")) for each in Conclusion],
        events=None if found is None else [listed(event) for event in found.events],
        every_event=url_for("trail.timeline", terme=" ".join(named)),
        lineage=url_for("lineage.ask", indice=case.auth_event_id) if case.auth_event_id else None,
        cuts=offered(session, (names,)),
    )


def _line(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "kind": f"case_kind.{case.kind}",
        "person": case.subject_ref,
        "login": case.auth_event_id,
        "opened_at": paris_time(case.opened_at),
        "closed_at": paris_time(case.closed_at) if case.closed_at else None,
        "closed_by": case.closed_by,
        "conclusion": f"conclusion.{case.conclusion}" if case.conclusion else None,
    }


def _conclusion(text: str) -> Conclusion:
    if text not in set(Conclusion):
        raise InvalidField("conclusion.required")
    return Conclusion(text)
