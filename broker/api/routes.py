"""A creation by card for native apps: the steps of the app's screens, in JSON."""

import json
from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

from broker.accounts.model import EmailUsed
from broker.accounts.password_form import PASSWORD
from broker.accounts.password_policy import PasswordRefused
from broker.api.idempotency import Idempotency
from broker.api.model import Answer, Claim
from broker.api.problems import problem, wrong_fields
from broker.api.strict_json import BodyOfAnotherType, read_object
from broker.base.crypto import Secret
from broker.base.errors import Refusal, Throttled
from broker.base.forms import Form, FormRefused, ticked
from broker.base.messages import Messages
from broker.base.web import foreign_form, json_answer, reads, request_reference, use
from broker.signup.account_form import AccountForm
from broker.signup.by_card import ByCard, TooManyIdentities
from broker.signup.card_forms import IdentityForm, ProofsForm
from broker.signup.completion import Completion
from broker.signup.journeys import Journeys
from broker.signup.machine import ENDS, Step, Way, steps
from broker.signup.model import TERMS_VERSION, CardMismatch, Draft, JourneyRefused, OutOfOrder

bp = Blueprint("api", __name__, url_prefix="/api")
_HOLDER = "api"
"""In place of a browser's pseudonym, which is hexadecimal: no page finds these journeys."""
_JOURNEY = "Journey-Token"
_NEUTRAL = "creation-refused"
_CLAIM = "broker.api.claim"


@bp.before_request
def answer_again() -> Response | None:
    """Give the answer that a repeated request got the first time, where it carries a key."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return None
    journey = request.headers.get(_JOURNEY, "")
    claim = use(Idempotency).claim(key, journey, request.path, request.get_data())
    if isinstance(claim, Answer):
        return Response(claim.body, claim.status, mimetype=claim.media)
    request.environ[_CLAIM] = claim
    return None


@bp.after_request
def settle(response: Response) -> Response:
    claim: Claim | None = request.environ.pop(_CLAIM, None)
    if claim is not None:
        answer = Answer(
            response.status_code, response.mimetype or "", response.get_data(as_text=True)
        )
        use(Idempotency).settle(claim, answer)
    return response


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    return _problem(refusal.code, refusal.status)


@bp.errorhandler(Throttled)
def throttled(refusal: Throttled) -> Response:
    return _wait(_problem(refusal.code, refusal.status), refusal.retry_after)


@bp.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    return _problem(f"http-{status}", status)


@bp.errorhandler(UnsupportedMediaType)
def another_type(_error: UnsupportedMediaType) -> Response:
    return refused(BodyOfAnotherType())


@bp.errorhandler(OutOfOrder)
def out_of_order(refusal: OutOfOrder) -> Response:
    return _problem(refusal.code, refusal.status, next=str(refusal.next_step))


@bp.errorhandler(JourneyRefused)
def journey_refused(_refusal: JourneyRefused) -> Response:
    draft = _current()
    return _neutral(draft.reference if draft else request_reference())


@bp.errorhandler(TooManyIdentities)
def too_many(refusal: TooManyIdentities) -> Response:
    status = HTTPStatus.TOO_MANY_REQUESTS
    answer = _problem(_NEUTRAL, status, reference=refusal.draft.reference)
    return _wait(answer, refusal.retry_after)


@bp.get("/openapi.json")
def description() -> Response:
    following = (*steps(Way.APP), *sorted(ENDS))
    text = render_template("api/openapi.json", following=following)
    return Response(text, mimetype="application/json")


@bp.post("/v1/creations")
@reads("application/json")
@foreign_form
def begin() -> Response:
    form = Form(_body(("cgu",)))
    try:
        form.read(cgu=ticked("cgu.required"))
    except FormRefused as refusal:
        return _wrong(form, refusal)
    draft, token = use(Completion).begin_with_terms(Way.APP, _HOLDER)
    return _step(draft.step, HTTPStatus.CREATED, token, terms_version=TERMS_VERSION)


@bp.post("/v1/creations/identite")
@reads("application/json")
@foreign_form
def identify() -> Response:
    begun, form = _at(Step.IDENTITY), IdentityForm(_body(IdentityForm.ECHO))
    try:
        who = form.who()
    except FormRefused as refusal:
        return _wrong(form, refusal)
    draft, token = use(ByCard).identify(who, {}, _HOLDER, begun)
    if draft.step is Step.NEUTRAL:
        return _neutral(draft.reference)
    shown = use(ByCard).mask(draft)
    masks = {"iban_mask": list(shown.iban), "serial_prefix": shown.serial}
    return _step(draft.step, HTTPStatus.OK, token, **masks)


@bp.post("/v1/creations/carte")
@reads("application/json")
@foreign_form
def prove() -> Response:
    draft, form = _at(Step.CARD), ProofsForm(_body(ProofsForm.ECHO))
    try:
        proved = use(ByCard).prove(draft, form.proofs())
    except FormRefused as refusal:
        return _wrong(form, refusal)
    except CardMismatch as refusal:
        return _problem(refusal.code, refusal.status)
    return _step(proved.step)


@bp.post("/v1/creations/compte")
@reads("application/json")
@foreign_form
def create() -> Response:
    draft, form = _at(Step.CONTACT), AccountForm(_body((*AccountForm.ECHO, *PASSWORD)))
    try:
        contact, password = form.answers()
        finished = use(Completion).create(draft, password, contact)
    except FormRefused as refusal:
        return _wrong(form, refusal)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _wrong(form, refusal)
    except EmailUsed as refusal:
        form.refuse("email", "email.used")
        return _wrong(form, refusal)
    return _step(finished.step, HTTPStatus.CREATED, masked_email=finished.masked_email)


def _body(members: Collection[str]) -> dict[str, str]:
    return read_object(request.get_data(), members)


def _current() -> Draft | None:
    token = request.headers.get(_JOURNEY)
    return use(Journeys).current(Secret(token) if token else None, _HOLDER)


def _at(step: Step) -> Draft:
    token = request.headers.get(_JOURNEY)
    return use(Journeys).at(step, Secret(token) if token else None, _HOLDER, Way.APP)


def _step(
    following: Step,
    status: int = HTTPStatus.OK,
    token: Secret | None = None,
    **more: Any,  # noqa: ANN401 - members of JSON
) -> Response:
    journey = {"journey_token": token.reveal()} if token else {}
    return json_answer({"next": str(following), **journey, **more}, status)


def _wrong(form: Form, refusal: Refusal) -> Response:
    errors = wrong_fields(use(Messages), form.errors)
    return _problem(refusal.code, refusal.status, errors=errors)


def _neutral(reference: str) -> Response:
    """Answer the one refusal of every reason; an adviser finds it by the reference."""
    return _problem(_NEUTRAL, HTTPStatus.FORBIDDEN, reference=reference)


def _problem(code: str, status: int, **more: Any) -> Response:  # noqa: ANN401 - members of JSON
    more.setdefault("reference", request_reference())
    document = problem(use(Messages), code, status, **more)
    return Response(json.dumps(document), int(status), mimetype="application/problem+json")


def _wait(response: Response, seconds: int) -> Response:
    response.headers["Retry-After"] = str(seconds)
    return response
