"""Login, code, logout, the account page."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from broker.accounts.accounts import Accounts
from broker.accounts.answers import nir as typed_nir
from broker.accounts.mailing import AccountMails
from broker.base.browser import LEFT_REQUEST, Browser, Cookies
from broker.base.crypto import Secret
from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused
from broker.base.paris import clock_time, french_date
from broker.base.settings import Settings
from broker.base.web import asked_address, page, see_other, use
from broker.franceconnect.model import Purpose
from broker.franceconnect.relying_party import FranceConnect
from broker.insured.lookup import Insured
from broker.sessions.account_pages import AccountPages
from broker.sessions.login import Login, Presence
from broker.sessions.memory import BrowserMemory
from broker.sessions.model import (
    LoginAttempt,
    LoginExpired,
    LoginRefused,
    LoginRequest,
    LoginRequired,
    Session,
)
from broker.sessions.opening import CodeAsked, LoggedIn
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions
from broker.sessions.store import SessionStore

bp = Blueprint("sessions", __name__)
SESSION, _MEMORY = "session", "memoire"
_EVERY_BROWSER = "tous"


def current_session() -> Session | None:
    """Return the session of this browser."""
    return use(Sessions).of(use(Cookies).read(SESSION))


@bp.get("/")
def home() -> Response:
    if current_session():
        return see_other(url_for("sessions.account"))
    return page("home.html", franceconnect=_offer(Purpose.CREATION))


@bp.get("/accessibilite")
def accessibility() -> Response:
    return page("accessibility.html")


@bp.errorhandler(LoginExpired)
def login_expired(refusal: LoginExpired) -> Response:
    """Say so, and offer to ask the same again: the partner that sent the person still waits."""
    asked = use(LoginRequests).known(refusal.request_id, use(Browser).ref())
    return page(
        "sessions/expired.html",
        refusal.status,
        refusal=refusal.code,
        requester=asked.requester if asked else None,
        restart_url=_again(asked) if asked else url_for("sessions.login"),
    )


@bp.app_errorhandler(LoginRequired)
def login_required(refusal: LoginRequired) -> Response:
    """Say that nothing was done, and lead through the login back to the page of the form."""
    left = use(AccountPages).left(request.referrer or "", request.path)
    return page(
        "sessions/expired.html",
        refusal.status,
        refusal=refusal.code,
        requester=None,
        restart_url=url_for("sessions.login", vers=left),
    )


@bp.get("/connexion")
def login() -> Response:
    if not {"demande", "vers"} & request.args.keys() and (left := use(Cookies).read(LEFT_REQUEST)):
        asked = use(LoginRequests).known(left.reveal(), use(Browser).ref())
        response = see_other(_again(asked) if asked else url_for("sessions.login"))
        use(Cookies).clear(response, LEFT_REQUEST)
        return response
    asked = login_request(request.args.get("demande"))
    form = Form({"nir": (asked and asked.login_hint) or ""}, echo=("nir",))
    return _login_page(form, asked)


@bp.post("/connexion")
def submit_password() -> Response:
    asked = asked_login()
    form = Form(request.form, echo=("nir",))
    try:
        step = try_password(form, asked)
    except FormRefused as refusal:
        return _login_page(form, asked, refusal.status)
    return go_on(step, asked)


@bp.post("/connexion/annuler")
def cancel() -> Response:
    tentative = request.form.get("tentative")
    demande = attempt_of(tentative).login_request_id if tentative else request.form.get("demande")
    return leave_login(login_request(demande))


@bp.get("/deconnexion")
def ask_logout() -> Response:
    if current_session() is None:
        return logged_out()
    return page("sessions/logout.html")


@bp.get("/deconnecte")
def logged_out() -> Response:
    there = use(FranceConnect).may_be_logged_in_there(use(Browser).ref())
    return page("sessions/logged_out.html", franceconnect=there)


@bp.get("/mon-compte")
def account() -> Response:
    session = current_session()
    if session is None:
        return ask_login()
    found = use(Accounts).get(session.account_id)
    person = use(Insured).person(found.insured_id)
    before, ties = use(SessionStore).before(session), use(Accounts).ties(found.id)
    return page(
        "sessions/account.html",
        person={"given_names": person.given_names, "family_name": person.birth_name},
        masked_email=found.masked_email,
        undelivered=use(AccountMails).undelivered(found.id),
        last_login=f"{french_date(before)}, {clock_time(before)}" if before else None,
        tied_since=french_date(ties[0].tied_at) if ties else None,
        browsers=_browsers(session.account_id),
    )


@bp.post("/mon-compte/navigateurs")
def forget_browser() -> Response:
    session = current_session()
    if session is None:
        raise LoginRequired
    browser = request.form.get("navigateur", "")
    if browser == _EVERY_BROWSER:
        use(BrowserMemory).forget_all(session.account_id)
    else:
        use(BrowserMemory).forget(session.account_id, browser)
    return see_other(url_for("sessions.account"))


def try_password(form: Form, asked: LoginRequest | None) -> CodeAsked | LoggedIn:
    """Check number and password of the form, or raise FormRefused with the one message."""
    given = form.read(nir=typed_nir, mot_de_passe=typed_password)
    try:
        return use(Login).password(given["nir"], given["mot_de_passe"], presence(), asked)
    except LoginRefused:
        form.refuse("nir", "login.wrong")
        raise FormRefused from None


def leave_login(asked: LoginRequest | None) -> Response:
    """Go back to whoever asked for the login: the person gave up."""
    if asked is None or asked.cancel_to is None:
        return see_other(url_for("sessions.login"))
    use(LoginRequests).give_up(asked)
    return see_other(asked.cancel_to)


def typed_password(text: str) -> Secret:
    """Read the password of a login form."""
    if not text:
        raise InvalidField("mot_de_passe.required")
    return Secret(text)


def is_fresh(session: Session) -> bool:
    """Tell whether the login is recent enough for what a browser left open must not do."""
    return use(Sessions).is_fresh(session)


def prove_again(form: Form, session: Session, field: str) -> None:
    """Check the password typed in that field, or raise FormRefused with its message."""
    typed = form.read(**{field: typed_password})[field]
    try:
        use(Login).prove_again(session.account_id, typed, presence())
    except LoginRefused:
        form.refuse(field, "mot_de_passe.wrong")
        raise FormRefused from None


def leave_session(response: Response) -> Response:
    """Take the session's cookie back, and what the browser kept of its pages."""
    use(Cookies).clear(response, SESSION)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def go_on(
    step: CodeAsked | LoggedIn, asked: LoginRequest | None, code_endpoint: str = "codes.code"
) -> Response:
    """Go on to the code, or into the session that is open."""
    if isinstance(step, CodeAsked):
        return see_other(url_for(code_endpoint, tentative=step.attempt.id))
    return enter(step, asked)


