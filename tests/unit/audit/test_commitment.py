"""What a leaf commits to, and what of it stays hidden."""

import base64
import hashlib
import json
from contextvars import Context

import pytest

from broker.audit.commitment import SHOWN, canonical, for_partner, leaf_of
from broker.audit.model import TokenFacts
from broker.audit.tree import leaf_hash
from broker.oidc.exchange.events import TokenIssued
from tests.unit.audit.conftest import event

HIDDEN = {"subject_ref", "auth_event_id", "session_ref", "code_ref", "actor", "retention", "salt"}


@pytest.fixture
def issued(trail) -> dict:
    """The event of a token, as it is made ready outside of any request."""
    (row,) = Context().run(trail.audit.ready, [an_issue()])
    return json.loads(row["body"])


def an_issue() -> TokenIssued:
    return TokenIssued(
        subject="an account",
        auth_event_id="K7TP-4WQD-2M",
        session_ref="s-91be",
        client_id="partenaire",
        code_ref="0" * 32,
        subject_pairwise="a" * 43,
        token=TokenFacts(kind="access", hash_prefix="1" * 32),
    )


def test_the_leaf_of_a_token_holds_what_its_partner_may_see_and_a_digest_of_the_rest(issued):
    rest = {name: value for name, value in issued.items() if name not in SHOWN}
    digest = hashlib.sha256(canonical(rest).encode()).digest()

    shown = for_partner(issued)

    assert rest.keys() == HIDDEN
    assert shown.keys() == (issued.keys() - HIDDEN) | {"withheld"}
    assert shown["withheld"] == base64.b64encode(digest).decode()
    assert leaf_of(canonical(issued)) == leaf_hash(canonical(shown).encode())


def test_two_events_that_withhold_the_same_have_different_digests(trail):
    bodies = [json.loads(row["body"]) for row in trail.audit.ready([an_issue(), an_issue()])]

    first, second = (for_partner(body)["withheld"] for body in bodies)

    assert len(bodies[0]["salt"]) == 22  # 128 bits
    assert first != second


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_the_leaf_binds_each_member_that_it_hides(issued, name):
    assert leaf_of(canonical(issued | {name: "another"})) != leaf_of(canonical(issued))


def test_another_spelling_of_an_event_is_another_leaf(issued):
    """Else who holds the database could change bytes that the leaf does not bind."""
    spelled = json.dumps(issued, sort_keys=True)
    repeated = canonical(issued).replace('"v":2', '"v":1,"v":2')

    leaves = {leaf_of(text) for text in (canonical(issued), spelled, repeated)}

    assert len(leaves) == 3


def test_every_other_event_is_its_leaf_byte_for_byte(trail):
    (row,) = trail.audit.ready([event(1)])

    assert leaf_of(row["body"]) == leaf_hash(row["body"].encode())


def test_an_event_from_before_there_was_chance_in_it_keeps_its_leaf(issued):
    del issued["salt"]
    body = canonical(issued | {"v": 1})

    assert leaf_of(body) == leaf_hash(body.encode())
