"""The provider's URLs for browsers: each parses HTTP, calls one service, formats its answer."""

import json

from flask import Blueprint, Response, request, url_for

from broker.base.browser import Browser
from broker.base.calls import Call, Said
from broker.base.errors import Refusal
from broker.base.programs import Programs
from broker.base.settings import Settings
from broker.base.urlencoded import lists_of
from broker.base.web import (
    allow_form_to,
    foreign_form,
    page,
    request_reference,
    see_other,
    use,
)
from broker.clients.addresses import host, origin
from broker.clients.model import UnknownClient
from broker.keys.rotation import Keys
from broker.oidc.addresses import AUTHORIZE, JWKS, with_query
from broker.oidc.authorization.endpoint import Authorization
from broker.oidc.authorization.response import (
    AuthorizationResponse,
    CreationNeeded,
    Information,
    LoginNeeded,
    Pending,
)
from broker.oidc.authorization.waiting import CANCEL, RESTART, RESUME
from broker.oidc.discovery import metadata_text
from broker.oidc.error_page import explain
from broker.oidc.errors import (
    IdentityWithheld,
    OAuthError,
    RequestExpired,
    UnregisteredRedirectURI,
)
from broker.oidc.parameters import Parameters
from broker.sessions.routes import current_session

bp = Blueprint("oidc", __name__)
programs = Programs(bp)
_METADATA_LIFE = 300  # seconds


@programs.answers(
    "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", to=("GET",)
)
def discovery(call: Call) -> Said:
    return _public(metadata_text(call.use(Settings).issuer), _METADATA_LIFE)


@programs.answers(JWKS, to=("GET",))
def jwks(call: Call) -> Said:
    keys = call.use(Keys)
    return _public(json.dumps(keys.jwks()), keys.policy.cache_life)


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


@bp.post(RESUME)
def answer_information() -> Response:
    """Take the answer to the page that informs: yes, unless another button was pressed."""
    demande, choice = request.form.get("demande", ""), request.form.get("choix")
    if choice == "autre_compte":
        return see_other(url_for("sessions.login", demande=demande))
    browser, service = use(Browser).ref(), use(Authorization)
    if choice == "refuser":
        return _sent(service.cancel(demande, browser), after_form=True)
    agreed_to = request.form.get("vu", "")
    answer = service.resume(demande, current_session(), browser, agreed_to=agreed_to)
    return _sent(answer, after_form=True)


@bp.get(RESTART)
def restart() -> Response:
    answer = use(Authorization).restart(_interaction(), current_session(), use(Browser).ensure())
    return _sent(answer)


@bp.get(CANCEL)
def cancel() -> Response:
    return _sent(use(Authorization).cancel(_interaction(), use(Browser).ref()), after_form=True)


def _query() -> Parameters:
    return Parameters.of(lists_of(request.query_string))


def _form() -> Parameters:
    return Parameters.of(request.form.lists())


def _interaction() -> str:
    return request.args.get("demande", "")


def _public(document: str, life: int) -> Said:
    return Said(
        document.encode(),
        headers=(
            ("Content-Type", "application/json"),
            ("Cache-Control", f"public, max-age={life}"),
            ("Access-Control-Allow-Origin", "*"),
        ),
    )


def _sent(
    answer: AuthorizationResponse | LoginNeeded | CreationNeeded | Pending | Information,
    *,
    after_form: bool = False,
) -> Response:
    """Send the browser on, to the partner or to the page that the person needs first."""
    match answer:
        case AuthorizationResponse():
            return _returned(answer, after_form=after_form)
        case Information():
            return _information_page(answer)
        case LoginNeeded():
            return see_other(url_for("sessions.login", demande=answer.interaction_id))
        case CreationNeeded():
            return see_other(url_for("signup.identity", demande=answer.interaction_id))
        case Pending():
            return see_other(url_for("oidc.resume", demande=answer.interaction_id))


def _information_page(shown: Information) -> Response:
    client = shown.client
    return page(
        "oidc/information.html",
        interaction=shown.interaction_id,
        requester=client.client_name,
        site=host(client.client_uri) if client.client_uri else None,
        policy_url=client.policy_uri,
        person=shown.person,
        data=[f"data.{name}" for name in shown.data],
        chooses_account=shown.chooses_account,
        seen=shown.seen,
    )


def _returned(answer: AuthorizationResponse, *, after_form: bool) -> Response:
    """Go back to the partner; after a form of ours, not by a redirect: form-action blocks it."""
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


@bp.errorhandler(IdentityWithheld)
def identity_withheld(refusal: IdentityWithheld) -> Response:
    """Tell the person why FranceConnect would not take their identity, with a way back to it."""
    return page(
        "oidc/identity_withheld.html",
        refusal.status,
        refusal=refusal.code,
        flaws=[f"identity_withheld.{flaw}" for flaw in refusal.flaws],
        interaction=refusal.interaction_id,
        reference=request_reference(),
    )


@bp.errorhandler(OAuthError)
@bp.errorhandler(UnknownClient)
@bp.errorhandler(UnregisteredRedirectURI)
@bp.errorhandler(RequestExpired)
def refused(error: Refusal) -> Response:
    return explain(error)
