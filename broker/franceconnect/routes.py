"""Back from FranceConnect: the callback of a login, the callback of a logout."""

from flask import Blueprint, Response, jsonify, request

from broker.base.browser import Browser
from broker.base.web import page, protocol_endpoint, see_other, use
from broker.franceconnect.model import NotConfigured, RoundTripRefused
from broker.franceconnect.relying_party import FranceConnect
from broker.keys.encryption import EncryptionKeys

bp = Blueprint("franceconnect", __name__, url_prefix="/franceconnect")


@bp.get("/callback")
def callback() -> Response:
    answer = {name: request.args.getlist(name) for name in request.args}
    try:
        return see_other(use(FranceConnect).finish(answer, use(Browser).ref()))
    except RoundTripRefused as refusal:
        return explain(refusal)


@bp.get("/jwks")
@protocol_endpoint
def jwks() -> Response:
    keys = use(EncryptionKeys)
    if keys.algorithm is None:
        raise NotConfigured("no_encryption")
    response = jsonify(keys.jwks())
    response.headers["Cache-Control"] = f"public, max-age={keys.policy.cache_life}"
    return response


@bp.post("/logout")
def logout() -> Response:
    browser = use(Browser).ref()
    address = use(FranceConnect).logout_url(browser=browser, return_to="/deconnecte")
    return leave_for(address) if address else see_other("/deconnecte")


@bp.get("/logout-callback")
def logout_callback() -> Response:
    return see_other(use(FranceConnect).logged_out(request.args.get("state", "")))


def leave_for(address: str) -> Response:
    """Go to FranceConnect by a page: after a form, the policy of pages forbids a redirect."""
    return page("franceconnect/continue.html", target_url=address)


def explain(refusal: RoundTripRefused) -> Response:
    """Say why the round trip failed and offer the next step."""
    response = page(
        "franceconnect/error.html",
        refusal.status,
        refusal=refusal.code,
        retry_url=refusal.retry_to or "/",
    )
    # The address of this page holds the answer of FranceConnect.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
