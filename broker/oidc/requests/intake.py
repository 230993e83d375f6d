"""Whom a request is from and what it asks: by its parameters, as it was pushed, or as it waits."""

from dataclasses import dataclass, replace

from broker.base.clock import Clock
from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.oidc.errors import InvalidRequest, RequestExpired, UnregisteredRedirectURI
from broker.oidc.parameters import Parameters
from broker.oidc.requests.as_sent import AuthorizationRequest
from broker.oidc.requests.model import request_ref
from broker.oidc.requests.par import REQUEST_URI
from broker.oidc.requests.store import RequestStore


@dataclass(frozen=True)
class Asked:
    """A request of a known client for a registered address: it may be answered by a redirect."""

    request: AuthorizationRequest
    client: Client
    interaction_id: str | None = None
    pushed: bytes | None = None
    """Digest of the request_uri it came by, used up with the answer."""

    @property
    def txn(self) -> str | None:
        """What the trail calls a pushed request, from the push to the code."""
        return request_ref(self.pushed) if self.pushed else None


@dataclass(frozen=True)
class Intake:
    """Finds the client and the request; everything refused here is said on a page."""

    clients: Clients
    requests: RequestStore
    clock: Clock

    def read(self, parameters: Parameters) -> Asked:
        """Return what the parameters ask.

        The registered address is checked before anything else (RFC 9700 §4.11.2).
        """
        client_id = parameters.get("client_id")
        if client_id is None or "client_id" in parameters.repeated:
            raise InvalidRequest("client_id is required, once")
        client = self.clients.get(client_id)
        asked = self._pushed(parameters, client)
        if asked is None:
            asked = Asked(AuthorizationRequest.of(parameters, self.clock()), client)
        if "redirect_uri" in asked.request.repeated:
            raise UnregisteredRedirectURI(client)
        _require_registered(asked)
        return asked

    def waiting(self, interaction_id: str, browser: str | None) -> Asked:
        """Return a request that waits in this browser; RequestExpired where none does any more.

        An address that was withdrawn while it waited gets no answer.
        """
        asked, alive = self._kept(interaction_id, browser)
        _require_registered(asked)
        if not alive:
            raise RequestExpired(asked.client, restart=interaction_id)
        return asked

    def in_app(self, interaction_id: str, browser: str) -> Asked:
        """Return a request that waits for an app's steps: its answer is no redirect."""
        asked, alive = self._kept(interaction_id, browser)
        if not alive:
            raise RequestExpired(asked.client)
        return asked

    def left_behind(self, interaction_id: str, browser: str | None) -> Asked:
        """Return a request of this browser that was never answered, to be asked again.

        What it asks of the login stays; that it began with a creation was obeyed already.
        """
        asked, _ = self._kept(interaction_id, browser)
        return replace(asked, interaction_id=None, request=asked.request.without_creation())

    def _kept(self, interaction_id: str, browser: str | None) -> tuple[Asked, bool]:
        """Return the unanswered request, and whether it still waits."""
        kept = self.requests.waiting(interaction_id, browser)
        if kept is None:
            raise RequestExpired
        client = self.clients.get(kept.client_id)
        if kept.finished:
            raise RequestExpired(client)
        request = AuthorizationRequest.of(Parameters(kept.values), self.clock())
        request = replace(request, pushed=kept.pushed is not None)
        asked = Asked(request, client, interaction_id, kept.pushed)
        return asked, kept.expires_at > self.clock()

    def _pushed(self, parameters: Parameters, client: Client) -> Asked | None:
        """Return the pushed request; what stands beside it in the URL is ignored (RFC 9101 §5).

        A request_uri that came twice names none: the parameters are then judged as they stand.
        """
        request_uri = parameters.get("request_uri")
        if request_uri is None or not request_uri.startswith(REQUEST_URI):
            return None
        if "request_uri" in parameters.repeated:
            return None
        pushed = self.requests.pushed(request_uri, client.client_id, self.clock())
        if pushed is None:
            raise RequestExpired(client)
        request = AuthorizationRequest.of(Parameters(pushed.values), self.clock())
        return Asked(replace(request, pushed=True), client, pushed=pushed.digest)


def _require_registered(asked: Asked) -> None:
    if not asked.client.may_return_to(asked.request.redirect_uri):
        raise UnregisteredRedirectURI(asked.client)
