"""The doors of the console: invitation, login, logout; and the guard of every page behind them."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, url_for
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup
from werkzeug.exceptions import SecurityError

from broker.accounts.password_form import FIELD, PASSWORD, NewPasswordForm
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.base.browser import Cookies
from broker.base.crypto import Secret
from broker.base.errors import InvalidField, Refusal
from broker.base.forms import Form, FormRefused
from broker.base.paris import PARIS
from broker.base.settings import Settings
from broker.base.web import asked_address, page, request_reference, see_other, show_refusals, use
from broker.console.asked_page import asked
from broker.console.enrolment import Enrolment
from broker.console.login import AnalystLogin
from broker.console.model import (
    AnalystLoginRequired,
    AnalystRefused,
    AnalystSession,
    DeadInvitation,
    EventUnknown,
    NotAName,
    Role,
    RoleMissing,
    WrongFirstCode,
    analyst_name,
)
from broker.console.sessions import AnalystSessions
from broker.console.totp import drawing, in_groups
from broker.otp.model import typed_code

bp = Blueprint("console", __name__, url_prefix="/audit")
_SESSION, _INVITATION = "analyste", "invitation"
_ANYWHERE = {"static", "health.live", "health.ready", "health.metrics", "sessions.accessibility"}
_GIVEN_BACK = ("terme", "type", "client", "issue", "debut", "fin", "indice", "reseau", "seuil",
               "motif", "dossier", "note", "conclusion", "genre", "cible", "raison")  # fmt: skip
"""Fields that a page may hold again: no password, no code, nobody's number."""
_PLACES = (
    ("trail.home", Role.READER),
    ("trail.person", Role.INVESTIGATOR),
    ("lineage.ask", Role.READER),
    ("alerts.every", Role.READER),
    ("cases.every", Role.READER),
    ("questions.every", Role.READER),
    ("cuts.every", Role.RESPONDER),
    ("analyst_account.overview", Role.READER),
)
"""Where each page of the console leads, for whoever has the role."""
_COOKIE_LIFE = 1_800  # seconds between opening an invitation and accepting it


