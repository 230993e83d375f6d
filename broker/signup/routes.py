"""The screens of the web journeys, a GET and a POST each (SPEC G.3 and G.4)."""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from broker.accounts.model import EmailUsed
from broker.accounts.password_form import NewPasswordForm
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.base.browser import LEFT_REQUEST, Browser, Cookies
from broker.base.crypto import Secret
from broker.base.forms import Form, FormRefused, ticked
from broker.base.web import clock_time, page, see_other, use
from broker.franceconnect.model import IdentityExpired, Purpose, RoundTripRefused
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.routes import explain, leave_for
from broker.signup.by_card import NO_SERIAL, ByCard, TooManyIdentities
from broker.signup.by_franceconnect import ByFranceConnect
from broker.signup.card_forms import IdentityForm, ProofsForm
from broker.signup.completion import Completion
from broker.signup.contact import ECHO, ContactForm
from broker.signup.journeys import Journeys
from broker.signup.model import (
    TERMS_VERSION,
    CardMismatch,
    Draft,
    JourneyRefused,
    OutOfOrder,
    Step,
)

bp = Blueprint("signup", __name__, url_prefix="/creation-compte")
_JOURNEY = "creation"
_REQUEST = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEFT_LIFE = 86_400  # seconds: a request that was left can be asked again for that long


@bp.errorhandler(OutOfOrder)
def restart(refusal: OutOfOrder) -> Response:
    if refusal.next_step in {Step.FINISHED, Step.NEUTRAL}:
        return _go_to(refusal.next_step)
    return page("signup/restart.html", refusal.status, next_endpoint=_endpoint(refusal.next_step))


@bp.errorhandler(JourneyRefused)
def refused(_refusal: JourneyRefused) -> Response:
    return _go_to(Step.NEUTRAL)


@bp.errorhandler(TooManyIdentities)
def too_many(refusal: TooManyIdentities) -> Response:
    again = use(Journeys).clock() + timedelta(seconds=refusal.retry_after)
    response = _neutral_page(
        refusal.draft.reference, HTTPStatus.TOO_MANY_REQUESTS, wait_until=clock_time(again)
    )
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response


@bp.get("")
def identity() -> Response:
    draft, left = _current(), request.args.get("demande", "")
    response = _identity_page(IdentityForm(draft.typed if draft else {}, echo=IdentityForm.ECHO))
    if _REQUEST.fullmatch(left):
        # The first login after the creation goes on with it.
        use(Cookies).set(response, LEFT_REQUEST, Secret(left), _LEFT_LIFE)
    return response


@bp.post("")
def identify() -> Response:
    form = IdentityForm(request.form, echo=IdentityForm.ECHO)
    try:
        who = form.who()
    except FormRefused as refusal:
        return _identity_page(form, refusal.status)
    return _begin(*use(ByCard).identify(who, dict(form.values), use(Browser).ensure()))


@bp.get("/carte")
def card() -> Response:
    return _card_page(_at(Step.CARD), Form())


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
    return _go_to(Step.TERMS)


@bp.post("/sans-numero")
def no_serial() -> Response:
    use(ByCard).refuse(_at(Step.CARD), NO_SERIAL)
    return _go_to(Step.NEUTRAL)


@bp.get("/impossible")
def neutral() -> Response:
    draft = _current()
    if draft is None or draft.step is not Step.NEUTRAL:
        raise OutOfOrder(draft.step if draft else Step.IDENTITY)
    return _neutral_page(draft.reference)


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
        begun = _current()
        if begun is None or begun.trip != transaction:
            raise
        return _go_to(begun.step)
    # Whoever leaves the journey half-way, or a shared computer, is logged out there already.
    there = url_for(_endpoint(draft.step))
    address = use(FranceConnect).logout_url(browser=browser, return_to=there)
    return _with_journey(see_other(address or there), cookie)


@bp.get("/conditions")
def terms() -> Response:
    return _terms_page(_at(Step.TERMS), Form())


@bp.post("/conditions")
def accept_terms() -> Response:
    draft, form = _at(Step.TERMS), Form(request.form)
    try:
        form.read(cgu=ticked("cgu.required"))
    except FormRefused as refusal:
        return _terms_page(draft, form, refusal.status)
    use(Completion).accept_terms(draft)
    return _go_to(Step.PASSWORD)


