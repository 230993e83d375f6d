"""Receipts: which partner was given which data, from which login; read from the trail.

The event of each redeemed code names the data, so that a receipt costs a login nothing.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from broker.audit.questions.history import Acts, History
from broker.base.clock import Clock
from broker.clients.directory import Clients
from broker.clients.model import Client
from broker.oidc.claims.readable import lines
from broker.oidc.consents.agreements import Consents
from broker.oidc.exchange.events import CodeRedeemed
from broker.oidc.resources.events import UserinfoRead
from broker.sessions.events import SessionCreated

KEPT = timedelta(days=3 * 365)  # as long as the trail keeps what partners were given
PAGE = 20
_LOGIN, _GIVEN, _READ = SessionCreated.type, CodeRedeemed.type, UserinfoRead.type


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What one login gave one partner."""

    client_id: str
    client: Client | None
    """None where it is no partner any more."""
    data: tuple[str, ...]
    """Names of claims, as pages list them."""
    given_at: datetime
    last_given_at: datetime
    reads: int
    """How often the partner has read the data since."""
    read_at: datetime | None
    """When it read them last."""
    login: str
    login_at: datetime | None
    """None once the trail has forgotten that login."""
    by_franceconnect: bool
    shared: bool
    """Whether the person may still stop the sharing."""

    @property
    def repeated(self) -> bool:
        """Whether the partner came back with the same login."""
        return self.last_given_at > self.given_at


@dataclass(frozen=True)
class Receipts:
    """Tells people what was given of them."""

    history: History
    consents: Consents
    clients: Clients
    clock: Clock

    def page(self, account_id: str, number: int) -> tuple[list[Receipt], bool]:
        """Return the receipts of that page (1 is the newest), and whether an older one follows."""
        skip = PAGE * (number - 1)
        given = self._given(account_id, most=PAGE + 1, skip=skip)
        return self._receipts(account_id, given[:PAGE]), len(given) > PAGE

    def every(self, account_id: str) -> list[Receipt]:
        """Return all the receipts, the newest first."""
        return self._receipts(account_id, self._given(account_id))

    def _given(self, account_id: str, most: int | None = None, skip: int = 0) -> list[Acts]:
        return self.history.by_login_and_partner(
            account_id, _GIVEN, since=self._since, most=most, skip=skip
        )

    def _receipts(self, account_id: str, given: list[Acts]) -> list[Receipt]:
        about: dict[str, Any] = {
            "since": self._since,
            "logins": {acts.auth_event_id for acts in given},
        }
        told = _Told.of(self.history.bodies(account_id, (_GIVEN, _LOGIN), **about))
        read = self.history.by_login_and_partner(account_id, _READ, **about)
        reads = {_key(acts): acts for acts in read}
        shared = {service.client.client_id for service in self.consents.authorized(account_id)}
        return [self._receipt(acts, told, reads.get(_key(acts)), shared) for acts in given]

    def _receipt(self, given: Acts, told: "_Told", read: Acts | None, shared: set[str]) -> Receipt:
        login = told.logins.get(given.auth_event_id, {})
        return Receipt(
            client_id=given.client_id,
            client=self.clients.registered(given.client_id),
            data=lines(told.data[_key(given)]),
            given_at=given.first,
            last_given_at=given.last,
            reads=read.count if read else 0,
            read_at=read.last if read else None,
            login=given.auth_event_id,
            login_at=datetime.fromisoformat(login["time"]) if login else None,
            by_franceconnect="fc" in login.get("amr", ()),
            shared=given.client_id in shared,
        )

    @property
    def _since(self) -> datetime:
        return self.clock() - KEPT


@dataclass(frozen=True)
class _Told:
    """What events say beside their times: the logins, and the data by login and partner."""

    logins: dict[str, dict[str, Any]]
    data: dict[tuple[str, str], set[str]]

    @classmethod
    def of(cls, events: list[dict[str, Any]]) -> "_Told":
        told = cls({}, defaultdict(set))
        for event in events:
            login = event["auth_event_id"]
            if event["type"] == _LOGIN:
                told.logins[login] = event
            else:
                told.data[login, event["client_id"]].update(event.get("data", ()))
        return told


def _key(acts: Acts) -> tuple[str, str]:
    return acts.auth_event_id, acts.client_id
