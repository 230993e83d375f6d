"""Keys are announced, used, retired and removed at their times; every process agrees."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from broker.app import create_app
from broker.audit.model import Actor
from broker.base.errors import ServiceNotReady
from broker.foundation import Foundation
from broker.keys.model import Algorithm, KeyUnknown, State
from broker.keys.rotation import Keys
from broker.keys.store import KEY

OPERATOR = Actor(kind="admin", ref="test")


@pytest.fixture
def keys(app) -> Keys:
    return app.extensions["broker"][Keys]


def states(keys: Keys, clock) -> list[State]:
    return [key.state(clock()) for key in keys.every() if key.algorithm is Algorithm.ES256]


def published(keys: Keys) -> set[str]:
    return {key["kid"] for key in keys.jwks()["keys"] if key["alg"] == "ES256"}


def test_the_demo_makes_its_first_keys_at_first_use(keys):
    signing = keys.signing("ES256")

    assert {signing.kid} == published(keys)
    assert {key["alg"] for key in keys.jwks()["keys"]} == {"ES256", "PS256", "RS256"}


def test_production_makes_none_by_itself(keys):
    strict = Keys(
        keys.store, keys.audit, keys.db, keys.clock, keys.policy.__class__(
            cache_life=600, use_life=60, sign_life=60, rsa_bits=2048, makes_own=False
        ),
    )  # fmt: skip

    with pytest.raises(ServiceNotReady):
        strict.signing("ES256")
    assert strict.jwks() == {"keys": []}
    strict.rotate(OPERATOR)
    assert strict.signing("ES256")


def test_a_new_key_signs_once_every_cache_has_seen_it(keys, clock):
    old = keys.signing("ES256")
    new = next(k for k in keys.rotate(OPERATOR) if k.algorithm is Algorithm.ES256)

    clock.advance(seconds=604)  # the last process may have announced it 5 seconds late
    before = keys.signing("ES256").kid
    clock.advance(seconds=1)
    after = keys.signing("ES256").kid

    assert (before, after) == (old.kid, new.kid)
    assert published(keys) == {old.kid, new.kid}


def test_each_rotation_announces_a_key_of_each_algorithm(keys, clock):
    keys.signing("ES256")
    made = [key for _ in range(3) for key in keys.rotate(OPERATOR)]

    assert len({key.kid for key in made}) == 9
    assert states(keys, clock).count(State.ANNOUNCED) == 3
    assert len(published(keys)) == 4
    clock.advance(minutes=10, seconds=5)
    assert keys.signing("ES256").kid in {key.kid for key in made}
    assert sorted(states(keys, clock)) == ["active", "retired", "retired", "retired"]


def test_a_retired_key_verifies_as_long_as_a_session_can_last(keys, clock):
    old = keys.signing("ES256")
    keys.rotate(OPERATOR)

    clock.advance(minutes=10, hours=12, seconds=4)
    kept = keys.verifying(old.kid)
    clock.advance(seconds=1)

    assert kept
    assert keys.verifying(old.kid) is None
    assert old.kid not in published(keys)


def test_a_rotation_is_in_every_process_within_a_second(keys, settings, clock):
    other_app = create_app(settings, clock=clock)
    other = other_app.extensions["broker"][Keys]
    published(other)

    made = next(k for k in keys.rotate(OPERATOR) if k.algorithm is Algorithm.ES256)
    time.sleep(0.5)

    assert made.kid in published(keys)
    assert made.kid in published(other)
    other_app.extensions["broker"][Foundation].db.engine.dispose()


def test_an_emergency_withdraws_a_key_at_once_and_signs_with_another(keys):
    stolen = keys.signing("ES256")

    keys.retire(stolen.kid, OPERATOR)

    assert keys.signing("ES256").kid != stolen.kid
    assert stolen.kid not in published(keys)
    assert keys.verifying(stolen.kid) is None
    with pytest.raises(KeyUnknown):
        keys.retire("unknown", OPERATOR)


def test_private_parts_are_sealed_and_destroyed_after_their_last_signature(keys, clock, app):
    db = app.extensions["broker"][Foundation].db
    old = keys.signing("ES256")
    sealed = db.scalar(KEY.select().with_only_columns(KEY.c.private).where(KEY.c.kid == old.kid))
    keys.rotate(OPERATOR)
    task, _ = keys.tasks()

    clock.advance(minutes=10, seconds=9)
    early = task.run()  # another process may still sign with it: its clock is behind
    clock.advance(seconds=1)
    late = task.run()

    assert (early, late) == (0, 3)
    assert old.private.as_dict(private=True)["d"].encode() not in sealed
    assert db.all(KEY.select().where(KEY.c.private.is_(None), KEY.c.kid == old.kid))
    assert keys.verifying(old.kid)


def due(keys: Keys) -> int:
    """Do what the worker does every hour; return how many keys it announced."""
    return next(task for task in keys.tasks() if task.name == "signing keys rotation").run()


def test_the_worker_announces_a_successor_in_time_and_once(keys, clock):
    old = keys.signing("ES256").kid

    clock.advance(days=180, seconds=-1)
    assert due(keys) == 0
    clock.advance(seconds=1)
    assert due(keys) == len(Algorithm)
    assert due(keys) == 0

    assert keys.signing("ES256").kid == old
    assert len(published(keys)) == 2
    clock.advance(seconds=605)
    assert keys.signing("ES256").kid != old


def test_of_several_workers_one_announces(keys, clock):
    keys.signing("ES256")
    clock.advance(days=180)

    with ThreadPoolExecutor(4) as workers:
        made = list(workers.map(lambda _: due(keys), range(4)))

    assert sorted(made) == [0, 0, 0, len(Algorithm)]


def test_the_worker_makes_no_first_key(keys):
    assert due(keys) == 0
    assert keys.every() == ()
