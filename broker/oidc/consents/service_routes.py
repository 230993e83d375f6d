"""«Services autorisés»: what a person agreed to, and the button that ends it."""

from collections.abc import Sequence

from flask import Blueprint, Response, request, url_for

from broker.base.paris import french_date
from broker.base.web import page, see_other, use
from broker.clients.addresses import host
from broker.clients.directory import Clients
from broker.oidc.consents.agreements import Consents
from broker.oidc.consents.model import AuthorizedService
from broker.sessions.model import LoginRequired
from broker.sessions.routes import ask_login, current_session

bp = Blueprint("services", __name__, url_prefix="/mon-compte/services")


@bp.get("")
def authorized() -> Response:
    session = current_session()
    if session is None:
        return ask_login()
    found = use(Consents).authorized(session.account_id)
    return page(
        "oidc/services.html",
        services=[_listed(service) for service in found],
        stopped=_stopped(found),
    )


@bp.get("/arreter")
def ask_withdraw() -> Response:
    session = current_session()
    if session is None:
        return ask_login()
    asked = request.args.get("service")
    for service in use(Consents).authorized(session.account_id):
        if service.client.client_id == asked:
            return page("oidc/stop_sharing.html", service=_listed(service))
    return see_other(url_for("services.authorized"))


@bp.post("")
def withdraw() -> Response:
    session = current_session()
    if session is None:
        raise LoginRequired
    asked = request.form.get("service", "")
    use(Consents).withdraw(session.account_id, asked)
    return see_other(url_for("services.authorized", arret=asked))


def _stopped(authorized: Sequence[AuthorizedService]) -> str | None:
    """Return the name of the service that the address says was stopped, where that is so."""
    client = use(Clients).registered(request.args.get("arret", ""))
    if client is None or client.client_id in {each.client.client_id for each in authorized}:
        return None
    return client.client_name


def _listed(service: AuthorizedService) -> dict[str, object]:
    client = service.client
    return {
        "id": client.client_id,
        "name": client.client_name,
        "site": host(client.client_uri) if client.client_uri else None,
        "since": french_date(service.since),
        "data": [f"data.{name}" for name in service.data],
    }
