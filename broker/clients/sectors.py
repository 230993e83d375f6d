"""Sector files: who publishes one says which redirect URIs belong to a sector."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from broker.base.capped_http import CallFailed
from broker.base.outgoing import Outgoing
from broker.clients.model import RegistrationRefused
from broker.clients.registration import Registration

_MEMBER = "sector_identifier_uri"


@dataclass(frozen=True)
class SectorFiles:
    """Reads sector files when a partner is registered, never afterwards (OpenID registration §5).

    Calls the partner's address: never inside a transaction.
    """

    outgoing: Outgoing

    def require(self, registration: Registration) -> None:
        """Raise RegistrationRefused unless the sector's file names every redirect URI.

        Without it a partner could put itself into another's sector and learn its subjects.
        """
        address = registration.sector_identifier_uri
        if address is None:
            return
        named = self._read(address, registration.client_id)
        if not set(registration.redirect_uris) <= named:
            flaw = f"{_MEMBER}: the file does not name every redirect URI"
            raise RegistrationRefused(registration.client_id, (flaw,))

    def _read(self, address: str, client_id: str) -> set[str]:
        try:
            answer = self.outgoing.get(address)
            found = json.loads(answer.body) if answer.status == HTTPStatus.OK else None
        except CallFailed as failure:
            flaw = f"{_MEMBER}: cannot be read: {failure.reason}"
            raise RegistrationRefused(client_id, (flaw,)) from None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(uri, str) for uri in found):
            flaw = f"{_MEMBER}: it does not give a JSON array of addresses"
            raise RegistrationRefused(client_id, (flaw,))
        return set(found)
