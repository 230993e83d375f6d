"""Repeated requests of one idempotency key: one effect, one answer, for a day."""

import json
import uuid

import pytest
from sqlalchemy import select

from broker.api.idempotency import Idempotency
from broker.api.model import KeyInUse
from broker.api.store import ANSWER
from broker.signup.by_card import ByCard
from tests.unit.api.conftest import BASE
from tests.unit.mobile.owner import ACCOUNT
from tests.unit.signup.visitor import IDENTITY

pytestmark = pytest.mark.usefixtures("insured_id")
KEY = str(uuid.UUID(int=7))


@pytest.fixture
def repeats(client, native):
    """Post a step under a key, with the token that the app holds."""

    def post(step, members, key=KEY, token=None):
        headers = {
            "Idempotency-Key": key,
            "Journey-Token": token or native.token,
        }
        answer = client.post(BASE + step, json=members, headers=headers)
        native._require_documented(BASE + step, answer)
        return answer

    return post


def test_the_account_is_opened_once_and_its_answer_given_again(bench, native, repeats):
    native.comes_to_account()

    first, again = (repeats("/compte", ACCOUNT) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert len(bench.events("account.created")) == 1


def test_a_lost_token_is_given_again_and_serves(native, repeats):
    native.begins()
    lost = repeats("/identite", IDENTITY).json["journey_token"]

    native.token = repeats("/identite", IDENTITY).json["journey_token"]

    assert native.token == lost
    assert native.proves().status_code == 200


def test_a_key_quoted_as_the_draft_asks_is_the_same_key(repeats):
    first = repeats("", {"cgu": "oui"}).json

    assert repeats("", {"cgu": "oui"}, f'"{KEY}"').json == first
    assert repeats("", {"cgu": "oui"}, str(uuid.UUID(int=8))).json != first


def test_another_body_or_another_step_under_the_key_is_refused(native, repeats):
    native.begins()
    repeats("/identite", IDENTITY)

    for answer in (repeats("/identite", {**IDENTITY, "nom": "X"}), repeats("/carte", IDENTITY)):
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")


def test_the_key_of_another_journey_is_another_key(native, repeats):
    native.begins()
    repeats("/identite", IDENTITY)

    answer = repeats("/identite", IDENTITY, token="unknown")

    assert (answer.status_code, answer.json["code"]) == (409, "signup-restart")


@pytest.mark.parametrize("key", ["x" * 19, "x" * 256, 'x"' * 20, ""])
def test_a_key_that_others_may_choose_as_well_is_refused(repeats, key):
    answer = repeats("", {"cgu": "oui"}, key)

    assert (answer.status_code, answer.json["code"]) == (400, "idempotency-key-invalid")
    assert repeats("", {"cgu": "oui"}, "x" * 20).status_code == 201


def test_an_answer_is_given_again_for_a_day_and_then_purged(bench, clock, repeats):
    first = repeats("", {"cgu": "oui"}).json
    clock.advance(hours=24, seconds=-1)
    assert repeats("", {"cgu": "oui"}).json == first
    purge = bench.of(Idempotency).tasks()[0].run
    assert purge() == 0

    clock.advance(seconds=1)

    assert repeats("", {"cgu": "oui"}).json != first
    clock.advance(hours=24)
    assert purge() == 1


def test_a_request_under_way_is_waited_for_until_its_process_is_taken_for_dead(
    bench, clock, client
):
    service, ask = bench.of(Idempotency), (KEY, "", BASE, b'{"cgu": "oui"}')
    claim = service.claim(*ask)
    clock.advance(seconds=59)
    with pytest.raises(KeyInUse):
        service.claim(*ask)
    headers = {"Idempotency-Key": KEY}
    busy = client.post(BASE, data=ask[3], content_type="application/json", headers=headers)
    assert (busy.status_code, busy.json["code"]) == (409, "idempotency-key-in-use")

    clock.advance(seconds=1)

    assert service.claim(*ask).until > claim.until


def test_a_wait_is_not_kept(limit, native, repeats):
    native.begins()
    limit(ByCard, identity_pair_count=0)
    assert repeats("/identite", IDENTITY).status_code == 429

    limit(ByCard, identity_pair_count=5)

    assert repeats("/identite", IDENTITY).status_code == 200


def test_nothing_of_the_request_or_the_answer_is_readable_at_rest(bench, native, repeats):
    native.begins()
    token = repeats("/identite", IDENTITY).json["journey_token"]

    row = bench.of(Idempotency).db.one(select(ANSWER))
    written = b"".join(value for value in row if isinstance(value, bytes))
    for secret in (token, KEY, json.dumps(IDENTITY), "card"):
        assert secret.encode() not in written
