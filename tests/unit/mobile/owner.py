"""What a person does with the app, over plain HTTP."""

import re
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.base.browser import FORM_TOKEN
from tests.unit.signup.visitor import IDENTITY, PASSWORD, PROOFS

ACCOUNT = {
    "email": "claire@exemple.fr",
    "email_confirmation": "claire@exemple.fr",
    "telephone": "",
    "mot_de_passe": PASSWORD,
    "mot_de_passe_confirmation": PASSWORD,
    "consentement_email": "non",
}


@dataclass
class PhoneOwner:
    app: Flask
    address: str = "203.0.113.7"
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address})

    def posts(self, path: str, **fields: str) -> TestResponse:
        data = {FORM_TOKEN: self.form_token(), **fields}
        return self.client.post(path, data=data, environ_base={"REMOTE_ADDR": self.address})

    def form_token(self) -> str:
        """Return the token of this phone's forms, from a page that always has one."""
        page = self.opens("/app/conditions").text
        found: str = re.findall(rf'name="{FORM_TOKEN}" value="([^"]+)"', page)[0]
        return found

    def accepts_terms(self) -> TestResponse:
        return self.posts("/app/conditions")

    def identifies(self, **changes: str) -> TestResponse:
        return self.posts("/app/identite", **{**IDENTITY, **changes})

    def proves(self, **changes: str) -> TestResponse:
        return self.posts("/app/carte", **{**PROOFS, **changes})

    def creates(self, **changes: str) -> TestResponse:
        return self.posts("/app/compte", **{**ACCOUNT, **changes})

    def comes_to_account(self) -> None:
        for step in (self.accepts_terms, self.identifies, self.proves):
            assert step().status_code == 303
