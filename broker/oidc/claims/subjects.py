"""Pairwise names: each sector knows a person, and a session, under a name of its own."""

from dataclasses import dataclass

from broker.base.crypto import KeyedHash
from broker.clients.model import Client

_VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Names:
    """What a sector calls a person and a session of theirs."""

    sub: str
    sid: str


@dataclass(frozen=True)
class Subjects:
    """Derives the ``sub`` (OpenID Connect Core §8.1) from a random account id; nothing is stored.

    The version at the end names the key, so that another key can one day stand beside it.
    """

    keyed_hash: KeyedHash

    def names(self, client: Client, account_id: str, session: str) -> Names:
        """Return both names in the client's sector."""
        return Names(self.sub(client, account_id), self.sid(client, session))

    def sub(self, client: Client, account_id: str) -> str:
        """Return the person's sub in the client's sector: 43 characters and the version."""
        return self.keyed_hash.text(f"{_VERSION}|{client.sector}", account_id) + _VERSION

    def sid(self, client: Client, session: str) -> str:
        """Return the ``sid`` of a session in the client's sector: two that compare learn nothing.

        *session* is our own name of it, which no partner sees.
        """
        return self.keyed_hash.text(f"{_VERSION}|{client.sector}|sid", session)

    def at(self, server: Client, client: Client, account_id: str) -> str:
        """Return the person's sub at a resource server that *client* calls.

        A server with a sector of its own knows a person under one name, whoever calls; without,
        it is taken for a part of the caller.
        """
        return self.sub(server if server.has_sector else client, account_id)
