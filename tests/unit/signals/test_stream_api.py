"""The stream of a partner, as the partner reads and steers it."""

import base64
import json

import pytest

from broker.accounts.administration import Administration
from broker.base.limits import Limits
from broker.clients.administration import ClientAdministration
from broker.signals.model import stream_id
from broker.signals.streams import Streams
from tests.conftest import ROOT
from tests.support.commands import command
from tests.support.key_partner import DPoPKey
from tests.support.partner import OPERATOR, SECRET, events, register
from tests.support.set_receiver import delivers, kinds, told

pytestmark = pytest.mark.usefixtures("listener")
STREAM = stream_id("partenaire")


@pytest.fixture
def api(app):
    return app.test_client()


@pytest.fixture
def token(api):
    """Return a function that takes a token of the partner for itself."""

    def take(client_id="partenaire", headers=(), **form):
        basic = base64.b64encode(f"{client_id}:{SECRET}".encode()).decode()
        return api.post(
            "/token",
            data={"grant_type": "client_credentials", **form},
            headers={"Authorization": f"Basic {basic}", **dict(headers)},
        )

    return take


@pytest.fixture
def bearer(token):
    return {"Authorization": f"Bearer {token().get_json()['access_token']}"}


def test_the_transmitter_describes_itself(app, api):
    issuer = app.extensions["broker"][Streams].issuer

    told_of = api.get("/.well-known/ssf-configuration").get_json()

    assert told_of["spec_version"] == "1_0"
    assert told_of["issuer"] == issuer
    assert told_of["delivery_methods_supported"] == ["urn:ietf:rfc:8935"]
    assert told_of["authorization_schemes"] == [{"spec_urn": "urn:ietf:rfc:6749"}]
    for name in ("jwks_uri", "configuration_endpoint", "status_endpoint", "verification_endpoint"):
        answer = api.get(told_of[name].removeprefix(issuer))
        assert answer.status_code in {200, 401, 405}, name
    assert api.get("/.well-known/ssf-configuration/autre").status_code == 404


def test_a_partner_reads_its_stream_without_its_secret(api, bearer, receiver):
    (found,) = api.get("/ssf/stream", headers=bearer).get_json()
    named = api.get("/ssf/stream", query_string={"stream_id": STREAM}, headers=bearer).get_json()

    assert found == named
    assert found["stream_id"] == STREAM
    assert found["aud"] == "partenaire"
    assert found["delivery"] == {
        "method": "urn:ietf:rfc:8935",
        "endpoint_url": receiver.address,
    }
    assert len(found["events_delivered"]) == len(found["events_requested"]) == 9


def test_a_partner_pauses_goes_on_and_disables(app, api, bearer, holder, receiver):
    def is_set_to(status, **more):
        body = {"stream_id": STREAM, "status": status, **more}
        return api.post("/ssf/status", json=body, headers=bearer).get_json()

    paused = is_set_to("paused", reason="maintenance")
    administration = app.extensions["broker"][Administration]
    administration.disable(holder.account_id, operator="test", reason="fraude")
    held = delivers(app)
    read = api.get("/ssf/status", query_string={"stream_id": STREAM}, headers=bearer).get_json()
    disabled = is_set_to("disabled")
    is_set_to("enabled")

    assert paused == read == {"stream_id": STREAM, "status": "paused", "reason": "maintenance"}
    assert disabled == {"stream_id": STREAM, "status": "disabled"}
    assert held == 0
    assert told(app, receiver) == []
    updates = [event["stream"] for event in events(app, "stream.updated")]
    dropped = {each["status"]: each["dropped"] for each in updates}
    assert dropped == {"paused": 0, "disabled": 3, "enabled": 0}


def test_a_verification_comes_back_with_its_state(app, api, bearer, receiver):
    body = {"stream_id": STREAM, "state": "VGhpcyBpcyBhbiBleGFtcGxl"}

    answer = api.post("/ssf/verify", json=body, headers=bearer)
    (claims,) = told(app, receiver)

    assert answer.status_code == 204
    assert kinds([claims]) == ["verification"]
    assert next(iter(claims["events"].values())) == {"state": body["state"]}
    assert claims["sub_id"] == {"format": "opaque", "id": STREAM}
    assert len(events(app, "stream.verification")) == 1


def test_a_disabled_stream_is_not_verified(api, bearer):
    disabled = {"stream_id": STREAM, "status": "disabled"}
    api.post("/ssf/status", json=disabled, headers=bearer)

    assert api.post("/ssf/verify", json={"stream_id": STREAM}, headers=bearer).status_code == 400


