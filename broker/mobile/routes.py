"""The app's first screens, and what makes it installable."""

from flask import Blueprint, Response, make_response, render_template, url_for

from broker.base.crypto import fingerprint
from broker.base.places import folder
from broker.base.web import page, see_other
from broker.mobile.creation_routes import APP
from broker.sessions.routes import current_session
from broker.signup.machine import Step

bp = Blueprint("mobile", __name__, url_prefix="/app")
_OFFLINE = "mobile/offline.html"
_KEPT = ("app.css", "mobile/mobile.css", "mark.svg")
"""What the offline page is drawn with, under ``static``."""


@bp.get("")
def home() -> Response:
    if current_session():
        return see_other(url_for("sessions.account"))
    draft = APP.current()
    created = draft is not None and draft.step is Step.FINISHED
    return page("mobile/home.html", masked_email=draft.masked_email if draft and created else None)


@bp.get("/preparation")
def preparation() -> Response:
    return page("mobile/preparation.html")


@bp.get("/compte-active")
def activated() -> Response:
    return page("mobile/activated.html")


@bp.get("/manifeste")
def manifest() -> Response:
    response = make_response(render_template("mobile/manifest.json"))
    response.mimetype = "application/manifest+json"
    return response


@bp.get("/hors-connexion")
def offline() -> Response:
    return page(_OFFLINE)


@bp.get("/service-worker.js")
def service_worker() -> Response:
    kept = (url_for("mobile.offline"), *(url_for("static", filename=name) for name in _KEPT))
    response = make_response(
        render_template("mobile/service-worker.js", kept=kept, version=_version())
    )
    response.mimetype = "text/javascript"
    response.headers["Service-Worker-Allowed"] = url_for("mobile.home")
    return response


def _version() -> str:
    """Name what the offline page is made of: a change of it renews what browsers keep."""
    files = (folder("static") / name for name in _KEPT)
    parts = (render_template(_OFFLINE), *(file.read_text() for file in files))
    return fingerprint("".join(parts)).hex()[:16]
