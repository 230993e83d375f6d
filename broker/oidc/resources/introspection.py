"""Introspection (RFC 7662): a resource server asks about a token that it received."""

from dataclasses import dataclass
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor, Outcome
from broker.clients.model import Client
from broker.oidc.errors import UnauthorizedClient
from broker.oidc.grants import facts
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.client_auth import ClientAuthentication
from broker.oidc.resources.events import TokenIntrospected
from broker.oidc.tokens.access import Access, AccessTokens, Unusable

_INACTIVE: dict[str, Any] = {"active": False}


@dataclass(frozen=True)
class Introspection:
    """Tells resource servers of the tokens that are meant for them, and nothing of any other."""

    authentication: ClientAuthentication
    access_tokens: AccessTokens
    audit: AuditLog

    def answer(self, form: Parameters, authorization: str | None) -> dict[str, Any]:
        """Return what the server may know; every other token gets one and the same answer."""
        form.require_single()
        server = self.authentication.authenticate(form, authorization)
        text = form.need("token")
        if not server.introspects:
            raise UnauthorizedClient("only resource servers may introspect")
        try:
            access = self._meant_for(server, text)
        except Unusable as unusable:
            self._record_refusal(server, text, unusable)
            return _INACTIVE
        told = self.access_tokens.told(access.token, access.grant, access.client, server)
        self._record(server, text, access, told["sub"])
        return {"active": True, "token_type": access.token.token_type, **told}

    def _meant_for(self, server: Client, text: str) -> Access:
        access = self.access_tokens.judge(text)
        if access.token.resource != server.resource:
            raise Unusable("audience", (access.token, access.grant))
        return access

    def _record(self, server: Client, text: str, access: Access, sub: str) -> None:
        self.audit.record(
            TokenIntrospected(
                **facts.about(access.grant),
                **_asked_by(server),
                scopes=access.token.scopes,
                subject_pairwise=sub,
                token=facts.of_access_token(text, access.token, access.grant),
            )
        )

    def _record_refusal(self, server: Client, text: str, unusable: Unusable) -> None:
        """Tell of a token only where it was one: what else was sent may be anybody's secret."""
        found = unusable.found
        known: dict[str, Any] = {"client_id": server.client_id}
        if found is not None:
            token, grant = found
            known = {**facts.about(grant), "token": facts.of_access_token(text, token, grant)}
        self.audit.record(
            TokenIntrospected(
                **known,
                **_asked_by(server),
                outcome=Outcome.FAILURE,
                reason_code=unusable.reason,
            )
        )


def _asked_by(server: Client) -> dict[str, Any]:
    return {
        "actor": Actor(kind="client", ref=server.client_id),
        "audience": server.resource,
        "client_auth_method": str(server.token_endpoint_auth_method),
    }
