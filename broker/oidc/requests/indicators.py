"""Resource indicators (RFC 8707): which registered resource server an access token is for."""

from collections.abc import Iterable
from dataclasses import dataclass

from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.oidc.errors import InvalidTarget


@dataclass(frozen=True)
class Resources:
    """Knows the resource servers; ``issuer`` stands for our own userinfo.

    An access token is for one of them alone: a server that receives it can use it nowhere else.
    """

    clients: Clients
    issuer: str

    def require_known(self, resources: Iterable[str], client: Client) -> None:
        """Raise InvalidTarget for a resource that nobody serves to the client (RFC 8707 §2)."""
        for resource in resources:
            self.server(resource, client)

    def chosen(self, granted: tuple[str, ...], asked: str | None, client: Client) -> Client | None:
        """Return the server that the access token is for, or None for userinfo.

        Without a choice, the one that was granted. Raises InvalidTarget for another one than was
        granted, where some were, and where a choice is missing (RFC 8707 §2.2).
        """
        if asked is None:
            if len(granted) > 1:
                raise InvalidTarget("name the one resource that the access token is for")
            asked = granted[0] if granted else self.issuer
        elif granted and asked not in {self.issuer, *granted}:
            raise InvalidTarget("the resource was not asked in the authorization request")
        return self.server(asked, client)

    def server(self, resource: str, client: Client) -> Client | None:
        """Return who serves a resource to the client; None for our own userinfo."""
        if resource == self.issuer:
            return None
        server = self.clients.serving(resource)
        if server is None:
            raise InvalidTarget("the resource is not registered")
        if not client.accepts(server.access_token_signed_response_alg):
            raise InvalidTarget("the resource reads a signature too weak for this client")
        return server
