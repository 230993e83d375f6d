"""A request of the JSON API, twenty times at once over two processes under one key: one effect."""

import uuid
from collections import Counter

import pytest
import requests

from tests.support.remote_partner import at_once, deadlocks
from tests.support.stack import Stack

pytestmark = pytest.mark.processes


def test_twenty_tries_under_one_key_begin_one_journey(stack: Stack) -> None:
    address = f"{stack.url('broker')}/api/v1/creations"
    headers = {"Idempotency-Key": str(uuid.uuid4())}

    def begin():
        answer = requests.post(address, json={"cgu": "oui"}, headers=headers, timeout=60)
        return answer.status_code, answer.json()

    answers = at_once(*[begin] * 20)

    tokens = {body["journey_token"] for status, body in answers if status == 201}
    assert len(tokens) == 1
    assert Counter(status for status, _ in answers).keys() <= {201, 409}
    assert {body["code"] for status, body in answers if status == 409} <= {
        "idempotency-key-in-use"
    }
    assert begin()[1]["journey_token"] in tokens
    assert deadlocks(stack) == 0
