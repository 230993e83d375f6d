"""The public keys of partners: those of their file, or those that their address publishes."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from joserfc.jwk import Key

from broker.base.capped_http import BadAnswer, CallFailed
from broker.base.kept import Kept
from broker.base.outgoing import Outgoing
from broker.clients.key_sets import accepted, encrypting, verifying
from broker.clients.model import Client, KeysUnavailable

# Seconds: what the partner's Cache-Control says (OpenID Connect Core §10.1.1, §10.2.1), within
# limits. Short where it says nothing: nobody notices that a key to encrypt for was withdrawn.
_LIFE, _LONGEST_LIFE = 60.0, 600.0
_PATIENCE = 5.0  # seconds before an address that gave nothing is asked again
_COMPANY = 2.0  # seconds for which those who know a new key wait for the one who reads it
_MOST = 50  # keys of one set


@dataclass(frozen=True)
class _Published:
    keys: tuple[Key, ...]
    life: float


@dataclass(frozen=True)
class PartnerKeys:
    """Finds the key of a partner; may call the partner, hence never inside a transaction.

    What an address published is kept in this process, by its address.
    """

    outgoing: Outgoing
    monotonic: Callable[[], float] = time.monotonic
    _sets: dict[str, Kept[_Published]] = field(default_factory=dict, repr=False)

    def verifying(self, client: Client, kid: object, algorithm: str) -> Key:
        """Return the key of a signature, or raise KeysUnavailable."""
        return self._found(client, partial(verifying, kid=kid, algorithm=algorithm))

    def encrypting(self, client: Client, algorithm: str) -> Key:
        """Return the key to encrypt for the partner, chosen anew at each use."""
        return self._found(client, partial(encrypting, algorithm=algorithm))

    def _found(self, client: Client, choose: Callable[[tuple[Key, ...]], Key | None]) -> Key:
        key = choose(client.keys)
        if client.jwks_uri is not None:
            key = self._published_key(client.jwks_uri, choose)
        if key is None:
            raise KeysUnavailable("no_key")
        return key

    def _published_key(
        self, address: str, choose: Callable[[tuple[Key, ...]], Key | None]
    ) -> Key | None:
        def chosen(published: _Published) -> Key | None:
            return choose(published.keys)

        kept = self._sets.setdefault(address, self._new())
        try:
            return kept.find(chosen, lambda: self._fetch(address))
        except CallFailed as failure:
            raise KeysUnavailable(f"jwks_uri:{failure.reason}") from None

    def _new(self) -> Kept[_Published]:
        return Kept(
            lambda published: published.life,
            CallFailed,
            self.monotonic,
            _PATIENCE,
            _COMPANY,
            self.outgoing.turns.place,
        )

    def _fetch(self, address: str) -> _Published:
        answer = self.outgoing.get(address)
        if answer.status != HTTPStatus.OK:
            raise BadAnswer("status")
        life = _LIFE if answer.max_age is None else min(_LONGEST_LIFE, float(answer.max_age))
        return _Published(accepted(_items(answer.body)), life)


def _items(body: bytes) -> list[Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswer("json") from None
    items = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(items, list) or len(items) > _MOST:
        raise BadAnswer("json")
    return items
