"""The way to an identity provider that is a program of its own, and back from it."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from demo.franceconnect.browser import browser_of
from demo.franceconnect.config import Config, IdentityProvider, Remote
from demo.franceconnect.errors import PageError
from demo.franceconnect.identification import Identification
from demo.franceconnect.logins import Logins
from demo.franceconnect.memory import Shelf
from demo.franceconnect.misbehaviour.orders import Orders
from demo.franceconnect.model import Interaction
from demo.franceconnect.pages import Pages
from demo.franceconnect.relying_party import Departure, RelyingParty

_SEE_OTHER = 303


@dataclass(frozen=True)
class RemotePages:
    """Two redirections: departure and callback."""

    config: Config
    pages: Pages
    logins: Logins
    identification: Identification
    relying_party: RelyingParty
    departures: Shelf[Departure]
    orders: Orders

    def blueprint(self) -> Blueprint:
        """Return the routes; the callback is the address that identity providers register."""
        routes = Blueprint("remote", __name__, url_prefix=self.config.path)
        routes.add_url_rule("/interaction/<interaction_id>/remote/<uid>", view_func=self.depart)
        routes.add_url_rule("/oidc-callback", view_func=self.come_back)
        return routes

    def depart(self, interaction_id: str, uid: str) -> Response:
        """Send the browser to the identity provider."""
        interaction = self.logins.current(interaction_id, browser_of(request) or "")
        idp, remote = self._remote(interaction, uid)
        try:
            metadata = self.relying_party.metadata(remote)
        except PageError as error:
            error.interaction = interaction.id
            raise
        departure = Departure(
            interaction_id=interaction.id,
            browser=interaction.browser,
            idp_uid=idp.uid,
            acr=max(interaction.request.acr, min(remote.acr_values)),
            metadata=metadata,
            misuse=interaction.misbehaviour or self.orders.for_an_identity_provider(),
        )
        self.departures.put(departure.state, departure)
        return redirect(self.relying_party.authorization_url(remote, departure), _SEE_OTHER)

    def come_back(self) -> Response:
        """Take the answer of the identity provider; its errors lead back to the choice."""
        departure = self._departure(request.args.get("state", ""))
        interaction = self.logins.current(departure.interaction_id, departure.browser)
        idp, remote = self._remote(interaction, departure.idp_uid)
        if "error" in request.args:
            choice = f"{self.config.path}/interaction/{interaction.id}?failed={idp.uid}"
            return redirect(choice, _SEE_OTHER)
        try:
            claims, session = self.relying_party.identity(remote, departure, request.args)
            person = self.identification.by_claims(idp, claims, session)
        except PageError as error:
            error.interaction = interaction.id
            raise
        return self.pages.after_identification(self.logins.identify(interaction, person))

    def _departure(self, state: str) -> Departure:
        if not state:
            raise PageError("Y020021")
        departure = self.departures.get(state)
        if departure is None or departure.browser != browser_of(request):
            raise PageError("Y020022", HTTPStatus.FORBIDDEN)
        self.departures.take(state)
        return departure

    def _remote(self, interaction: Interaction, uid: str) -> tuple[IdentityProvider, Remote]:
        idp = self.config.identity_provider(uid, interaction.request.site)
        if idp is None or idp.remote is None:
            raise PageError("Y020019", interaction=interaction.id)
        return idp, idp.remote
