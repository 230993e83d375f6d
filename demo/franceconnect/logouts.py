"""Logout asked by a site: through the identity provider, then back to the site."""

import secrets
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from demo.franceconnect.config import Config, ServiceProvider
from demo.franceconnect.errors import PageError
from demo.franceconnect.logins import Logins
from demo.franceconnect.memory import Shelf
from demo.franceconnect.misbehaviour.catalogue import usage
from demo.franceconnect.model import with_parameters
from demo.franceconnect.tokens import SigningKeys

_ALLOWED = frozenset({"id_token_hint", "state", "post_logout_redirect_uri", "client_id"})


@dataclass(frozen=True)
class Logouts:
    """Ends FranceConnect's session; each method returns the address of the next hop."""

    config: Config
    keys: SigningKeys
    logins: Logins
    under_way: Shelf[str]

    def start(self, sent: MultiDict[str, str], browser: str) -> str:
        """Forget the person of *browser*; PageError (400) on a request that is not right."""
        destination = self._destination(sent.to_dict(), sent)
        state = secrets.token_hex(32)
        self.under_way.put(state, destination)
        person = self.logins.people.take(browser)
        if person is None or person.idp_session is None:
            return self._confirmation(state)
        session = person.idp_session
        request = {
            "state": state,
            "post_logout_redirect_uri": f"{self.config.issuer}/client/logout-callback",
            "client_id": session.client_id,
            "id_token_hint": session.id_token,
        }
        return with_parameters(session.end_session_endpoint, usage(session.misuse).logout(request))

    def returned(self, state: str) -> str:
        """Go on after the identity provider's own logout."""
        if self.under_way.get(state) is None:
            raise PageError("Y030009", detail="state")
        return self._confirmation(state)

    def confirm(self, state: str) -> str:
        """Return where the site wants the person; empty when it named no address."""
        destination = self.under_way.take(state)
        if destination is None:
            raise PageError("Y030009", detail="state")
        return destination

    def _confirmation(self, state: str) -> str:
        return with_parameters(f"{self.config.issuer}/session/end/confirm", {"state": state})

    def _destination(self, parameters: dict[str, str], sent: MultiDict[str, str]) -> str:
        unknown = parameters.keys() - _ALLOWED
        repeated = {name for name, values in sent.lists() if len(values) > 1}
        if faults := sorted(unknown | repeated):
            raise PageError("Y030009", detail=", ".join(faults))
        site = self._site(parameters)
        address = parameters.get("post_logout_redirect_uri")
        if not address:
            return ""
        if address not in site.post_logout_redirect_uris:
            raise PageError("Y030009", detail="post_logout_redirect_uri")
        state = {"state": parameters["state"]} if "state" in parameters else {}
        return with_parameters(address, state) if state else address

    def _site(self, parameters: dict[str, str]) -> ServiceProvider:
        """Return the site that the id_token_hint was made for; its age does not matter."""
        hint = parameters.get("id_token_hint", "")
        for site in self.config.service_providers:
            is_meant = parameters.get("client_id", site.client_id) == site.client_id
            if is_meant and self.keys.signed_for(site, hint):
                return site
        raise PageError("Y030009", detail="id_token_hint")
