"""The screens of a creation in the app, a GET and a POST each (SPEC G.5, A3 to A6)."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from broker.accounts.model import EmailUsed
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.base.browser import Browser, Cookies
from broker.base.forms import FormRefused
from broker.base.web import clock_time, page, see_other, use
from broker.signup.account_form import AccountForm
from broker.signup.by_card import NO_SERIAL, ByCard, TooManyIdentities
from broker.signup.card_forms import IdentityForm, ProofsForm
from broker.signup.completion import Completion
from broker.signup.journeys import Journeys
from broker.signup.model import (
    TERMS_VERSION,
    CardMismatch,
    Draft,
    JourneyRefused,
    OutOfOrder,
    Step,
    Way,
)

bp = Blueprint("mobile_creation", __name__, url_prefix="/app")
_JOURNEY = "creation_app"
_SCREENS = {
    Step.TERMS: "mobile_creation.terms",
    Step.IDENTITY: "mobile_creation.identity",
    Step.CARD: "mobile_creation.card",
    Step.CONTACT: "mobile_creation.account",
    Step.FINISHED: "mobile.home",
    Step.NEUTRAL: "mobile_creation.neutral",
}


@bp.errorhandler(OutOfOrder)
def restart(refusal: OutOfOrder) -> Response:
    draft = current_journey()
    # Without a journey nothing is known of the terms, which come first here.
    next_step = refusal.next_step if draft else Step.TERMS
    if next_step in {Step.FINISHED, Step.NEUTRAL}:
        return _go_to(next_step)
    return page("mobile/restart.html", refusal.status, next_endpoint=_SCREENS[next_step])


@bp.errorhandler(JourneyRefused)
def refused(_refusal: JourneyRefused) -> Response:
    return _go_to(Step.NEUTRAL)


@bp.errorhandler(TooManyIdentities)
def too_many(refusal: TooManyIdentities) -> Response:
    again = use(Journeys).clock() + timedelta(seconds=refusal.retry_after)
    response = page(
        "mobile/neutral.html",
        HTTPStatus.TOO_MANY_REQUESTS,
        reference=refusal.draft.reference,
        wait_until=clock_time(again),
    )
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response


@bp.get("/conditions")
def terms() -> Response:
    return page("mobile/terms.html")


@bp.post("/conditions")
def accept_terms() -> Response:
    cookie = use(Completion).begin_with_terms(Way.APP, use(Browser).ensure())
    response = _go_to(Step.IDENTITY)
    use(Cookies).set(response, _JOURNEY, cookie)
    return response


@bp.get("/conditions-detaillees")
def detailed_terms() -> Response:
    back = url_for("mobile_creation.terms")
    return page("signup/detailed_terms.html", terms_version=TERMS_VERSION, terms_url=back)


@bp.post("/refus")
def refuse_terms() -> Response:
    use(Journeys).cancel(use(Cookies).read(_JOURNEY))
    response = see_other(url_for("mobile.home"))
    use(Cookies).clear(response, _JOURNEY)
    return response


@bp.get("/identite")
def identity() -> Response:
    typed = _at(Step.IDENTITY).typed
    return page("mobile/identity.html", form=IdentityForm(typed, echo=IdentityForm.ECHO))


@bp.post("/identite")
def identify() -> Response:
    begun, form = _at(Step.IDENTITY), IdentityForm(request.form, echo=IdentityForm.ECHO)
    try:
        who = form.who()
    except FormRefused as refusal:
        return page("mobile/identity.html", refusal.status, form=form)
    browser = use(Browser).ensure()
    draft, cookie = use(ByCard).identify(who, dict(form.values), browser, begun)
    response = _go_to(draft.step)
    use(Cookies).set(response, _JOURNEY, cookie)
    return response


@bp.get("/carte")
def card() -> Response:
    return _card_page(_at(Step.CARD), ProofsForm())


@bp.post("/carte")
def prove() -> Response:
    draft, form = _at(Step.CARD), ProofsForm(request.form, echo=ProofsForm.ECHO)
    try:
        use(ByCard).prove(draft, form.proofs())
    except FormRefused as refusal:
        return _card_page(draft, form, refusal.status)
    except CardMismatch as refusal:
        form.refuse("", "card.mismatch")
        return _card_page(draft, form, refusal.status)
    return _go_to(Step.CONTACT)


@bp.post("/sans-numero")
def no_serial() -> Response:
    use(ByCard).refuse(_at(Step.CARD), NO_SERIAL)
    return _go_to(Step.NEUTRAL)


@bp.get("/impossible")
def neutral() -> Response:
    draft = current_journey()
    if draft is None or draft.step is not Step.NEUTRAL:
        raise OutOfOrder(draft.step if draft else Step.TERMS)
    return page("mobile/neutral.html", reference=draft.reference)


@bp.get("/compte")
def account() -> Response:
    return _account_page(_at(Step.CONTACT), AccountForm())


@bp.post("/compte")
def create() -> Response:
    draft, form = _at(Step.CONTACT), AccountForm(request.form, echo=AccountForm.ECHO)
    try:
        contact, password = form.answers()
        use(Completion).create(draft, password, contact)
    except FormRefused as refusal:
        return _account_page(draft, form, refusal.status)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _account_page(draft, form, refusal.status)
    except EmailUsed as refusal:
        form.refuse("email", "email.used")
        return _account_page(draft, form, refusal.status)
    return _go_to(Step.FINISHED)


def current_journey() -> Draft | None:
    """Return the creation that goes on in this browser's app."""
    return use(Journeys).current(use(Cookies).read(_JOURNEY), use(Browser).ref())


def _at(step: Step) -> Draft:
    return use(Journeys).at(step, use(Cookies).read(_JOURNEY), use(Browser).ref())


def _go_to(step: Step) -> Response:
    return see_other(url_for(_SCREENS[step]))


def _card_page(draft: Draft, form: ProofsForm, status: int = HTTPStatus.OK) -> Response:
    shown = use(ByCard).mask(draft)
    return page(
        "mobile/card.html", status, form=form, iban_mask=shown.iban, serial_prefix=shown.serial
    )


def _account_page(draft: Draft, form: AccountForm, status: int = HTTPStatus.OK) -> Response:
    creation = use(Completion)
    return page(
        "mobile/account.html",
        status,
        form=form,
        forbidden_parts=creation.forbidden_parts(draft),
        **form.context(use(PasswordPolicy), creation.owner(draft)),
    )
