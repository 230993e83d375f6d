"""The authorization challenge endpoint: apps of our own send what people type on their screens."""

from flask import Blueprint, Response, request

from broker.api.problems import wrong_fields
from broker.base.messages import Messages
from broker.base.web import app_endpoint, json_answer, use
from broker.oidc.addresses import CHALLENGE
from broker.oidc.apps.login import FirstPartyLogin
from broker.oidc.errors import InsufficientAuthorization, OAuthError, StepDelayed
from broker.oidc.parameters import Parameters
from broker.oidc.program_routes import oauth_error, renew_nonce, shown_proof

bp = Blueprint("first_party", __name__)
bp.after_request(renew_nonce)
bp.register_error_handler(OAuthError, oauth_error)


@bp.post(CHALLENGE)
@app_endpoint
def challenge() -> Response:
    form, authorization = Parameters.of(request.form.lists()), request.headers.get("Authorization")
    code = use(FirstPartyLogin).answer(form, authorization, shown_proof())
    return json_answer({"authorization_code": code})


@bp.errorhandler(InsufficientAuthorization)
def insufficient(error: InsufficientAuthorization) -> Response:
    """Say beside the step what was typed wrong, in the words of the pages."""
    wrong = wrong_fields(use(Messages), error.errors)
    return oauth_error(error, **({"errors": wrong} if wrong else {}))


@bp.errorhandler(StepDelayed)
def delayed(error: StepDelayed) -> Response:
    response = oauth_error(error)
    response.headers["Retry-After"] = str(error.retry_after)
    return response
