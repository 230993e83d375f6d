"""People who are logged in, each with a partner that keeps access, and what is theirs alone."""

import base64
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.support.account_holder import AccountHolder
from tests.support.load import Act
from tests.support.partner import SECRET
from tests.support.person import PASSWORD
from tests.support.remote_partner import RemotePartner
from tests.support.visitor import Visitor


@dataclass
class User:
    """One of them; each request has a connection of its own, which any process answers."""

    person: AccountHolder
    partner: RemotePartner
    tokens: dict[str, Any]
    sub: str = field(init=False)

    def __post_init__(self) -> None:
        self.sub = self.userinfo().json()["sub"]
        self._stranger = Visitor(self._address("")).opens("/connexion")

    @classmethod
    def of(cls, person: AccountHolder, registered: dict[str, Any]) -> "User":
        """Create the account, log in, and let the partner have tokens."""
        person.creates_account()
        person.browser.opens("/connexion")
        person.logs_in()
        partner = RemotePartner(person.stack, registered, person)
        return cls(person, partner, partner.tokens())

    @property
    def name(self) -> str:
        return self.person.insured.nom

    @property
    def reads(self) -> dict[str, Act]:
        """What is answered with data of this person."""
        return {"page": self.page, "userinfo": self.userinfo, "refresh": self.refresh}

    def page(self) -> requests.Response:
        cookies = self.person.browser.http.cookies.get_dict()
        return self._unfollowed("GET", "/mon-compte", cookies=cookies)

    def userinfo(self) -> requests.Response:
        bearer = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return self._unfollowed("GET", "/userinfo", headers=bearer)

    def refresh(self) -> requests.Response:
        """Exchange the refresh token; what is given serves from then on."""
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        client = (self.partner.registered["client_id"], SECRET)
        answer = self._unfollowed("POST", "/token", data=form, auth=client)
        if answer.ok:
            self.tokens = answer.json()
        return answer

    def gives_password(self) -> requests.Response:
        """Give number and password in another browser, where nobody is logged in."""
        browser = self._stranger
        fields = browser.forms[browser.form_with("mot_de_passe")].fields
        typed = {**fields, "nir": self.person.insured.nir, "mot_de_passe": PASSWORD}
        cookies = browser.http.cookies.get_dict()
        return self._unfollowed("POST", "/connexion", data=typed, cookies=cookies)

    def _unfollowed(self, method: str, path: str, **sent: Any) -> requests.Response:
        return requests.request(
            method, self._address(path), allow_redirects=False, timeout=60, **sent
        )

    def _address(self, path: str) -> str:
        return self.person.stack.url("broker") + path


def told(response: requests.Response) -> str:
    """Return all that an answer tells, the claims of its ID Token too."""
    if not response.headers["Content-Type"].startswith("application/json"):
        return response.text
    _, _, claims = response.json().get("id_token", "").partition(".")
    padded = claims.partition(".")[0] + "==="
    return response.text + base64.urlsafe_b64decode(padded).decode()