def for_role(role: Role) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Give the view the session of an analyst who has that role; refuse everybody else."""

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def guarded(**values: str) -> Response:
            session = use(AnalystSessions).of(cookies().read(_SESSION))
            if session is None:
                if request.method == "GET":
                    return see_other(url_for("console.login", vers=asked(asked_address())))
                raise AnalystLoginRequired
            use(AnalystSessions).require(session, role)
            return view(session, **values)

        guarded.console_role = role  # type: ignore[attr-defined]
        return guarded

    return decorate


@bp.before_app_request
def keep_to_its_host() -> Response | None:
    """Answer the console on its own host alone, where it has one, and there nothing else."""
    host = use(Settings).console_host
    if host is None or request.endpoint in _ANYWHERE:
        return None
    if request.host == host and request.path == "/":
        return see_other(url_for("trail.home"))
    if _is_below_audit() != (request.host == host):
        abort(HTTPStatus.NOT_FOUND)
    return None


def _is_of_console() -> bool:
    """Tell whether whoever asks is at the console: on its own host, where it has one."""
    host = use(Settings).console_host
    try:
        return request.host == host if host else _is_below_audit()
    except SecurityError:  # a host that is not ours
        return False


def _is_below_audit() -> bool:
    return request.path == "/audit" or request.path.startswith("/audit/")


def cookies() -> Cookies:
    """Return the cookies of the console: other pages of the service never get them."""
    return replace(use(Cookies), path="/audit", same_site="Strict")


@bp.app_errorhandler(RoleMissing)
@bp.app_errorhandler(EventUnknown)
@bp.app_errorhandler(DeadInvitation)
def refused(refusal: Refusal, back: str = "trail.home") -> Response:
    session = use(AnalystSessions).of(cookies().read(_SESSION))
    return _refused_page(refusal.code, refusal.status, back, session)


def _refused_page(
    code: str,
    status: int,
    back: str,
    session: AnalystSession | None,
    wait_until: str | None = None,
) -> Response:
    return page(
        "console/refused.html",
        status,
        refusal=code,
        reference=request_reference(),
        back=url_for(back),
        wait_until=wait_until,
        **({"analyst": shown(session)} if session else {}),
    )


@bp.record_once
def _show_refusals(state: BlueprintSetupState) -> None:
    show_refusals(state.app, refused_within)


def refused_within(code: str, status: int, wait_until: str | None) -> Response | None:
    """Show, within the console, what is refused before any view: None elsewhere.

    The session is not looked up where the database may be away, or must be spared.
    """
    if not _is_of_console():
        return None
    spared = status >= HTTPStatus.TOO_MANY_REQUESTS
    session = None if spared else use(AnalystSessions).of(cookies().read(_SESSION))
    return _refused_page(code, status, "trail.home", session, wait_until)


@bp.app_errorhandler(AnalystLoginRequired)
def logged_out(refusal: AnalystLoginRequired) -> Response:
    """Give back what was typed, to be sent again after a login in another tab."""
    typed = [(name, value) for name in _GIVEN_BACK if (value := request.form.get(name))]
    return page("console/logged_out.html", refusal.status, refusal=refusal.code, typed=typed)


@bp.get("/connexion")
def login() -> Response:
    return _login_page(Form())


@bp.post("/connexion")
def enter() -> Response:
    form = Form(request.form, echo=("identifiant",))
    try:
        given = form.read(identifiant=_name, mot_de_passe=typed_password, code=typed_totp)
        cookie = use(AnalystLogin).enter(
            given["identifiant"], given["mot_de_passe"], given["code"], cookies().read(_SESSION)
        )
    except FormRefused as refusal:
        return _login_page(form, refusal.status)
    except AnalystRefused as refusal:
        form.refuse("identifiant", "analyst.wrong")
        return _login_page(form, refusal.status)
    return entered(cookie, asked(request.form.get("vers", "")))


@bp.post("/deconnexion")
@for_role(Role.READER)
def leave(session: AnalystSession) -> Response:
    use(AnalystSessions).end(session, "logout")
    response = see_other(url_for("console.login"))
    cookies().clear(response, _SESSION)
    return response


@bp.get("/invitation/<token>")
def open_invitation(token: str) -> Response:
    response = see_other(url_for("console.invitation"))
    cookies().set(response, _INVITATION, Secret(token), _COOKIE_LIFE)
    return response


@bp.get("/invitation")
def invitation() -> Response:
    return _invitation_page(NewPasswordForm())


@bp.post("/invitation")
def accept() -> Response:
    form = NewPasswordForm(request.form)
    try:
        given = form.read(**PASSWORD, code=typed_totp)
        cookie = use(Enrolment).accept(
            cookies().read(_INVITATION), given[FIELD], given["code"], cookies().read(_SESSION)
        )
    except FormRefused as refusal:
        return _invitation_page(form, refusal.status)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _invitation_page(form, refusal.status)
    except WrongFirstCode as refusal:
        form.refuse("code", "analyst_code.wrong")
        return _invitation_page(form, refusal.status)
    response = entered(cookie)
    cookies().clear(response, _INVITATION)
    return response


@bp.get("/reste")
def time_left() -> Response:
    left = use(AnalystSessions).time_left(cookies().read(_SESSION))
    return jsonify(idle=left.idle, whole=left.whole)


def shown(session: AnalystSession) -> dict[str, Any]:
    """Return what each page tells of the analyst, and of when the session ends."""
    sessions = use(AnalystSessions)
    idle_end, end = (f"{at.astimezone(PARIS):%H:%M}" for at in sessions.ends(session))
    return {
        "name": session.analyst.name,
        "role": f"analyst_role.{session.analyst.role}",
        "left": sessions.left(session),
        "places": _places(session.analyst.role),
        "idle_end": idle_end,
        "end": end,
    }


def _places(role: Role) -> list[tuple[str, str, str]]:
    """Return address, words and ``aria-current`` of each place that *role* opens.

    A page that no place leads to belongs to the one whose address its own begins with.
    """
    opened = [(url_for(name), f"place.{name}") for name, least in _PLACES if role.includes(least)]
    around = [address for address, _ in opened if f"{request.path}/".startswith(f"{address}/")]
    here = max(around, key=len, default="")
    mark = "page" if here == request.path else "true"
    return [(address, words, mark if address == here else "") for address, words in opened]


def entered(cookie: Secret, to: str | None = None) -> Response:
    """Lead on, with the cookie of a session that was just opened."""
    response = see_other(to or url_for("trail.home"))
    cookies().set(response, _SESSION, cookie)
    return response


def application(secret: Secret, name: str) -> dict[str, object]:
    """Return what a page shows so that an application learns its secret."""
    return {
        "name": name,
        "drawing": Markup(drawing(secret, name)),  # noqa: S704 - squares, no text of anybody
        "secret": in_groups(secret),
    }


def typed_password(text: str) -> Secret:
    """Read a password that is compared, not chosen."""
    if not text:
        raise InvalidField("mot_de_passe.required")
    return Secret(text)


def typed_totp(text: str) -> str:
    """Read a code of an application."""
    if not text:
        raise InvalidField("analyst_code.required")
    return typed_code(text)


def _login_page(form: Form, status: int = 200) -> Response:
    towards = asked(request.values.get("vers", ""))
    return page("console/login.html", status, form=form, towards=towards)


def _invitation_page(form: NewPasswordForm, status: int = 200) -> Response:
    invited = use(Enrolment).view(cookies().read(_INVITATION))
    policy = use(PasswordPolicy)
    return page(
        "console/invitation.html",
        status,
        form=form,
        **form.context(policy, None),
        **application(invited.totp_secret, invited.analyst.name),
    )


def _name(text: str) -> str:
    if not text:
        raise InvalidField("identifiant.required")
    try:
        return analyst_name(text)
    except NotAName:
        return "-"  # nobody's name: refused as any other that is unknown
