"""The provider's URLs for programs: partners' servers push requests, fetch and use tokens."""

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from broker.base.calls import Call, Said, say_json
from broker.base.programs import Programs
from broker.base.settings import Settings
from broker.base.web import json_answer, use
from broker.oidc.addresses import INTROSPECT, PAR, REVOKE, TOKEN, TOKEN_EVIDENCE, USERINFO
from broker.oidc.cross_origin_routes import VARIES, share_with_pages
from broker.oidc.errors import EvidencePending, InvalidClient, OAuthError, ResourceError
from broker.oidc.exchange.endpoint import Tokens
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.dpop import DPoP
from broker.oidc.proofs.dpop_jwt import Shown
from broker.oidc.requests.par import PushedRequests
from broker.oidc.resources.introspection import Introspection
from broker.oidc.resources.protection import challenges
from broker.oidc.resources.userinfo import Userinfo
from broker.oidc.tokens.evidence import TokenEvidence
from broker.oidc.tokens.presented import in_form, presented
from broker.oidc.tokens.revocation import Revocation

bp = Blueprint("programs", __name__)
programs = Programs(bp)
bp.after_request(share_with_pages)


@programs.answers(PAR, to=("POST",))
def push(call: Call) -> Said:
    answer = call.use(PushedRequests).push(_form(call), call.authorization, _shown(call))
    return say_json(answer, VARIES, status=HTTPStatus.CREATED)


@programs.answers(TOKEN, to=("POST",))
def token(call: Call) -> Said:
    answer = call.use(Tokens).answer(_form(call), call.authorization, _shown(call))
    return say_json(answer, VARIES)


@programs.answers(USERINFO, to=("GET", "POST"))
def userinfo(call: Call) -> Said:
    in_body = in_form(_form(call)) if call.method == "POST" else None
    answer = call.use(Userinfo).answer(presented(call.authorization, in_body), _shown(call))
    if answer.jwt is None:
        return say_json(answer.claims, VARIES)
    return Said(answer.jwt.encode(), headers=(("Content-Type", "application/jwt"), VARIES))


@programs.answers(INTROSPECT, to=("POST",))
def introspect(call: Call) -> Said:
    return say_json(call.use(Introspection).answer(_form(call), call.authorization))


@programs.answers(REVOKE, to=("POST",))
def revoke(call: Call) -> Said:
    """Say nothing, and nothing of its type: oidc-client-ts refuses it as HTML."""
    call.use(Revocation).answer(_form(call), call.authorization)
    return Said(headers=(VARIES,))


@programs.answers(TOKEN_EVIDENCE, to=("POST",))
def token_evidence(call: Call) -> Said:
    lines = call.use(TokenEvidence).answer(_form(call), call.authorization)
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    return Said(text.encode(), headers=(("Content-Type", "application/jsonl"),))


def _form(call: Call) -> Parameters:
    return Parameters.of(call.form())


def _shown(call: Call) -> Shown:
    """Return the proof, if any; the address is the published one, whatever proxies made of it."""
    return Shown(call.proof, call.method, call.use(Settings).issuer + call.path)


def shown_proof() -> Shown:
    """Return the proof of a request that Flask answers."""
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
        response.headers["WWW-Authenticate"] = challenges(
            error, request.headers.get("Authorization")
        )
    elif isinstance(error, EvidencePending):
        response.headers["Retry-After"] = str(error.retry_after)
    if error.nonce is not None:
        response.headers["DPoP-Nonce"] = error.nonce
    return response
