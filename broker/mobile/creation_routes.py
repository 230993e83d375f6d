"""The screens of a creation in the app, a GET and a POST each."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from broker.accounts.model import EmailUsed
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.base.browser import Browser
from broker.base.forms import FormRefused
from broker.base.web import page, use
from broker.signup.account_form import AccountForm
from broker.signup.by_card import TooManyIdentities
from broker.signup.card_forms import IdentityForm, ProofsForm
from broker.signup.completion import Completion
from broker.signup.machine import Step, Way
from broker.signup.model import Draft, JourneyRefused, OutOfOrder
from broker.signup.screens import Screens, card_page

bp = Blueprint("mobile_creation", __name__, url_prefix="/app")
APP = Screens(
    entry=Way.APP,
    cookie="creation_app",
    endpoints={
        Step.TERMS: "mobile_creation.terms",
        Step.IDENTITY: "mobile_creation.identity",
        Step.CARD: "mobile_creation.card",
        Step.CONTACT: "mobile_creation.account",
        Step.FINISHED: "mobile.home",
        Step.NEUTRAL: "mobile_creation.neutral",
    },
    restart_page="mobile/restart.html",
)
bp.register_error_handler(OutOfOrder, APP.restart)
bp.register_error_handler(JourneyRefused, APP.refused)


@bp.errorhandler(TooManyIdentities)
def too_many(refusal: TooManyIdentities) -> Response:
    return APP.too_many(refusal, _neutral_page)


@bp.get("/conditions")
def terms() -> Response:
    return page("mobile/terms.html")


@bp.post("/conditions")
def accept_terms() -> Response:
    return APP.begin(*use(Completion).begin_with_terms(Way.APP, use(Browser).ensure()))


@bp.get("/conditions-detaillees")
def detailed_terms() -> Response:
    return APP.detailed_terms()


@bp.post("/refus")
def refuse_terms() -> Response:
    return APP.cancel("mobile.home")


@bp.get("/identite")
def identity() -> Response:
    typed = APP.at(Step.IDENTITY).typed
    return _identity_page(IdentityForm(typed, echo=IdentityForm.ECHO))


@bp.post("/identite")
def identify() -> Response:
    return APP.identify(_identity_page, APP.at(Step.IDENTITY))


@bp.get("/carte")
def card() -> Response:
    return _card_page(APP.at(Step.CARD), ProofsForm())


@bp.post("/carte")
def prove() -> Response:
    return APP.prove(_card_page)


@bp.post("/sans-numero")
def no_serial() -> Response:
    return APP.no_serial()


@bp.get("/impossible")
def neutral() -> Response:
    return _neutral_page(APP.at(Step.NEUTRAL).reference)


@bp.get("/compte")
def account() -> Response:
    return _account_page(APP.at(Step.CONTACT), AccountForm())


@bp.post("/compte")
def create() -> Response:
    draft, form = APP.at(Step.CONTACT), AccountForm(request.form, echo=AccountForm.ECHO)
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
    return APP.go_on(draft, Step.CONTACT)


def _identity_page(form: IdentityForm, status: int = HTTPStatus.OK) -> Response:
    return page("mobile/identity.html", status, form=form)


def _card_page(draft: Draft, form: ProofsForm, status: int = HTTPStatus.OK) -> Response:
    return card_page("mobile/card.html", draft, form, status)


def _neutral_page(reference: str, status: int = HTTPStatus.OK, **more: str) -> Response:
    return page("mobile/neutral.html", status, reference=reference, **more)


def _account_page(draft: Draft, form: AccountForm, status: int = HTTPStatus.OK) -> Response:
    creation = use(Completion)
    return page(
        "mobile/account.html",
        status,
        form=form,
        forbidden_parts=creation.forbidden_parts(draft),
        **form.context(use(PasswordPolicy), creation.owner(draft)),
    )
