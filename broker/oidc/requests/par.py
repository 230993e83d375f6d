"""Pushed authorization requests (RFC 9126): checked now, used once, bound to their client."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.context import here
from broker.base.crypto import fingerprint, new_token
from broker.base.db import Database
from broker.base.flood import FloodGate, Traffic
from broker.clients.model import AuthMethod, Client
from broker.oidc.errors import InvalidRequest, UnregisteredRedirectURI
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.client_auth import ClientAuthentication
from broker.oidc.proofs.dpop import DPoP
from broker.oidc.proofs.dpop_jwt import Shown
from broker.oidc.requests.as_sent import AuthorizationRequest
from broker.oidc.requests.checks import check
from broker.oidc.requests.events import RequestPushed
from broker.oidc.requests.indicators import Resources
from broker.oidc.requests.model import PushedRequest, request_ref
from broker.oidc.requests.store import RequestStore

REQUEST_URI = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True)
class PushedRequests:
    """Takes requests from clients, ahead of the browser."""

    authentication: ClientAuthentication
    dpop: DPoP
    requests: RequestStore
    resources: Resources
    flood: FloodGate
    audit: AuditLog
    db: Database
    clock: Clock
    life: int
    """Seconds during which a pushed request can be used."""

    def push(self, form: Parameters, authorization: str | None, shown: Shown) -> dict[str, Any]:
        """Check and keep a client's request; return the answer of RFC 9126 §2.2."""
        form.require_single()
        client = self.authentication.authenticate(form, authorization)
        if client.token_endpoint_auth_method is AuthMethod.NONE:
            # Anybody can be it, and what is kept here is long: no more of it than of pages.
            self.flood.enter(Traffic.PEOPLE, here().address)
        if form.get("request_uri"):
            raise InvalidRequest("request_uri is not allowed here")  # RFC 9126 §2.1
        proved = self.dpop.prove(shown, client)
        request = replace(AuthorizationRequest.of(form, self.clock()), pushed=True).bound_to(
            proved
        )
        try:
            check(request, client)
            self.resources.require_known(request.resources, client)
        except UnregisteredRedirectURI:
            raise InvalidRequest("redirect_uri is not registered") from None
        with self.db.transaction():
            request_uri = self.keep(client, request)
            self.audit.record(
                RequestPushed(
                    txn=request_ref(fingerprint(request_uri)),
                    client_id=client.client_id,
                    scopes=request.known_scopes,
                    cnf=request.values.get("dpop_jkt"),
                    actor=Actor(kind="client", ref=client.client_id),
                )
            )
        return {"request_uri": request_uri, "expires_in": self.life}

    def keep(self, client: Client, request: AuthorizationRequest) -> str:
        """Keep a checked request and return its request_uri; belongs in a transaction."""
        request_uri = REQUEST_URI + new_token().reveal()
        pushed = PushedRequest(
            digest=fingerprint(request_uri),
            client_id=client.client_id,
            values={**request.values, "client_id": client.client_id},
        )
        self.requests.push(pushed, self.clock() + timedelta(seconds=self.life))
        return request_uri
