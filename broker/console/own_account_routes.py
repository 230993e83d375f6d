"""The pages on which analysts change their own password and application."""

from functools import partial

from flask import Blueprint, Response, request, url_for

from broker.accounts.password_form import FIELD, PASSWORD, NewPasswordForm
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.base.forms import Form, FormRefused
from broker.base.web import page, see_other, use
from broker.console.model import (
    AnalystRefused,
    AnalystSession,
    NoNewApplication,
    Role,
    WrongFirstCode,
)
from broker.console.own_account import OwnAccount
from broker.console.routes import (
    application,
    entered,
    for_role,
    refused,
    shown,
    typed_password,
    typed_totp,
)

bp = Blueprint("analyst_account", __name__, url_prefix="/audit/mon-compte")
bp.app_errorhandler(NoNewApplication)(partial(refused, back="analyst_account.ask_application"))
_PRESENT = "mot_de_passe_actuel"


@bp.get("")
@for_role(Role.READER)
def overview(session: AnalystSession) -> Response:
    done = request.args.get("fait", "")
    return page("console/account.html", analyst=shown(session), done=done)


@bp.get("/mot-de-passe")
@for_role(Role.READER)
def password(session: AnalystSession) -> Response:
    return _password_page(session, NewPasswordForm())


@bp.post("/mot-de-passe")
@for_role(Role.READER)
def change_password(session: AnalystSession) -> Response:
    form = NewPasswordForm(request.form)
    try:
        given = form.read(**{_PRESENT: typed_password}, **PASSWORD, code=typed_totp)
        cookie = use(OwnAccount).change_password(
            session, given[_PRESENT], given["code"], given[FIELD]
        )
    except FormRefused as refusal:
        return _password_page(session, form, refusal.status)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _password_page(session, form, refusal.status)
    except AnalystRefused as refusal:
        form.refuse(_PRESENT, "analyst_proof.wrong")
        return _password_page(session, form, refusal.status)
    return entered(cookie, url_for("analyst_account.overview", fait="mot-de-passe"))


@bp.get("/application")
@for_role(Role.READER)
def application_page(session: AnalystSession) -> Response:
    return _application_page(session, Form())


@bp.post("/application")
@for_role(Role.READER)
def ask_application(session: AnalystSession) -> Response:
    form = Form(request.form)
    try:
        given = form.read(**{_PRESENT: typed_password}, code=typed_totp)
        use(OwnAccount).ask_application(session, given[_PRESENT], given["code"])
    except FormRefused as refusal:
        return _application_page(session, form, refusal.status)
    except AnalystRefused as refusal:
        form.refuse(_PRESENT, "analyst_proof.wrong")
        return _application_page(session, form, refusal.status)
    return see_other(url_for("analyst_account.new_application"))


@bp.get("/application/nouvelle")
@for_role(Role.READER)
def new_application(session: AnalystSession) -> Response:
    return _new_application_page(session, Form())


@bp.post("/application/nouvelle")
@for_role(Role.READER)
def confirm_application(session: AnalystSession) -> Response:
    form = Form(request.form)
    try:
        cookie = use(OwnAccount).confirm_application(session, form.read(code=typed_totp)["code"])
    except FormRefused as refusal:
        return _new_application_page(session, form, refusal.status)
    except WrongFirstCode as refusal:
        form.refuse("code", "analyst_code.wrong")
        return _new_application_page(session, form, refusal.status)
    return entered(cookie, url_for("analyst_account.overview", fait="application"))


def _password_page(session: AnalystSession, form: NewPasswordForm, status: int = 200) -> Response:
    return page(
        "console/account_password.html",
        status,
        analyst=shown(session),
        form=form,
        **form.context(use(PasswordPolicy), None),
    )


def _application_page(session: AnalystSession, form: Form, status: int = 200) -> Response:
    return page("console/account_application.html", status, analyst=shown(session), form=form)


def _new_application_page(session: AnalystSession, form: Form, status: int = 200) -> Response:
    renewal = use(OwnAccount).new_application(session)
    return page(
        "console/account_new_application.html",
        status,
        analyst=shown(session),
        form=form,
        **application(renewal.totp_secret, session.analyst.name),
    )
