"""What one person agreed to: as it is kept, and as the account page lists it."""

from dataclasses import dataclass
from datetime import datetime

from broker.clients.model import Client


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What one person agreed that one partner reads: names of claims, in one wording."""

    client_id: str
    data: frozenset[str]
    version: str
    given_at: datetime


@dataclass(frozen=True)
class AuthorizedService:
    """A partner that a person agreed to, as the account page lists it."""

    client: Client
    data: tuple[str, ...]
    since: datetime
