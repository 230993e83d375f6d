"""From what an identity provider says to a person FranceConnect vouches for."""

from dataclasses import dataclass
from http import HTTPStatus

from demo.franceconnect.citizens import Citizen, Citizens
from demo.franceconnect.config import IdentityProvider
from demo.franceconnect.errors import PageError
from demo.franceconnect.identity import faulty_fields
from demo.franceconnect.memory import Clock
from demo.franceconnect.model import Claims, IdentityProviderSession, Person
from demo.franceconnect.rnipp import rectified

# Logins of the mock identity provider that fail in a given way, and the page each one ends on;
# a login that is a code of the register (RNIPP) or of a blocked account ends on that page.
FAILING_LOGINS: dict[str, tuple[str, HTTPStatus]] = {
    "E020005": ("Y020029", HTTPStatus.INTERNAL_SERVER_ERROR),
    "E020007": ("Y020027", HTTPStatus.BAD_GATEWAY),
    "E020008": ("Y020027", HTTPStatus.BAD_GATEWAY),
    "E020009": ("Y020027", HTTPStatus.BAD_GATEWAY),
    "E020010": ("Y020027", HTTPStatus.BAD_GATEWAY),
    "E020011": ("Y020027", HTTPStatus.BAD_GATEWAY),
    "E020018": ("Y020027", HTTPStatus.BAD_GATEWAY),
    "Y010004": ("Y010004", HTTPStatus.FORBIDDEN),
    "Y010006": ("Y010006", HTTPStatus.FORBIDDEN),
    "Y010007": ("Y010007", HTTPStatus.FORBIDDEN),
    "Y010008": ("Y010008", HTTPStatus.FORBIDDEN),
    "Y010009": ("Y010009", HTTPStatus.FORBIDDEN),
    "Y010011": ("Y010011", HTTPStatus.GATEWAY_TIMEOUT),
    "Y010012": ("Y010012", HTTPStatus.GATEWAY_TIMEOUT),
    "Y010013": ("Y010013", HTTPStatus.BAD_REQUEST),
    "Y010015": ("Y010015", HTTPStatus.FORBIDDEN),
    "Y180001": ("Y180001", HTTPStatus.FORBIDDEN),
}


class WrongCredentials(Exception):
    """The login is unknown to the simulated identity provider, or its password is another."""


@dataclass(frozen=True)
class Identification:
    """Checks an identity as FranceConnect does, then has it rectified."""

    citizens: Citizens
    clock: Clock

    def by_password(self, idp: IdentityProvider, login: str, password: str) -> Person:
        """Identify a citizen at an identity provider that the simulator plays."""
        if failure := FAILING_LOGINS.get(login.strip()):
            raise PageError(*failure)
        citizen = self.citizens.find(login)
        if citizen is None or citizen.password != password:
            raise WrongCredentials
        return self._recorded(idp, citizen) or self.by_claims(idp, citizen.identity)

    def by_claims(
        self,
        idp: IdentityProvider,
        identity: Claims,
        idp_session: IdentityProviderSession | None = None,
    ) -> Person:
        """Accept *identity* as *idp* gave it, or refuse it (Y600006)."""
        if faults := faulty_fields(identity):
            raise PageError("Y600006", detail=", ".join(faults))
        return self._person(idp, rectified(identity), idp_session=idp_session)

    def _recorded(self, idp: IdentityProvider, citizen: Citizen) -> Person | None:
        if citizen.recorded is None:
            return None
        return self._person(idp, citizen.recorded, recorded_sub=citizen.recorded_sub)

    def _person(
        self,
        idp: IdentityProvider,
        claims: Claims,
        *,
        recorded_sub: str | None = None,
        idp_session: IdentityProviderSession | None = None,
    ) -> Person:
        return Person(
            claims=claims | {"idp_id": idp.uid, "amr": list(idp.amr)},
            idp=idp,
            auth_time=int(self.clock()),
            recorded_sub=recorded_sub,
            idp_session=idp_session,
        )
