"""Steps of a login on an app's screens, twenty at once over two processes: each is taken once."""

import json
import secrets
import time
from collections import Counter

import pytest
import requests

from tests.support.account_holder import CODE, AccountHolder
from tests.support.key_partner import DPoPKey
from tests.support.own_app import CHALLENGE, FIRST_PARTY
from tests.support.partner import a_registration
from tests.support.person import PASSWORD
from tests.support.remote_partner import Answer, RemotePartner, at_once, deadlocks, recorded

pytestmark = pytest.mark.processes
KEY = DPoPKey()


class RemoteApp(RemotePartner):
    """An app of ours on a telephone; its holder has agreed on the pages."""

    def asks(self, **form: str) -> Answer:
        """Send one step, with a fresh proof, over a connection of its own."""
        address = self.stack.url("broker")
        proof = KEY.proof(CHALLENGE, int(time.time()), issuer=address)
        body = {"client_id": self.registered["client_id"], **form}
        answer = requests.post(address + CHALLENGE, data=body, headers={"DPoP": proof}, timeout=60)
        return answer.status_code, answer.json()

    def begins(self) -> str:
        request = self.request(secrets.token_urlsafe(48))
        del request["redirect_uri"]
        return str(self.asks(**request)[1]["auth_session"])

    def gives_password(self, auth_session: str) -> Answer:
        nir = self.person.insured.nir
        return self.asks(auth_session=auth_session, nir=nir, password=PASSWORD)


@pytest.fixture(scope="module")
def own_app(stack, people, tmp_path_factory) -> RemoteApp:
    document = a_registration(**FIRST_PARTY)
    file = tmp_path_factory.mktemp("partners") / "application.json"
    file.write_text(json.dumps(document))
    stack.command("clients", "apply", str(file), "--yes")
    person = AccountHolder(stack, next(people), "application@exemple.fr")
    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()
    app = RemoteApp(stack, document, person)
    app.code()  # where the person reads the page that informs, and agrees
    return app


def test_a_step_is_taken_once_over_two_processes(own_app, stack):
    locks, issued = deadlocks(stack), recorded(stack, "code.issued")
    sent = len(own_app.person.received(CODE))
    thread = own_app.begins()

    passwords = at_once(*[lambda: own_app.gives_password(thread)] * 20)
    (following,) = [told["auth_session"] for _, told in passwords if "auth_session" in told]
    code = own_app.person.newest(CODE, sent + 1)
    codes = at_once(*[lambda: own_app.asks(auth_session=following, code=code)] * 20)

    once = {"insufficient_authorization": 1, "invalid_session": 19}
    assert Counter(told["error"] for _, told in passwords) == once
    assert Counter(status for status, _ in codes) == {200: 1, 400: 19}
    assert len(own_app.person.received(CODE)) == sent + 1
    assert recorded(stack, "code.issued") == issued + 1
    assert deadlocks(stack) == locks
