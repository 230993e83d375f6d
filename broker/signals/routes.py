"""The transmitter's URLs: each parses HTTP, calls one service, formats its answer."""

import json
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from broker.api.strict_json import BodyInvalid, read_object
from broker.base.settings import Settings
from broker.base.web import json_answer, protocol_endpoint, reads, use
from broker.clients.model import Client
from broker.oidc.errors import InvalidRequest, OAuthError
from broker.oidc.exchange.client_credentials import MANAGE, READ, OwnTokens
from broker.oidc.program_routes import oauth_error, shown_proof
from broker.oidc.tokens.presented import presented
from broker.signals.metadata import STATUS, STREAM, VERIFY, WELL_KNOWN, metadata_text
from broker.signals.streams import Streams

bp = Blueprint("signals", __name__)
bp.register_error_handler(OAuthError, oauth_error)
_METADATA_LIFE = 300  # seconds


@bp.get(WELL_KNOWN)
@bp.get(f"{WELL_KNOWN}/<path:issuer_path>")
@protocol_endpoint
def discovery(issuer_path: str = "") -> Response:
    issuer = use(Settings).issuer
    if issuer_path not in {"", urlsplit(issuer).path.strip("/")}:
        abort(HTTPStatus.NOT_FOUND)  # SSF 1.0 §7.2: an issuer's path comes last
    response = Response(metadata_text(issuer), mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={_METADATA_LIFE}"
    return response


@bp.get(STREAM)
@protocol_endpoint
def configuration() -> Response:
    client, asked = _caller(READ), request.args.get("stream_id")
    found = use(Streams).configuration(client)
    if asked is None:  # §8.1.1.2: all of the client's streams
        return Response(json.dumps([found]), mimetype="application/json")
    use(Streams).require(client, asked)
    return json_answer(found)


@bp.get(STATUS)
@protocol_endpoint
def status() -> Response:
    client = _caller(READ)
    use(Streams).require(client, request.args.get("stream_id"))
    return json_answer(use(Streams).status(client))


@bp.post(STATUS)
@reads("application/json")
@protocol_endpoint
def update() -> Response:
    client = _caller(MANAGE)
    return json_answer(use(Streams).update(client, _body("stream_id", "status", "reason")))


@bp.post(VERIFY)
@reads("application/json")
@protocol_endpoint
def verify() -> Response:
    use(Streams).verify(_caller(MANAGE), _body("stream_id", "state"))
    return Response(status=HTTPStatus.NO_CONTENT)


def _caller(scope: str) -> Client:
    token = presented(request.headers.get("Authorization"), None)
    return use(OwnTokens).judge(token, shown_proof(), scope)


def _body(*members: str) -> dict[str, str]:
    try:
        return read_object(request.get_data(), members)
    except BodyInvalid:
        raise InvalidRequest(f"the body is one JSON object of: {', '.join(members)}") from None
