"""Keys that others encrypt for: published one at a time, opening a while longer, destroyed."""

from datetime import timedelta

import pytest

from broker.app import create_app
from broker.audit.model import Actor
from broker.audit.store import AuditStore
from broker.foundation import Foundation
from broker.keys.encryption import EncryptionKeys
from broker.keys.model import KeyUnknown, State
from broker.keys.rotation import KeyPolicy
from broker.keys.store import ENCRYPTION_KEY
from tests.conftest import test_settings

OPERATOR = Actor(kind="admin", ref="test")


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_FRANCECONNECT_JWE="ECDH-ES")


@pytest.fixture
def keys(app) -> EncryptionKeys:
    return app.extensions["broker"][EncryptionKeys]


def published(keys) -> list[str]:
    return [key["kid"] for key in keys.jwks()["keys"]]


def test_the_demo_makes_its_first_key_at_first_use(keys):
    (kid,) = published(keys)

    assert published(keys) == [kid]
    assert keys.opening(kid).kid == kid
    assert keys.opening(None).kid == kid
    assert keys.opening("another") is None


def test_production_makes_none_by_itself(keys):
    policy = KeyPolicy(
        cache_life=600, use_life=60, sign_life=86_400, rsa_bits=2_048, makes_own=False
    )
    strict = EncryptionKeys(keys.store, keys.audit, keys.db, keys.clock, policy, "ECDH-ES")

    assert strict.jwks() == {"keys": []}
    (made,) = strict.rotate(OPERATOR)
    assert published(strict) == [made.kid]


def test_where_no_encryption_was_agreed_there_is_no_key(keys):
    none = EncryptionKeys(keys.store, keys.audit, keys.db, keys.clock, keys.policy, None)

    assert none.rotate(OPERATOR) == ()
    assert none.jwks() == {"keys": []}


def test_a_new_key_replaces_the_old_one_at_once_which_opens_for_a_day(keys, clock):
    (old,) = published(keys)
    (made,) = keys.rotate(OPERATOR)

    assert published(keys) == [made.kid]
    clock.advance(days=1, seconds=-1)
    assert keys.opening(old)
    assert keys.opening(None) is None  # two could be meant
    clock.advance(seconds=1)
    assert keys.opening(old) is None
    assert keys.opening(None).kid == made.kid


def test_several_keys_open_at_the_same_time(keys):
    kids = [*published(keys), *(keys.rotate(OPERATOR)[0].kid for _ in range(3))]

    assert [keys.opening(kid).kid for kid in kids] == kids
    assert len(set(kids)) == 4


def test_a_key_made_by_another_process_opens_at_once(keys, settings, clock):
    published(keys)
    other_app = create_app(settings, clock=clock)
    (made,) = other_app.extensions["broker"][EncryptionKeys].rotate(OPERATOR)

    assert keys.opening(made.kid)
    other_app.extensions["broker"][Foundation].db.engine.dispose()


def test_a_key_that_others_know_is_destroyed_at_once_and_replaced(app, keys, clock):
    (stolen,) = published(keys)

    keys.retire(stolen, OPERATOR)

    assert keys.opening(stolen) is None
    (fresh,) = published(keys)
    assert fresh != stolen
    assert keys.db.scalar(
        ENCRYPTION_KEY.select()
        .with_only_columns(ENCRYPTION_KEY.c.private)
        .where(ENCRYPTION_KEY.c.kid == stolen)
    ) is None  # fmt: skip
    with pytest.raises(KeyUnknown):
        keys.retire(stolen, OPERATOR)
    trail = app.extensions["broker"][AuditStore]
    assert len(list(trail.search(type_prefix="key.retired"))) == 1
    assert [key.state(clock()) for key in keys.every() if key.kid == stolen] == [State.REMOVED]


def test_private_parts_are_sealed_and_destroyed_when_they_open_nothing_more(keys, clock):
    (old,) = published(keys)
    column = ENCRYPTION_KEY.c.private
    row = ENCRYPTION_KEY.select().with_only_columns(column).where(ENCRYPTION_KEY.c.kid == old)
    sealed, private = keys.db.scalar(row), keys.opening(old)
    keys.rotate(OPERATOR)
    task, _ = keys.tasks()

    clock.now += timedelta(days=1, seconds=-1)
    before = task.run()
    clock.advance(seconds=1)
    after = task.run()

    assert private.as_dict(private=True)["d"].encode() not in sealed
    assert (before, after) == (0, 1)
    assert keys.db.scalar(row) is None


@pytest.mark.parametrize(("algorithm", "kind"), [("ECDH-ES", "EC"), ("RSA-OAEP-256", "RSA")])
def test_another_algorithm_needs_another_key(keys, algorithm, kind):
    published(keys)
    chosen = EncryptionKeys(keys.store, keys.audit, keys.db, keys.clock, keys.policy, algorithm)

    (key,) = chosen.jwks()["keys"]

    assert (key["kty"], key["alg"], key["use"]) == (kind, algorithm, "enc")


def test_a_successor_is_published_by_itself_in_time(keys, clock):
    (first,) = published(keys)
    due = next(task for task in keys.tasks() if task.name == "encryption keys rotation")

    clock.advance(days=180, seconds=-1)
    assert due.run() == 0
    clock.advance(seconds=1)
    assert due.run() == 1
    assert due.run() == 0

    (successor,) = published(keys)
    assert successor != first
    assert keys.opening(first) is not None
