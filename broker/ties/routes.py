"""Logging in with FranceConnect, tying it to an account, untying it."""

from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from broker.accounts.accounts import Accounts
from broker.accounts.answers import nir as typed_nir
from broker.base.browser import Browser
from broker.base.forms import Form, FormRefused
from broker.base.paris import clock_time, french_date
from broker.base.web import page, see_other, use
from broker.franceconnect.identities import Identities
from broker.franceconnect.model import Purpose, RoundTripRefused, VerifiedIdentity
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.routes import explain, leave_for
from broker.sessions.login import Login
from broker.sessions.model import (
    LoginExpired,
    LoginRefused,
    LoginRequest,
    LoginRequired,
    NotTied,
    Session,
)
from broker.sessions.routes import (
    ask_login,
    asked_login,
    current_session,
    go_on,
    is_fresh,
    leave_login,
    login_expired,
    login_request,
    presence,
    prove_again,
    typed_password,
)
from broker.ties.ties import ThroughAmeli, Ties

bp = Blueprint("ties", __name__)
bp.register_error_handler(LoginExpired, login_expired)


@bp.post("/connexion/franceconnect")
def start() -> Response:
    asked = asked_login()
    if asked and not asked.offers_franceconnect:
        raise LoginExpired(asked.id)
    demande = asked.id if asked else None
    try:
        address = use(FranceConnect).start(
            purpose=Purpose.LOGIN,
            browser=use(Browser).ensure(),
            return_to=url_for("ties.resume", demande=demande),
            retry_to=url_for("sessions.login", demande=demande),
        )
    except RoundTripRefused as refusal:
        return explain(refusal)
    return leave_for(address)


@bp.get("/connexion/franceconnect/retour")
def resume() -> Response:
    asked, here = login_request(request.args.get("demande")), presence()
    try:
        identity = use(Identities).claim(
            request.args.get("transaction", ""), here.browser, Purpose.LOGIN
        )
        return go_on(use(Login).by_franceconnect(identity, here, asked), asked)
    except RoundTripRefused as refusal:
        return explain(refusal)
    except NotTied:
        return _offer(identity, asked)


@bp.get("/connexion/franceconnect/relier")
def offer() -> Response:
    asked = login_request(request.args.get("demande"))
    try:
        identity = _waiting(request.args.get("identite", ""))
    except RoundTripRefused as refusal:
        return explain(refusal)
    return _offer_page(Form(echo=("nir",)), identity, asked)


@bp.post("/connexion/franceconnect/relier")
def accept() -> Response:
    asked = login_request(request.form.get("demande"))
    form = Form(request.form, echo=("nir",))
    try:
        identity = _waiting(request.form.get("identite", ""))
        given = form.read(nir=typed_nir, mot_de_passe=typed_password)
        step = use(Login).password(
            given["nir"], given["mot_de_passe"], presence(), asked, tie=identity
        )
    except RoundTripRefused as refusal:
        return explain(refusal)
    except FormRefused as refusal:
        return _offer_page(form, identity, asked, refusal.status)
    except LoginRefused as refusal:
        form.refuse("nir", "login.wrong")
        return _offer_page(form, identity, asked, refusal.status)
    return go_on(step, asked)


@bp.post("/connexion/franceconnect/annuler")
def give_up() -> Response:
    use(Identities).give_up(request.form.get("identite", ""), use(Browser).ensure())
    return leave_login(login_request(request.form.get("demande")))


@bp.get("/mon-compte/franceconnect")
def ask_untie() -> Response:
    session = current_session()
    if session is None:
        return ask_login()
    return _untie_page(Form(), session)


@bp.post("/mon-compte/franceconnect")
def untie() -> Response:
    session = current_session()
    if session is None:
        raise LoginRequired
    form = Form(request.form)
    try:
        if not is_fresh(session):
            prove_again(form, session, "mot_de_passe")
    except FormRefused as refusal:
        return _untie_page(form, session, refusal.status)
    use(Ties).untie(session)
    return see_other(url_for("sessions.account"))


def _offer(identity: VerifiedIdentity, asked: LoginRequest | None) -> Response:
    demande = asked.id if asked else None
    try:
        waiting = use(Ties).offer(identity, use(Browser).ensure())
    except ThroughAmeli as refusal:
        return page(
            "ties/refused.html",
            refusal.status,
            refusal=refusal.code,
            reference=None,
            waits_until=None,
            login_url=url_for("sessions.login", demande=demande),
        )
    return see_other(url_for("ties.offer", identite=waiting.id, demande=demande))


def _waiting(identity_id: str) -> VerifiedIdentity:
    return use(Identities).waiting(identity_id, use(Browser).ref())


def _offer_page(
    form: Form, identity: VerifiedIdentity, asked: LoginRequest | None, status: int = HTTPStatus.OK
) -> Response:
    return page(
        "ties/offer.html",
        status,
        form=form,
        identity=identity.id,
        name=identity.name,
        valid_until=clock_time(use(Identities).ends(identity)),
        login_request=asked,
    )


def _untie_page(form: Form, session: Session, status: int = HTTPStatus.OK) -> Response:
    ties = use(Accounts).ties(session.account_id)
    return page(
        "ties/untie.html",
        status,
        form=form,
        tied_since=french_date(ties[0].tied_at) if ties else None,
        asks_password=not is_fresh(session),
    )
