"""What a person does in the creation journeys, with one browser."""

import re
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.base.browser import FORM_TOKEN

IDENTITY = {
    "nom": "Le Gall",
    "nir": "2 85 07 29 019 001",
    "date_naissance": "14/07/1985",
    "code_postal": "29200",
}
PROOFS = {"iban7": "2496284", "vitale11": "87785677424"}
PASSWORD = "Tulipes&Violon7"
CONTACT = {
    "email": "claire@exemple.fr",
    "email_confirmation": "claire@exemple.fr",
    "consentement_email": "non",
    "consentement_telephone": "non",
    "consentement_sms": "oui",
}


@dataclass
class Visitor:
    app: Flask
    address: str = "203.0.113.7"
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address})

    def posts(self, path: str, **fields: str) -> TestResponse:
        """Post a form, its token taken from the first page."""
        page = self.opens("/creation-compte").text
        token = re.findall(rf'name="{FORM_TOKEN}" value="([^"]+)"', page)[0]
        data = {FORM_TOKEN: token, **fields}
        return self.client.post(path, data=data, environ_base={"REMOTE_ADDR": self.address})

    def identifies(self, **changes: str) -> TestResponse:
        return self.posts("/creation-compte", **{**IDENTITY, **changes})

    def proves(self, **changes: str) -> TestResponse:
        return self.posts("/creation-compte/carte", **{**PROOFS, **changes})

    def accepts_terms(self) -> TestResponse:
        return self.posts("/creation-compte/conditions", cgu="oui")

    def chooses_password(self, password: str = PASSWORD, again: str | None = None) -> TestResponse:
        return self.posts(
            "/creation-compte/mot-de-passe",
            mot_de_passe=password,
            mot_de_passe_confirmation=password if again is None else again,
        )

    def gives_contact(self, **changes: str) -> TestResponse:
        return self.posts("/creation-compte/coordonnees", **{**CONTACT, **changes})

    def comes_to_contact(self) -> None:
        for step in (self.identifies, self.proves, self.accepts_terms, self.chooses_password):
            assert step().status_code == 303

    def reference(self) -> str:
        """Return the reference that the neutral page shows."""
        page = self.opens("/creation-compte/impossible")
        assert page.status_code == 200
        found: str = re.findall(r'class="reference">([A-Z0-9-]+)<', page.text)[0]
        return found


def words(response: TestResponse) -> str:
    """Return the page, its unbreakable spaces made plain."""
    return response.text.replace("\u00a0", " ")


def goes_to(response: TestResponse) -> str:
    """Return where the answer sends the browser."""
    assert response.status_code == 303, response.text[:500]
    return response.headers["Location"].removeprefix("/creation-compte")
