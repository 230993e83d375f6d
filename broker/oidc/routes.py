"""The provider's URLs: each parses HTTP, calls one service, and formats its answer."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from broker.base.browser import Browser
from broker.base.settings import Settings
from broker.base.web import (
    allow_form_to,
    foreign_form,
    page,
    protocol_endpoint,
    request_reference,
    see_other,
    use,
)
from broker.clients.addresses import origin
from broker.clients.directory import Clients
from broker.clients.model import UnknownClient
from broker.keys.rotation import Keys
from broker.oidc.authorization import CANCEL, RESUME, Authorization
from broker.oidc.discovery import AUTHORIZE, END_SESSION, JWKS, PAR, TOKEN, USERINFO, metadata
from broker.oidc.errors import (
    InvalidClient,
    InvalidToken,
    LogoutRequestRefused,
    OAuthError,
    RequestExpired,
    UnregisteredRedirectURI,
)
from broker.oidc.logout import LoggedOut, Logout, LogoutConfirmation
from broker.oidc.par import PushedRequests
from broker.oidc.parameters import Parameters
from broker.oidc.response import AuthorizationResponse, LoginNeeded, with_query
from broker.oidc.token import Tokens
from broker.oidc.userinfo import Userinfo, bearer
from broker.sessions.routes import current_session

bp = Blueprint("oidc", __name__)
_METADATA_LIFE = 300  # seconds


@bp.get("/.well-known/openid-configuration")
@bp.get("/.well-known/oauth-authorization-server")
@protocol_endpoint
def discovery() -> Response:
    return _public(metadata(use(Settings).issuer), _METADATA_LIFE)


@bp.get(JWKS)
@protocol_endpoint
def jwks() -> Response:
    keys = use(Keys)
    return _public(keys.jwks(), keys.policy.cache_life)


@bp.get(AUTHORIZE)
def authorize() -> Response:
    answer = use(Authorization).answer(_query(), current_session(), use(Browser).ensure())
    return _sent(answer)


@bp.post(AUTHORIZE)
@foreign_form
def authorize_by_post() -> Response:
    form = _form()
    accepted = use(Authorization).accept_post(form)
    if isinstance(accepted, AuthorizationResponse):
        return _sent(accepted)
    query = {"client_id": str(form.get("client_id")), "request_uri": accepted}
    return see_other(with_query(AUTHORIZE, query))


@bp.get(RESUME)
def resume() -> Response:
    answer = use(Authorization).resume(_interaction(), current_session(), use(Browser).ref())
    return _sent(answer, after_form=True)


@bp.get(CANCEL)
def cancel() -> Response:
    return _sent(use(Authorization).cancel(_interaction(), use(Browser).ref()), after_form=True)


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


@bp.get(END_SESSION)
def end_session() -> Response:
    return _logged_out(use(Logout).ask(_query(), current_session()))


@bp.post(END_SESSION)
@foreign_form
def end_session_by_post() -> Response:
    # A form on the partner's site brings no cookie of ours: the GET does.
    return see_other(with_query(END_SESSION, request.form.to_dict()))


@bp.post(f"{END_SESSION}/confirmation")
def logout_confirm() -> Response:
    return _logged_out(use(Logout).confirm(_form(), current_session()), after_form=True)


def _query() -> Parameters:
    return Parameters.of(request.args.lists())


def _form() -> Parameters:
    return Parameters.of(request.form.lists())


def _interaction() -> str:
    return request.args.get("demande", "")


def _public(document: dict[str, Any], life: int) -> Response:
    response = jsonify(document)
    response.headers["Cache-Control"] = f"public, max-age={life}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _sent(answer: AuthorizationResponse | LoginNeeded, *, after_form: bool = False) -> Response:
    """Send the browser on; after a form of ours, never by a redirect that form-action blocks."""
    if isinstance(answer, LoginNeeded):
        return see_other(url_for("sessions.login", demande=answer.interaction_id))
    requester = answer.client.client_name
    if answer.mode == "form_post":
        filled = page(
            "oidc/form_post.html",
            action=answer.redirect_uri,
            fields=answer.fields,
            requester=requester,
        )
        return allow_form_to(filled, origin(answer.redirect_uri))
    if after_form:
        return page("oidc/continue.html", target_url=answer.location, requester=requester)
    return see_other(answer.location)


def _logged_out(answer: LoggedOut | LogoutConfirmation, *, after_form: bool = False) -> Response:
    requester = answer.client.client_name if answer.client else None
    if isinstance(answer, LogoutConfirmation):
        return page("oidc/logout_confirm.html", requester=requester, fields=answer.fields)
    if answer.location is None:
        return page("oidc/logged_out.html", requester=requester, back_url=None)
    if after_form:
        return page("oidc/continue.html", target_url=answer.location, requester=requester)
    return see_other(answer.location)


@bp.errorhandler(OAuthError)
def oauth_error(error: OAuthError) -> Response | tuple[Response, int]:
    """Tell a program (RFC 6749 §5.2, RFC 6750 §3) or, at the authorization endpoint, a person."""
    if request.path.startswith((AUTHORIZE, END_SESSION)):
        return refused(error)
    response = jsonify(error=error.error, error_description=error.description)
    challenge = _CHALLENGES.get(type(error))
    if challenge is not None:
        response.headers["WWW-Authenticate"] = challenge(error)
    return response, error.status


_CHALLENGES: dict[type[OAuthError], Callable[[OAuthError], str]] = {
    InvalidClient: lambda _error: 'Basic realm="token"',
    InvalidToken: lambda error: (
        f'Bearer error="{error.error}", error_description="{error.description}"'
    ),
}


@bp.errorhandler(UnknownClient)
@bp.errorhandler(UnregisteredRedirectURI)
@bp.errorhandler(RequestExpired)
@bp.errorhandler(LogoutRequestRefused)
def refused(
    error: UnknownClient
    | UnregisteredRedirectURI
    | RequestExpired
    | LogoutRequestRefused
    | OAuthError,
) -> Response:
    """Explain on a page what may not be sent to any partner."""
    requester, back_url = None, None
    if isinstance(error, RequestExpired) and error.client_id is not None:
        client = use(Clients).get(error.client_id)
        requester, back_url = client.client_name, client.client_uri
    return page(
        "oidc/error.html",
        error.status,
        refusal=error.code,
        reference=request_reference(),
        requester=requester,
        back_url=back_url,
    )
