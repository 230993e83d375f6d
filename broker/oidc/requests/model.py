"""Requests on their way: pushed by a client, or waiting for a login."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """A request that waits for a login in one browser; its id is also its login request's."""

    id: str
    client_id: str
    values: dict[str, str] = field(repr=False)
    pushed: bytes | None
    """Digest of the request_uri it came by, used up with the answer."""
    expires_at: datetime
    finished: bool = False


@dataclass(frozen=True, kw_only=True)
class PushedRequest:
    """A request that a client pushed (RFC 9126), not yet used."""

    digest: bytes
    client_id: str
    values: dict[str, str] = field(repr=False)


def request_ref(digest: bytes) -> str:
    """Return the name of a pushed request in the trail: 16 bytes of its request_uri's digest."""
    return digest[:16].hex()
