"""The pages of alerts: those that wait, one with its events, and the note of who looked at it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for

from broker.audit.model import Recorded
from broker.base.forms import Form, FormRefused
from broker.base.paris import PARIS
from broker.base.web import page, see_other, use
from broker.console import terms
from broker.console.alerts import Alerts
from broker.console.model import AnalystSession, Role
from broker.console.routes import for_role, refused, shown
from broker.detection.model import Alert, AlertAcknowledged, AlertUnknown, Key

bp = Blueprint("alerts", __name__, url_prefix="/audit/alertes")
bp.app_errorhandler(AlertUnknown)(partial(refused, back="alerts.every"))
bp.app_errorhandler(AlertAcknowledged)(partial(refused, back="alerts.every"))


@bp.get("")
@for_role(Role.READER)
def every(session: AnalystSession) -> Response:
    acknowledged = request.args.get("etat") == "vues"
    found = use(Alerts).part(session, acknowledged=acknowledged, behind=request.args.get("apres"))
    state: dict[str, Any] = {"etat": "vues"} if acknowledged else {}
    return page(
        "console/alerts.html",
        analyst=shown(session),
        acknowledged=acknowledged,
        alerts=[_told(alert) for alert in found.items],
        further=found.further and url_for("alerts.every", **state, apres=found.further),
    )


@bp.get("/<reference>")
@for_role(Role.READER)
def one(session: AnalystSession, reference: str) -> Response:
    return _alert_page(session, reference, Form())


@bp.post("/<reference>")
@for_role(Role.INVESTIGATOR)
def acknowledge(session: AnalystSession, reference: str) -> Response:
    form = Form(request.form, echo=("note",))
    try:
        given = form.read(note=terms.note)
    except FormRefused as refusal:
        return _alert_page(session, reference, form, refusal.status)
    use(Alerts).acknowledge(session, reference, given["note"])
    return see_other(url_for("alerts.one", reference=reference))


def _alert_page(
    session: AnalystSession, reference: str, form: Form, status: int = 200
) -> Response:
    alert, events = use(Alerts).one(session, reference)
    may_note = session.analyst.role.includes(Role.INVESTIGATOR)
    return page(
        "console/alert.html",
        status,
        analyst=shown(session),
        form=form,
        alert=_told(alert),
        events=[_event(event) for event in events],
        may_note=may_note and alert.acknowledged_at is None,
    )


def _told(alert: Alert) -> dict[str, Any]:
    rule = use(Alerts).rule(alert)
    return {
        "reference": alert.reference,
        "title": rule.title if rule else alert.rule,
        "meaning": rule.meaning if rule else "",
        "severity": f"urgency.{alert.severity}",
        "by": f"group.{alert.group_by}",
        "group": alert.group_value,
        "group_address": _address(alert),
        "counted": alert.counted,
        "first": _paris(alert.first_at),
        "last": _paris(alert.last_at),
        "noted": _paris(alert.acknowledged_at) if alert.acknowledged_at else None,
        "noted_by": alert.acknowledged_by,
        "note": alert.note,
    }


def _address(alert: Alert) -> str:
    """Return where the group leads; of addresses no index knows, hence the time around them."""
    group = alert.group_value
    if alert.group_by is not Key.ADDRESS:
        return url_for("trail.timeline", terme=group)
    until = alert.last_at + timedelta(minutes=1)
    window: dict[str, Any] = {"debut": _typed(alert.first_at), "fin": _typed(until)}
    if "/" in group:  # a line of IPv6: no event has that text
        return url_for("questions.one", name="network", reseau=group, **window)
    return url_for("trail.timeline", terme=group, **window)


def _event(event: Recorded) -> dict[str, str]:
    return {
        "address": url_for("trail.event", event_id=event.event_id),
        "type": event.type,
        "time": f"{event.time.astimezone(PARIS):%d/%m/%Y, %H:%M:%S}",
        "utc": event.body["time"],
        "outcome": f"outcome.{event.body['outcome']}",
    }


def _typed(moment: datetime) -> str:
    """Return a moment as the fields of a window take it."""
    return f"{moment.astimezone(PARIS):%d/%m/%Y %H:%M}"


def _paris(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%d/%m/%Y, %H:%M}"