def test_ten_verifications_an_hour_are_enough(app, api, bearer):
    streams = app.extensions["broker"][Streams]
    limited = Streams(**{**vars(streams), "limits": Limits()})
    app.extensions["broker"][Streams] = limited

    statuses = [
        api.post("/ssf/verify", json={"stream_id": STREAM}, headers=bearer).status_code
        for _ in range(11)
    ]

    assert statuses == [204] * 10 + [429]
    *asked, limited = events(app, "stream.verification")
    assert len(asked) == 10
    assert (limited["outcome"], limited["reason_code"]) == ("failure", "limited")
    assert limited["client_id"] == "partenaire"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"stream_id": STREAM, "status": "gone"}, 400),
        ({"stream_id": STREAM}, 400),
        ({"status": "paused"}, 400),
        ({"stream_id": "another", "status": "paused"}, 404),
        ({"stream_id": STREAM, "status": "paused", "more": "x"}, 400),
        ({"stream_id": STREAM, "status": "paused", "reason": "x" * 256}, 400),
        ({"stream_id": STREAM, "status": "paused", "reason": "x" * 255}, 200),
        (["paused"], 400),
    ],
    ids=str,
)
def test_a_wrong_wish_changes_nothing(api, bearer, body, status):
    answer = api.post("/ssf/status", json=body, headers=bearer)

    query = {"stream_id": STREAM}
    now = api.get("/ssf/status", query_string=query, headers=bearer).get_json()["status"]
    assert answer.status_code == status
    assert now == ("paused" if status == 200 else "enabled")


def test_a_token_reads_where_it_may_only_read(api, token):
    text = token(scope="ssf.read").get_json()["access_token"]
    bearer = {"Authorization": f"Bearer {text}"}
    body = {"stream_id": STREAM, "status": "paused"}

    refused = api.post("/ssf/status", json=body, headers=bearer)

    assert api.get("/ssf/stream", headers=bearer).status_code == 200
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]


def test_the_token_of_a_person_is_no_token_of_the_partner(api, listener, bearer):
    of_person = listener.tokens()["access_token"]

    refused = api.get("/ssf/stream", headers={"Authorization": f"Bearer {of_person}"})
    userinfo = api.get("/userinfo", headers=bearer)

    assert refused.status_code == userinfo.status_code == 401


@pytest.mark.parametrize(("age", "status"), [(299, 200), (300, 401)])
def test_a_token_lives_five_minutes(api, bearer, clock, age, status):
    clock.advance(seconds=age)

    assert api.get("/ssf/stream", headers=bearer).status_code == status


def test_a_token_bound_to_a_key_serves_who_proves_it_and_each_proof_once(app, api, token, clock):
    issuer, key = app.extensions["broker"][Streams].issuer, DPoPKey()
    now = int(clock().timestamp())
    given = token(headers={"DPoP": key.proof("/token", now, issuer=issuer)}).get_json()
    text = given["access_token"]
    proof = key.proof("/ssf/stream", now, issuer=issuer, method="GET", token=text)
    stranger = DPoPKey().proof("/ssf/stream", now, issuer=issuer, method="GET", token=text)

    def reads(scheme, **headers):
        shown = {"Authorization": f"{scheme} {text}", **headers}
        return api.get("/ssf/stream", headers=shown).status_code

    assert given["token_type"] == "DPoP"
    assert reads("Bearer") == 401
    assert reads("DPoP") == 401
    assert reads("DPoP", DPoP=stranger) == 401
    assert reads("DPoP", DPoP=proof) == 200
    assert reads("DPoP", DPoP=proof) == 401


def test_a_partner_that_is_switched_off_reads_nothing_nor_later(app, api, bearer, clock):
    administration = app.extensions["broker"][ClientAdministration]
    clock.advance(seconds=1)
    administration.disable("partenaire", OPERATOR)
    off = api.get("/ssf/stream", headers=bearer).status_code
    administration.enable("partenaire", OPERATOR)
    on_again = api.get("/ssf/stream", headers=bearer).status_code

    assert (off, on_again) == (401, 401)


def test_without_a_token_nothing_is_told(api):
    assert api.get("/ssf/stream").status_code == 401
    assert api.get("/ssf/status", query_string={"stream_id": STREAM}).status_code == 401
    assert api.post("/ssf/verify", json={"stream_id": STREAM}).status_code == 401


def test_a_client_without_a_stream_gets_no_token(app, token):
    register(app, client_id="sans-flux")

    refused = token(client_id="sans-flux")

    assert (refused.status_code, refused.get_json()["error"]) == (400, "unauthorized_client")


def test_another_scope_is_refused(token):
    assert token(scope="openid").get_json()["error"] == "invalid_scope"


def test_operators_see_each_stream_and_what_waits(app, api, bearer, holder, database_url):
    register(app, client_id="sans-flux")
    api.post("/ssf/status", json={"stream_id": STREAM, "status": "paused"}, headers=bearer)
    administration = app.extensions["broker"][Administration]
    administration.disable(holder.account_id, operator="test", reason="fraude")
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": database_url,
    }

    listed = command("clients", "list", "--json", environment=environment)

    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    assert {row["client_id"]: row["signals"] for row in rows} == {
        "partenaire": "paused, 3 waiting since 2026-03-02T11:00:00+00:00",
        "sans-flux": None,
    }
