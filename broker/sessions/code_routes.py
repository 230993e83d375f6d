"""The code of a login: its page, the code typed, another one."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, request, url_for

from broker.accounts.accounts import Accounts
from broker.accounts.mailing import AccountMails
from broker.accounts.model import TieRefused
from broker.accounts.routes import waits_until
from broker.base.errors import Throttled
from broker.base.forms import Form, FormRefused
from broker.base.paris import clock_time
from broker.base.settings import Settings
from broker.base.web import page, see_other, use
from broker.franceconnect.model import RoundTripRefused
from broker.franceconnect.routes import explain as explain_round_trip
from broker.otp.model import CodeRefused, typed_code
from broker.sessions.login import Login
from broker.sessions.model import LoginAttempt, LoginExpired, LoginRequest
from broker.sessions.routes import attempt_of, enter, login_expired, login_request
from broker.sessions.sessions import Sessions

bp = Blueprint("codes", __name__, url_prefix="/connexion/code")
bp.register_error_handler(LoginExpired, login_expired)
_PAGE = "sessions/code.html"


@bp.get("")
def code() -> Response:
    return show_code()


@bp.post("")
def submit_code() -> Response:
    return answer_code()


@bp.post("/renvoyer")
def resend_code() -> Response:
    return send_again("codes.code")


def show_code(template: str = _PAGE) -> Response:
    """Show the page on which the code of a login is typed."""
    return _code_page(_new_code_form(), attempt_of(request.args.get("tentative", "")), template)


def answer_code(template: str = _PAGE) -> Response:
    """Judge the code of the submitted form: into the session, or the page again."""
    attempt = attempt_of(request.form.get("tentative", ""))
    asked = login_request(attempt.login_request_id)
    form = Form(request.form, echo=("se_souvenir",))
    remember = request.form.get("se_souvenir") == "oui" and _offers_memory(asked)
    try:
        typed = form.read(code=typed_code)["code"]
        step = use(Login).code(attempt, typed, asked, remember=remember)
    except FormRefused as refusal:
        return _code_page(form, attempt, template, refusal.status)
    except CodeRefused as refusal:
        form.refuse("code", refusal.message)
        return _code_page(form, attempt, template, refusal.status)
    except TieRefused as refusal:
        return _tie_refused(refusal, attempt)
    except RoundTripRefused as refusal:
        return explain_round_trip(refusal)
    return enter(step, asked)


def send_again(code_endpoint: str, template: str = _PAGE) -> Response:
    """Send another code, and go back to its page; or say when one may be asked for."""
    attempt = attempt_of(request.form.get("tentative", ""))
    try:
        use(Login).resend(attempt)
    except Throttled as refusal:
        form = _new_code_form()
        form.refuse("code", "code.too_soon")
        return _code_page(form, attempt, template, refusal.status, refusal)
    return see_other(url_for(code_endpoint, tentative=attempt.id))


def _new_code_form() -> Form:
    """Return an empty form, its box ticked: the hint says when to untick it."""
    return Form({"se_souvenir": "oui"}, echo=("se_souvenir",))


def _code_page(
    form: Form,
    attempt: LoginAttempt,
    template: str,
    status: int = 200,
    wait: Throttled | None = None,
) -> Response:
    _, challenge = use(Login).attempt(attempt.id, attempt.browser)
    asked, limits = login_request(attempt.login_request_id), use(Settings).limits
    again = challenge.may_resend_at(limits.code_resend_wait)
    if wait:
        again = max(again, use(Sessions).clock() + timedelta(seconds=wait.retry_after))
    response = page(
        template,
        status,
        form=form,
        attempt=attempt.id,
        masked_email=use(Accounts).get(attempt.account_id).masked_email,
        undelivered=use(AccountMails).undelivered(attempt.account_id, challenge.sent_at),
        sent_at=clock_time(challenge.sent_at),
        valid_until=clock_time(challenge.expires_at),
        resend_after=_resend_after(again),
        tries_left=challenge.tries_left(limits.code_tries),
        requester=asked.requester if asked else None,
        from_franceconnect=bool(asked and asked.from_franceconnect),
        offers_memory=_offers_memory(asked),
        ties=attempt.tie is not None,
        replaces=bool(attempt.tie and attempt.tie.replaces),
    )
    if wait:
        response.headers["Retry-After"] = str(wait.retry_after)
    return response


def _tie_refused(refusal: TieRefused, attempt: LoginAttempt) -> Response:
    return page(
        "ties/refused.html",
        refusal.status,
        refusal=refusal.code,
        reference=attempt.proof.auth_event_id,
        waits_until=waits_until(attempt.account_id),
        login_url=url_for("sessions.login", demande=attempt.login_request_id),
    )


def _resend_after(moment: datetime) -> str | None:
    return clock_time(moment) if moment > use(Sessions).clock() else None


def _offers_memory(asked: LoginRequest | None) -> bool:
    return asked is None or not asked.always_asks_code
