"""The provider's URLs for programs: partners' servers push requests, fetch and use tokens."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from broker.base.settings import Settings
from broker.base.web import json_answer, protocol_endpoint, use
from broker.oidc.cross_origin_routes import share_with_pages
from broker.oidc.discovery import INTROSPECT, PAR, REVOKE, TOKEN, USERINFO
from broker.oidc.dpop import DPoP
from broker.oidc.errors import InvalidClient, OAuthError, ResourceError
from broker.oidc.introspection import Introspection
from broker.oidc.par import PushedRequests
from broker.oidc.parameters import Parameters
from broker.oidc.proof import Shown
from broker.oidc.protection import challenges, presented
from broker.oidc.revocation import Revocation
from broker.oidc.token import Tokens
from broker.oidc.userinfo import Userinfo

bp = Blueprint("programs", __name__)
bp.after_request(share_with_pages)


@bp.post(PAR)
@protocol_endpoint
def push() -> Response:
    answer = use(PushedRequests).push(_form(), _authorization(), shown_proof())
    return json_answer(answer, HTTPStatus.CREATED)


@bp.post(TOKEN)
@protocol_endpoint
def token() -> Response:
    return json_answer(use(Tokens).answer(_form(), _authorization(), shown_proof()))


@bp.route(USERINFO, methods=["GET", "POST"])
@protocol_endpoint
def userinfo() -> Response:
    in_body = _form().get("access_token") if request.method == "POST" else None
    answer = use(Userinfo).answer(presented(_authorization(), in_body), shown_proof())
    if answer.jwt is None:
        return json_answer(answer.claims)
    return Response(answer.jwt, mimetype="application/jwt")


@bp.post(INTROSPECT)
@protocol_endpoint
def introspect() -> Response:
    return json_answer(use(Introspection).answer(_form(), _authorization()))


@bp.post(REVOKE)
@protocol_endpoint
def revoke() -> Response:
    use(Revocation).answer(_form(), _authorization())
    response = Response(status=HTTPStatus.OK)
    del response.headers["Content-Type"]  # nothing is said; oidc-client-ts refuses it as HTML
    return response


def _form() -> Parameters:
    return Parameters.of(request.form.lists())


def _authorization() -> str | None:
    return request.headers.get("Authorization")


def shown_proof() -> Shown:
    """Return the proof, if any; the address is the published one, whatever proxies made of it."""
    address = use(Settings).issuer + request.path
    return Shown(request.headers.get("DPoP"), request.method, address)


@bp.after_request
def renew_nonce(response: Response) -> Response:
    """Give a client that sends a nonce of ours the next one before it is too old (§8.2)."""
    proof = request.headers.get("DPoP")
    if proof is not None and "DPoP-Nonce" not in response.headers:
        nonce = use(DPoP).successor(proof)
        if nonce is not None:
            response.headers["DPoP-Nonce"] = nonce
    return response


@bp.errorhandler(OAuthError)
def oauth_error(error: OAuthError, **more: Any) -> Response:  # noqa: ANN401 - members of JSON
    """Tell a program (RFC 6749 §5.2, RFC 6750 §3, RFC 9449 §8 and §9)."""
    said = {"error": error.error, "error_description": error.description, **error.more, **more}
    response = json_answer(said, error.status)
    if isinstance(error, InvalidClient):
        response.headers["WWW-Authenticate"] = 'Basic realm="token"'
    elif isinstance(error, ResourceError):
        response.headers["WWW-Authenticate"] = challenges(error, _authorization())
    if error.nonce is not None:
        response.headers["DPoP-Nonce"] = error.nonce
    return response
