"""Pushed requests and client assertions, twenty times at once over two processes: used once."""

import json
import secrets
import time
from collections import Counter

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support.account_holder import AccountHolder
from tests.support.partner import a_registration, parse
from tests.support.remote_partner import (
    ROUNDS,
    Answer,
    RemotePartner,
    at_once,
    deadlocks,
    recorded,
    statuses,
)

pytestmark = pytest.mark.processes
KEY = ECKey.generate_key("P-256", {"kid": "k1"})
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SigningPartner(RemotePartner):
    """A partner that pushes its requests and proves itself by assertions."""

    def assertion(self) -> str:
        now, name = int(time.time()), self.registered["client_id"]
        claims = {
            "iss": name,
            "sub": name,
            "aud": self.stack.url("broker"),
            "jti": secrets.token_hex(16),
            "exp": now + 60,
        }
        return jwt.encode({"alg": "ES256", "kid": KEY.kid}, claims, KEY)

    def pushes(self, assertion: str) -> Answer:
        form = {
            **self.request(secrets.token_urlsafe(48)),
            "client_assertion_type": TYPE,
            "client_assertion": assertion,
        }
        answer = requests.post(f"{self.stack.url('broker')}/par", data=form, timeout=60)
        return answer.status_code, answer.json()

    def opens(self, request_uri: str) -> Answer:
        """Open a pushed request in the person's browser, over a connection of its own."""
        answer = requests.get(
            f"{self.stack.url('broker')}/authorize",
            params={"client_id": self.registered["client_id"], "request_uri": request_uri},
            cookies=self.person.browser.http.cookies.get_dict(),
            allow_redirects=False,
            timeout=60,
        )
        return answer.status_code, parse(answer.headers.get("Location", ""))


@pytest.fixture(scope="module")
def partner(stack, people, tmp_path_factory) -> SigningPartner:
    document = a_registration(
        client_id="signataire",
        client_secret=None,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [KEY.as_dict(private=False)]},
    )
    file = tmp_path_factory.mktemp("partners") / "signataire.json"
    file.write_text(json.dumps(document))
    stack.command("clients", "apply", str(file), "--yes")
    person = AccountHolder(stack, next(people), "signataire@exemple.fr")
    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()
    found = SigningPartner(stack, document, person)
    found.code()  # reads the page that informs, and agrees
    return found


@pytest.fixture(autouse=True)
def _no_deadlock(stack):
    before = deadlocks(stack)
    yield
    assert deadlocks(stack) == before


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_an_assertion_proves_the_client_once(partner, stack, round_):
    assertion = partner.assertion()
    before = recorded(stack, "client.assertion.replayed")

    answers = at_once(*[lambda: partner.pushes(assertion)] * 20)

    assert statuses(answers) == {201: 1, 401: 19}, round_
    assert {answer["error"] for status, answer in answers if status == 401} == {"invalid_client"}
    assert recorded(stack, "client.assertion.replayed") == before + 19


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_pushed_request_gives_one_code(partner, stack, round_):
    status, pushed = partner.pushes(partner.assertion())
    assert status == 201
    before = recorded(stack, "code.issued")

    answers = at_once(*[lambda: partner.opens(pushed["request_uri"])] * 20)

    assert Counter("code" in answer for _, answer in answers) == {True: 1, False: 19}, round_
    assert statuses(answers) == {303: 1, 400: 19}
    assert recorded(stack, "code.issued") == before + 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_fresh_assertions_at_once_all_prove_the_client(partner, round_):
    assertions = [partner.assertion() for _ in range(20)]

    answers = at_once(*[lambda a=a: partner.pushes(a) for a in assertions])

    assert statuses(answers) == {201: 20}, round_
    assert len({answer["request_uri"] for _, answer in answers}) == 20