def enter(step: LoggedIn, asked: LoginRequest | None) -> Response:
    """Give the browser its session, and go on to what it was asked for."""
    response = see_other(asked.return_to if asked else url_for("sessions.account"))
    cookies = use(Cookies)
    cookies.set(response, SESSION, step.cookie)
    if step.memory:
        life = use(Settings).limits.remembered_browser_life
        cookies.set(response, _MEMORY, step.memory, life)
    return response


def login_request(demande: str | None) -> LoginRequest | None:
    """Return the login request of that id, in its own browser; None where none is named."""
    return use(LoginRequests).get(demande, use(Browser).ref()) if demande else None


def ask_login() -> Response:
    """Lead whoever opens a page of the account to the login, which goes on to that page."""
    towards = use(AccountPages).asked(asked_address())
    return see_other(url_for("sessions.login", vers=towards))


def asked_login() -> LoginRequest | None:
    """Return what the submitted form logs in for: a service's request, or a page of ours."""
    if demande := request.form.get("demande"):
        return login_request(demande)
    towards = use(AccountPages).asked(request.form.get("vers", ""))
    return use(LoginRequests).open_towards(towards, use(Browser).ensure()) if towards else None


def _again(asked: LoginRequest) -> str:
    """Return where a request goes on: to its login, or to its beginning once it has expired."""
    if asked.restart_to and use(LoginRequests).is_over(asked):
        return asked.restart_to
    return url_for("sessions.login", demande=asked.id)


def attempt_of(tentative: str) -> LoginAttempt:
    """Return the login of this browser that waits for a code."""
    return use(Login).attempt(tentative, use(Browser).ref())[0]


def presence() -> Presence:
    """Return the browser in which the login happens."""
    return Presence(
        browser=use(Browser).ensure(),
        memory=use(Cookies).read(_MEMORY),
    )


def _login_page(form: Form, asked: LoginRequest | None, status: int = 200) -> Response:
    offered = asked is None or asked.offers_franceconnect
    shown = _offer(Purpose.LOGIN) if offered else "hidden"
    return page(
        "sessions/login.html",
        status,
        form=form,
        login_request=asked,
        towards=use(AccountPages).asked(request.args.get("vers", "")),
        franceconnect=shown,
    )


def _offer(purpose: Purpose) -> str:
    return use(FranceConnect).offer(purpose, use(Browser).ref())


def _browsers(account_id: str) -> list[dict[str, Any]]:
    memory = use(BrowserMemory)
    here = memory.of(use(Cookies).read(_MEMORY), account_id)
    return [
        {
            "id": browser.id,
            "label": browser.label,
            "since": french_date(browser.created_at),
            "until": french_date(browser.expires_at),
            "current": here is not None and here.id == browser.id,
        }
        for browser in memory.every(account_id)
    ]
