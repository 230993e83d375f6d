"""The screens of the web journeys, a GET and a POST each."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from broker.accounts.model import EmailUsed
from broker.accounts.password_form import NewPasswordForm
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.base.browser import LEFT_REQUEST, Browser, Cookies
from broker.base.crypto import Secret
from broker.base.forms import Form, FormRefused, ticked
from broker.base.web import page, see_other, use
from broker.franceconnect.model import IdentityExpired, Purpose, RoundTripRefused
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.routes import explain, leave_for
from broker.signup.by_card import TooManyIdentities
from broker.signup.by_franceconnect import ByFranceConnect
from broker.signup.card_forms import IdentityForm
from broker.signup.completion import Completion
from broker.signup.contact import ECHO, ContactForm
from broker.signup.machine import Step, Way, screens
from broker.signup.model import Draft, JourneyRefused, OutOfOrder
from broker.signup.screens import Screens, card_page

bp = Blueprint("signup", __name__, url_prefix="/creation-compte")
_SITE = Screens(
    entry=Way.CARD,
    cookie="creation",
    # FranceConnect is offered on the first screen.
    endpoints={step: f"signup.{step}" for step in Step} | {Step.RETURN: "signup.identity"},
    restart_page="signup/restart.html",
)
_REQUEST = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEFT_LIFE = 86_400  # seconds: a request that was left can be asked again for that long
bp.register_error_handler(OutOfOrder, _SITE.restart)
bp.register_error_handler(JourneyRefused, _SITE.refused)


@bp.errorhandler(TooManyIdentities)
def too_many(refusal: TooManyIdentities) -> Response:
    return _SITE.too_many(refusal, _neutral_page)


@bp.get("")
def identity() -> Response:
    draft, left = _SITE.current(), request.args.get("demande", "")
    response = _identity_page(IdentityForm(draft.typed if draft else {}, echo=IdentityForm.ECHO))
    if _REQUEST.fullmatch(left):
        # The first login after the creation goes on with it.
        use(Cookies).set(response, LEFT_REQUEST, Secret(left), _LEFT_LIFE)
    return response


@bp.post("")
def identify() -> Response:
    return _SITE.identify(_identity_page)


@bp.get("/carte")
def card() -> Response:
    return _card_page(_SITE.at(Step.CARD), Form())


@bp.post("/carte")
def prove() -> Response:
    return _SITE.prove(_card_page)


@bp.post("/sans-numero")
def no_serial() -> Response:
    return _SITE.no_serial()


@bp.get("/impossible")
def neutral() -> Response:
    return _neutral_page(_SITE.at(Step.NEUTRAL).reference)


@bp.post("/franceconnect")
def start_franceconnect() -> Response:
    browser = use(Browser).ensure()
    back, retry = url_for("signup.resume_franceconnect"), url_for("signup.identity")
    try:
        address = use(ByFranceConnect).leave(browser, return_to=back, retry_to=retry)
    except RoundTripRefused as refusal:
        return explain(refusal)
    return leave_for(address)


@bp.get("/franceconnect/retour")
def resume_franceconnect() -> Response:
    browser, transaction = use(Browser).ensure(), request.args.get("transaction", "")
    try:
        draft, cookie = use(ByFranceConnect).resume(transaction, browser)
    except RoundTripRefused as refusal:
        return explain(refusal)
    except IdentityExpired:
        # Back from an error of FranceConnect's logout, say: the journey is there all the same.
        begun = _SITE.current()
        if begun is None or begun.trip != transaction:
            raise
        return _SITE.go_to(begun.step)
    # Whoever leaves the journey half-way, or a shared computer, is logged out there already.
    there = _SITE.address(draft.step)
    address = use(FranceConnect).logout_url(browser=browser, return_to=there)
    return _SITE.keep(see_other(address or there), cookie)


@bp.get("/conditions")
def terms() -> Response:
    return _terms_page(_SITE.at(Step.TERMS), Form())


@bp.post("/conditions")
def accept_terms() -> Response:
    draft, form = _SITE.at(Step.TERMS), Form(request.form)
    try:
        form.read(cgu=ticked("cgu.required"))
    except FormRefused as refusal:
        return _terms_page(draft, form, refusal.status)
    use(Completion).accept_terms(draft)
    return _SITE.go_on(draft, Step.TERMS)


@bp.get("/conditions-detaillees")
def detailed_terms() -> Response:
    return _SITE.detailed_terms()


@bp.get("/mot-de-passe")
def password() -> Response:
    return _password_page(_SITE.at(Step.PASSWORD), NewPasswordForm())


@bp.post("/mot-de-passe")
def choose_password() -> Response:
    draft, form = _SITE.at(Step.PASSWORD), NewPasswordForm(request.form)
    try:
        use(Completion).choose_password(draft, form.chosen())
    except FormRefused as refusal:
        return _password_page(draft, form, refusal.status)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _password_page(draft, form, refusal.status)
    return _SITE.go_on(draft, Step.PASSWORD)


@bp.get("/coordonnees")
def contact() -> Response:
    draft = _SITE.at(Step.CONTACT)
    return _contact_page(draft, ContactForm({"email": draft.suggested_email}, echo=ECHO))


@bp.post("/coordonnees")
def finish() -> Response:
    draft, form = _SITE.at(Step.CONTACT), ContactForm(request.form, echo=ECHO)
    try:
        use(Completion).finish(draft, form.contact())
    except FormRefused as refusal:
        return _contact_page(draft, form, refusal.status)
    except EmailUsed as refusal:
        form.refuse("email", "email.used")
        return _contact_page(draft, form, refusal.status)
    return _SITE.go_on(draft, Step.CONTACT)


@bp.get("/terminee")
def finished() -> Response:
    masked = _SITE.at(Step.FINISHED).masked_email
    return page("signup/finished.html", masked_email=masked)


@bp.post("/annuler")
def cancel() -> Response:
    return _SITE.cancel("sessions.login")


def _identity_page(form: Form, status: int = HTTPStatus.OK) -> Response:
    order = screens(Way.CARD)
    return page("signup/identity.html", status, form=form, order=order, franceconnect=_offer())


def _card_page(draft: Draft, form: Form, status: int = HTTPStatus.OK) -> Response:
    more = {"identity": draft.typed, "order": screens(draft.way)}
    return card_page("signup/card.html", draft, form, status, **more)


def _neutral_page(reference: str, status: int = HTTPStatus.OK, **more: str) -> Response:
    context = {"reference": reference, "franceconnect": _offer(), **more}
    return page("signup/neutral.html", status, **context)


def _terms_page(draft: Draft, form: Form, status: int = HTTPStatus.OK) -> Response:
    return page("signup/terms.html", status, form=form, order=screens(draft.way))


def _password_page(draft: Draft, form: NewPasswordForm, status: int = HTTPStatus.OK) -> Response:
    owner = use(Completion).owner(draft)
    context: Mapping[str, object] = form.context(use(PasswordPolicy), owner)
    return page(
        "signup/password.html",
        status,
        form=form,
        order=screens(draft.way),
        forbidden_parts=use(Completion).forbidden_parts(draft),
        **context,
    )


def _contact_page(draft: Draft, form: ContactForm, status: int = HTTPStatus.OK) -> Response:
    return page("signup/contact.html", status, form=form, order=screens(draft.way))


def _offer() -> str:
    return use(FranceConnect).offer(Purpose.CREATION, use(Browser).ref())