@bp.get("/conditions-detaillees")
def detailed_terms() -> Response:
    back = url_for("signup.terms")
    return page("signup/detailed_terms.html", terms_version=TERMS_VERSION, terms_url=back)


@bp.get("/mot-de-passe")
def password() -> Response:
    return _password_page(_at(Step.PASSWORD), NewPasswordForm())


@bp.post("/mot-de-passe")
def choose_password() -> Response:
    draft, form = _at(Step.PASSWORD), NewPasswordForm(request.form)
    try:
        use(Completion).choose_password(draft, form.chosen())
    except FormRefused as refusal:
        return _password_page(draft, form, refusal.status)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _password_page(draft, form, refusal.status)
    return _go_to(Step.CONTACT)


@bp.get("/coordonnees")
def contact() -> Response:
    draft = _at(Step.CONTACT)
    return _contact_page(draft, ContactForm({"email": draft.suggested_email}, echo=ECHO))


@bp.post("/coordonnees")
def finish() -> Response:
    draft, form = _at(Step.CONTACT), ContactForm(request.form, echo=ECHO)
    try:
        use(Completion).finish(draft, form.contact())
    except FormRefused as refusal:
        return _contact_page(draft, form, refusal.status)
    except EmailUsed as refusal:
        form.refuse("email", "email.used")
        return _contact_page(draft, form, refusal.status)
    return _go_to(Step.FINISHED)


@bp.get("/terminee")
def finished() -> Response:
    draft = _current()
    if draft is None or draft.step is not Step.FINISHED:
        raise OutOfOrder(draft.step if draft else Step.IDENTITY)
    return page("signup/finished.html", masked_email=draft.masked_email)


@bp.post("/annuler")
def cancel() -> Response:
    use(Journeys).cancel(use(Cookies).read(_JOURNEY))
    response = see_other(url_for("sessions.login"))
    use(Cookies).clear(response, _JOURNEY)
    return response


def _identity_page(form: Form, status: int = HTTPStatus.OK) -> Response:
    return page("signup/identity.html", status, form=form, franceconnect=_offer())


def _card_page(draft: Draft, form: Form, status: int = HTTPStatus.OK) -> Response:
    shown = use(ByCard).mask(draft)
    return page(
        "signup/card.html",
        status,
        form=form,
        identity=draft.typed,
        iban_mask=shown.iban,
        serial_prefix=shown.serial,
    )


def _neutral_page(reference: str, status: int = HTTPStatus.OK, **more: str) -> Response:
    context = {"reference": reference, "franceconnect": _offer(), **more}
    return page("signup/neutral.html", status, **context)


def _terms_page(draft: Draft, form: Form, status: int = HTTPStatus.OK) -> Response:
    return page("signup/terms.html", status, form=form, way=str(draft.way))


def _password_page(draft: Draft, form: NewPasswordForm, status: int = HTTPStatus.OK) -> Response:
    owner = use(Completion).owner(draft)
    context: Mapping[str, object] = form.context(use(PasswordPolicy), owner)
    return page(
        "signup/password.html",
        status,
        form=form,
        way=str(draft.way),
        forbidden_parts=use(Completion).forbidden_parts(draft),
        **context,
    )


def _contact_page(draft: Draft, form: ContactForm, status: int = HTTPStatus.OK) -> Response:
    return page("signup/contact.html", status, form=form, way=str(draft.way))


def _offer() -> str:
    return use(FranceConnect).offer(Purpose.CREATION, use(Browser).ref())


def _begin(draft: Draft, cookie: Secret) -> Response:
    return _with_journey(_go_to(draft.step), cookie)


def _with_journey(response: Response, cookie: Secret) -> Response:
    use(Cookies).set(response, _JOURNEY, cookie)
    return response


def _current() -> Draft | None:
    return use(Journeys).current(use(Cookies).read(_JOURNEY), use(Browser).ref())


def _at(step: Step) -> Draft:
    return use(Journeys).at(step, use(Cookies).read(_JOURNEY), use(Browser).ref())


def _go_to(step: Step) -> Response:
    return see_other(url_for(_endpoint(step)))


def _endpoint(step: Step) -> str:
    return f"signup.{step}"
