"""DPoP proofs over two processes: each is accepted once, fresh ones all of them."""

import http.client
import json
import time
from functools import partial
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.account_holder import AccountHolder
from tests.support.key_partner import DPoPKey
from tests.support.partner import REFRESHING, SECRET, a_registration
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
KEY = DPoPKey()


class BoundPartner(RemotePartner):
    """A partner whose tokens are bound to a key."""

    def proof(self, path: str, method: str = "POST", token: str | None = None) -> str:
        issuer, now = self.stack.url("broker"), int(time.time())
        return KEY.proof(path, now, issuer=issuer, method=method, token=token)

    def calls(self, path: str, form: dict[str, str], *, proof: str | None = None) -> Answer:
        answer = requests.post(
            self.stack.url("broker") + path,
            data=form,
            auth=(self.registered["client_id"], SECRET),
            headers={"DPoP": proof or self.proof(path)},
            timeout=60,
        )
        return answer.status_code, answer.json()

    def refreshes_with(self, token: str, proof: str) -> Answer:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.calls("/token", form, proof=proof)

    def reads(self, token: str, *proofs: str) -> Answer:
        """Read userinfo, over a connection of its own, with so many headers DPoP."""
        place = urlsplit(self.stack.url("broker"))
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
        connection.putrequest("GET", "/userinfo")
        connection.putheader("Authorization", f"DPoP {token}")
        for proof in proofs:
            connection.putheader("DPoP", proof)
        connection.endheaders()
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        assert answer.headers["Date"]  # FAPI 2.0 wants it of every resource
        return answer.status, body


@pytest.fixture(scope="module")
def partner(stack, people, tmp_path_factory) -> BoundPartner:
    document = a_registration(client_id="lie", **REFRESHING, dpop_bound_access_tokens=True)
    file = tmp_path_factory.mktemp("partners") / "lie.json"
    file.write_text(json.dumps(document))
    stack.command("clients", "apply", str(file), "--yes")
    person = AccountHolder(stack, next(people), "lie@exemple.fr")
    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()
    return BoundPartner(stack, document, person)


@pytest.fixture(scope="module")
def tokens(partner):
    return partner.tokens()


@pytest.fixture(autouse=True)
def _no_deadlock(stack):
    before = deadlocks(stack)
    yield
    assert deadlocks(stack) == before


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_proof_is_accepted_once(partner, tokens, stack, round_):
    token = partner.refreshes(tokens["refresh_token"])[1]["access_token"]
    proof = partner.proof("/userinfo", "GET", token)
    before = recorded(stack, "dpop.proof.replayed")

    answers = at_once(*[lambda: partner.reads(token, proof)] * 20)

    assert statuses(answers) == {200: 1, 401: 19}, round_
    assert {a["error"] for status, a in answers if status == 401} == {"invalid_dpop_proof"}
    assert recorded(stack, "dpop.proof.replayed") == before + 19


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_proof_refreshes_once(partner, tokens, round_):
    """The refresh token of such a client serves as often as one likes; a proof does not."""
    proof = partner.proof("/token")

    answers = at_once(*[lambda: partner.refreshes_with(tokens["refresh_token"], proof)] * 20)

    assert statuses(answers) == {200: 1, 400: 19}, round_
    assert {a["error"] for status, a in answers if status == 400} == {"invalid_dpop_proof"}


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_fresh_proofs_at_once_are_all_accepted(partner, tokens, round_):
    token = partner.refreshes(tokens["refresh_token"])[1]["access_token"]
    proofs = [partner.proof("/userinfo", "GET", token) for _ in range(20)]

    answers = at_once(*[partial(partner.reads, token, proof) for proof in proofs])

    assert statuses(answers) == {200: 20}, round_


def test_two_proofs_in_one_request_prove_nothing(partner, tokens):
    token = partner.refreshes(tokens["refresh_token"])[1]["access_token"]
    proofs = [partner.proof("/userinfo", "GET", token) for _ in range(2)]

    assert partner.reads(token, *proofs)[0] == 401
    assert partner.reads(token)[0] == 401
    assert [partner.reads(token, proof)[0] for proof in proofs] == [200, 200]
