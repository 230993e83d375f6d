"""Is the service alive, ready, and how does it do: for operators and their monitors."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from broker.base.clock_drift import ClockDrift
from broker.base.db import Database
from broker.base.flood import FloodGate
from broker.base.metrics import Metrics
from broker.base.settings import Profile, Settings
from broker.base.web import unlimited, use
from broker.exports.exports import Exports

bp = Blueprint("health", __name__)


@bp.get("/health/live")
@unlimited
def live() -> Response:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@bp.get("/health/ready")
@unlimited
def ready() -> tuple[Response, int]:
    """Answer 200 when every dependency that a request needs does: Redis is none of these.

    Nor are those who take the trail, nor a clock that agrees: what is late or wrong is told.
    """
    database = _state(answers=_database_answers())
    dependencies = {"database": database}
    if database == "ok" and use(ClockDrift).has_another:
        dependencies["clock"] = use(ClockDrift).state()
    shared = use(FloodGate).shared
    if shared:
        dependencies["redis"] = _state(answers=shared.answers())
    if database == "ok" and use(Exports).sinks:
        late = any(lag.is_late for lag in use(Exports).lags())
        dependencies["exports"] = "late" if late else "ok"
    status = HTTPStatus.OK if database == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify(status=database, dependencies=dependencies), status


@bp.get("/metrics")
@unlimited
def metrics() -> Response:
    """Expose the metrics; production does so at its own bind address only."""
    if use(Settings).profile is Profile.PRODUCTION:
        abort(HTTPStatus.NOT_FOUND)
    body, content_type = use(Metrics).exposition()
    return Response(body, content_type=content_type)


def _state(*, answers: bool) -> str:
    return "ok" if answers else "down"


def _database_answers() -> bool:
    try:
        return bool(use(Database).scalar(text("SELECT 1")) == 1)
    except SQLAlchemyError:
        return False
