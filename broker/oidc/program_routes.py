"""The provider's URLs for programs: partners' servers push requests, fetch and use tokens."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from broker.base.web import protocol_endpoint, use
from broker.oidc.discovery import INTROSPECT, PAR, REVOKE, TOKEN, USERINFO
from broker.oidc.errors import InvalidClient, OAuthError, ResourceError
from broker.oidc.introspection import Introspection
from broker.oidc.par import PushedRequests
from broker.oidc.parameters import Parameters
from broker.oidc.protection import bearer
from broker.oidc.revocation import Revocation
from broker.oidc.token import Tokens
from broker.oidc.userinfo import Userinfo

bp = Blueprint("programs", __name__)


@bp.post(PAR)
@protocol_endpoint
def push() -> tuple[Response, int]:
    answer = use(PushedRequests).push(_form(), request.headers.get("Authorization"))
    return jsonify(answer), HTTPStatus.CREATED


@bp.post(TOKEN)
@protocol_endpoint
def token() -> Response:
    return jsonify(use(Tokens).answer(_form(), request.headers.get("Authorization")))


@bp.route(USERINFO, methods=["GET", "POST"])
@protocol_endpoint
def userinfo() -> Response:
    in_body = _form().get("access_token") if request.method == "POST" else None
    answer = use(Userinfo).answer(bearer(request.headers.get("Authorization"), in_body))
    if answer.jwt is None:
        return jsonify(answer.claims)
    return Response(answer.jwt, mimetype="application/jwt")


@bp.post(INTROSPECT)
@protocol_endpoint
def introspect() -> Response:
    return jsonify(use(Introspection).answer(_form(), request.headers.get("Authorization")))


@bp.post(REVOKE)
@protocol_endpoint
def revoke() -> Response:
    use(Revocation).answer(_form(), request.headers.get("Authorization"))
    return Response(status=HTTPStatus.OK)


def _form() -> Parameters:
    return Parameters.of(request.form.lists())


@bp.errorhandler(OAuthError)
def oauth_error(error: OAuthError) -> tuple[Response, int]:
    """Tell a program (RFC 6749 §5.2, RFC 6750 §3)."""
    response = jsonify(error=error.error, error_description=error.description)
    if isinstance(error, InvalidClient):
        response.headers["WWW-Authenticate"] = 'Basic realm="token"'
    elif isinstance(error, ResourceError):
        response.headers["WWW-Authenticate"] = error.challenge
    return response, error.status
