"""An account with a password, and a browser at the login page."""

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from broker.accounts.accounts import Accounts
from broker.accounts.model import Account
from broker.accounts.passwords import Passwords
from broker.base.browser import FORM_TOKEN
from broker.base.crypto import Secret, fingerprint
from broker.foundation import Foundation
from broker.insured.filed_batch import AccountHolder
from broker.insured.nir import Nir
from broker.mail.store import MAIL

NIR = "2640531555982"
PASSWORD = "Tulipes&Violon7"


@pytest.fixture
def account(app: Flask) -> Account:
    services = app.extensions["broker"]
    accounts, passwords = services[Accounts], services[Passwords]
    hashed = passwords.hash(Secret(PASSWORD))
    with accounts.db.transaction():
        holder = AccountHolder("insured", Nir.parse(NIR), "personne@exemple.fr")
        accounts.adopt(accounts.prepare([holder]))
        found = accounts.by_nir(Nir.parse(NIR))
        assert found
        accounts.store.set_password(found.id, hashed)
    return found


@dataclass
class LoginPage:
    """What a person does at the login pages, with one browser."""

    client: FlaskClient
    app: Flask
    address: str = "127.0.0.1"

    def posts(self, path: str, **fields: str):
        token = self._token()
        return self.client.post(
            path, data={FORM_TOKEN: token, **fields}, environ_base={"REMOTE_ADDR": self.address}
        )

    def gives_password(self, password: str = PASSWORD, nir: str = NIR, **fields: str):
        return self.posts("/connexion", nir=nir, mot_de_passe=password, **fields)

    def gives_code(self, answer, code: str | None = None, **fields: str):
        attempt = answer.headers["Location"].split("tentative=")[1]
        typed = self.mailed_code() if code is None else code
        return self.posts("/connexion/code", tentative=attempt, code=typed, **fields)

    def logs_in(self, **fields: str):
        return self.gives_code(self.gives_password(), **fields)

    def is_logged_in(self) -> bool:
        """Whether the logout page asks for confirmation: it does so to nobody else."""
        return "Voulez-vous" in self.client.get("/deconnexion").get_data(as_text=True)

    def ref(self) -> str:
        """The pseudonym by which the service knows this browser."""
        self._token()
        return fingerprint(self.client.get_cookie("ameli_navigateur").value).hex()[:32]

    def session_cookie(self) -> Secret:
        return Secret(self.client.get_cookie("ameli_session").value)

    def mailed_code(self) -> str:
        f = self.app.extensions["broker"][Foundation]
        rows = f.db.all(
            select(MAIL)
            .where(MAIL.c.content.is_not(None), MAIL.c.kind == "code")
            .order_by(MAIL.c.created_at.desc())
        )
        text = f.vault.open(MAIL.c.content, rows[0].content)
        return re.findall(r"^(\d{6})\r?$", text, re.MULTILINE)[0]

    def _token(self) -> str:
        page = self.client.get("/connexion").get_data(as_text=True)
        return re.findall(rf'name="{FORM_TOKEN}" value="([^"]+)"', page)[0]


@pytest.fixture
def browser(app: Flask, account: Account) -> LoginPage:  # noqa: ARG001 - it must exist
    return LoginPage(app.test_client(), app)


@pytest.fixture
def another_browser(app: Flask, account: Account) -> LoginPage:  # noqa: ARG001 - it must exist
    return LoginPage(app.test_client(), app, address="203.0.113.9")
