"""Logging in with the app: number and password, then the code."""

from flask import Blueprint, Response, request, url_for

from broker.base.forms import Form, FormRefused
from broker.base.web import page
from broker.sessions.code_routes import answer_code, send_again, show_code
from broker.sessions.model import LoginExpired
from broker.sessions.routes import go_on, try_password

bp = Blueprint("mobile_login", __name__, url_prefix="/app/connexion")
_LOGIN, _CODE = "mobile/login.html", "mobile/code.html"


@bp.errorhandler(LoginExpired)
def login_expired(refusal: LoginExpired) -> Response:
    return page(
        "sessions/expired.html",
        refusal.status,
        refusal=refusal.code,
        requester=None,
        restart_url=url_for("mobile_login.login"),
    )


@bp.get("")
def login() -> Response:
    return page(_LOGIN, form=Form())


@bp.post("")
def submit_password() -> Response:
    form = Form(request.form, echo=("nir",))
    try:
        step = try_password(form, None)
    except FormRefused as refusal:
        return page(_LOGIN, refusal.status, form=form)
    return go_on(step, None, "mobile_login.code")


@bp.get("/code")
def code() -> Response:
    return show_code(_CODE)


@bp.post("/code")
def submit_code() -> Response:
    return answer_code(_CODE)


@bp.post("/code/renvoyer")
def resend_code() -> Response:
    return send_again("mobile_login.code", _CODE)
