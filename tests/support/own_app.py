"""A native app of our own: its screens ask for number, password and code, without a browser."""

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from broker.foundation import Foundation
from broker.mail.store import MAIL
from broker.sessions.sessions import Sessions
from tests.support.insured_account import NIR
from tests.support.key_partner import OWN, DPoPKey
from tests.support.partner import PUBLIC, Partner

PASSWORD = "Tulipes&Violon7"
CHALLENGE = "/authorize-challenge"
FIRST_PARTY: dict[str, Any] = {
    **PUBLIC,
    "client_id": "application",
    "client_name": "Application ameli",
    "dpop_bound_access_tokens": True,
    "ameli": {"first_party": True},
}


@dataclass
class OwnApp(Partner):
    """One installation of the app, which holds a key; ``address`` is where it calls from."""

    dpop: DPoPKey = field(default_factory=DPoPKey)
    address: str = "127.0.0.1"

    @property
    def now(self) -> int:
        return int(self.app.extensions["broker"][Sessions].clock().timestamp())

    def asks(self, *, proof: str | None = OWN, **form: Any) -> TestResponse:
        """Send one step, with a fresh proof of the app's key."""
        if proof == OWN:
            proof = self.dpop.proof(CHALLENGE, self.now)
        body = {"client_id": self.registered["client_id"], **form}
        return self.app.test_client().post(
            CHALLENGE,
            data={name: value for name, value in body.items() if value is not None},
            headers={"DPoP": proof} if proof else {},
            environ_base={"REMOTE_ADDR": self.address},
        )

    def begins(self, *, proof: str | None = OWN, **changes: Any) -> TestResponse:
        """Send the request; an app names no redirect URI unless it wants to come back to it."""
        return self.asks(proof=proof, **self.request(**{"redirect_uri": None, **changes}))

    def thread(self, **changes: Any) -> str:
        """Begin; return the auth_session of the first step."""
        return str(self.begins(**changes).get_json()["auth_session"])

    def gives_password(
        self, auth_session: str, password: str = PASSWORD, nir: str = NIR, **form: Any
    ) -> TestResponse:
        return self.asks(auth_session=auth_session, nir=nir, password=password, **form)

    def awaits_code(self, **changes: Any) -> str:
        """Come as far as the code; return the auth_session of that step."""
        answer = self.gives_password(self.thread(**changes))
        assert answer.get_json()["next"] == "code", answer.get_data(as_text=True)
        return str(answer.get_json()["auth_session"])

    def gives_code(self, auth_session: str, code: str | None = None, **form: Any) -> TestResponse:
        return self.asks(auth_session=auth_session, code=code or self.mailed_code(), **form)

    def logs_in(self, **changes: Any) -> str:
        """Take every step; return the authorization code."""
        answer = self.gives_code(self.awaits_code(**changes))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_json()["authorization_code"])

    def redeems(self, code: str, *, proof: str | None = OWN, **changes: Any) -> TestResponse:
        if proof == OWN:
            proof = self.dpop.proof("/token", self.now)
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": self.verifier}
        body = {name: v for name, v in {**form, **changes}.items() if v is not None}
        return self.calls("/token", body, headers={"DPoP": proof} if proof else {})

    def reads(self, token: str) -> TestResponse:
        proof = self.dpop.proof("/userinfo", self.now, method="GET", token=token)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        return self.app.test_client().get("/userinfo", headers=headers)

    def mailed_code(self) -> str:
        """Return the code of the last mail."""
        return self.mailed_codes()[0]

    def mailed_codes(self) -> list[str]:
        """Return the codes of all mails that wait, the last first."""
        f = self.app.extensions["broker"][Foundation]
        rows = f.db.all(
            select(MAIL)
            .where(MAIL.c.content.is_not(None), MAIL.c.kind == "code")
            .order_by(MAIL.c.created_at.desc())
        )
        texts = (f.vault.open(MAIL.c.content, row.content) for row in rows)
        return [re.findall(r"^(\d{6})\r?$", text, re.MULTILINE)[0] for text in texts]


def observed(response: TestResponse) -> tuple[int, dict[str, Any], list[str]]:
    """Return all that differs between two answers, but for the token of the next step."""
    said = {name: v for name, v in response.get_json().items() if name != "auth_session"}
    return response.status_code, said, sorted(response.headers.keys())
