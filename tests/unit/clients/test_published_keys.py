"""Keys that a partner publishes: fetched when needed, kept for a while, never in a storm."""

import time

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from broker.base.outgoing import Outgoing
from broker.clients.files import FileReader
from broker.clients.keys import PartnerKeys
from broker.clients.model import KeysUnavailable
from broker.foundation import Foundation
from tests.support.key_publisher import a_key_publisher
from tests.support.partner import a_registration
from tests.unit.oidc.test_parallel_redemption import at_once

ONE, TWO = (ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}) for kid in ("one", "two"))
ENC = ECKey.generate_key("P-256", {"kid": "enc", "use": "enc", "alg": "ECDH-ES"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "enc", "alg": "RSA-OAEP-256"})


class Ticks:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def keys(app, ticks):
    db = app.extensions["broker"][Foundation].db
    return PartnerKeys(Outgoing.of(db, lenient=True, threads=4), ticks)


@pytest.fixture
def published():
    with a_key_publisher() as publisher:
        publisher.publishes(ONE)
        yield publisher


@pytest.fixture
def client(published):
    document = a_registration(
        jwks_uri=published.address,
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg="ES256",
        client_secret=None,
    )
    return FileReader(lenient=True).judge(document).registration.client()


def kid_of(keys, client, kid):
    return keys.verifying(client, kid, "ES256").kid


def test_a_set_is_read_once_a_minute(keys, client, published, ticks):
    kid_of(keys, client, "one")
    ticks.now += 59
    kid_of(keys, client, "one")
    before = published.asked
    ticks.now += 1
    kid_of(keys, client, "one")

    assert (before, published.asked) == (1, 2)


@pytest.mark.parametrize(("cache", "life"), [("max-age=10", 10), ("public, max-age=900", 600)])
def test_the_partner_says_how_long_its_keys_are_kept_up_to_ten_minutes(
    keys, client, published, ticks, cache, life
):
    published.cache_control = cache
    kid_of(keys, client, "one")
    ticks.now += life - 1
    kid_of(keys, client, "one")
    before = published.asked
    ticks.now += 1
    kid_of(keys, client, "one")

    assert (before, published.asked) == (1, 2)


def test_a_partner_that_forbids_keeping_is_asked_each_time(keys, client, published):
    published.cache_control = "max-age=0"

    assert [kid_of(keys, client, "one") for _ in range(3)] == ["one"] * 3
    assert published.asked == 3


def test_a_new_key_is_found_at_once(keys, client, published):
    kid_of(keys, client, "one")
    published.publishes(TWO)

    assert kid_of(keys, client, "two") == "two"
    assert published.asked == 2


def test_many_who_sign_with_a_new_key_at_once_are_all_right(keys, client, published):
    """While one reads the new set, the others wait for it; nobody is told that it is wrong."""
    kid_of(keys, client, "one")
    published.publishes(TWO)
    published.delay = 0.3

    found = at_once(lambda: kid_of(keys, client, "two"), times=3)

    assert found == ["two"] * 3
    assert published.asked == 2


def test_those_who_wait_for_a_slow_set_never_hold_every_thread(keys, client, published):
    """Of 4 threads, one calls and two wait: the last is refused at once."""
    kid_of(keys, client, "one")
    published.delay = 1.0
    refusals = []

    def forged():
        began = time.monotonic()
        with pytest.raises(KeysUnavailable) as refusal:
            kid_of(keys, client, "forged")
        refusals.append((time.monotonic() - began < 0.5, refusal.value.reason))

    at_once(forged, times=4)

    assert sorted(refusals) == [(False, "no_key")] * 3 + [(True, "jwks_uri:busy")]
    assert published.asked == 2


def test_an_unknown_key_has_the_set_read_once_then_waits(keys, client, published, ticks):
    kid_of(keys, client, "one")

    for _ in range(5):
        with pytest.raises(KeysUnavailable, match="no_key"):
            kid_of(keys, client, "forged")
    assert published.asked == 2

    published.publishes(TWO)
    ticks.now += 5
    assert kid_of(keys, client, "two") == "two"


def test_the_last_good_keys_serve_while_new_ones_cannot_be_had(keys, client, published, ticks):
    kid_of(keys, client, "one")
    published.status = "503 Busy"
    ticks.now += 86_399

    assert kid_of(keys, client, "one") == "one"
    assert kid_of(keys, client, "one") == "one"
    assert published.asked == 2  # the failed refresh is not tried at each use


def test_keys_that_nobody_confirmed_for_a_day_serve_no_more(keys, client, published, ticks):
    kid_of(keys, client, "one")
    published.status = "503 Busy"
    ticks.now += 86_400

    with pytest.raises(KeysUnavailable, match="jwks_uri:http_503"):
        kid_of(keys, client, "one")


def test_an_address_that_gives_nothing_is_left_alone_for_a_moment(keys, client, published, ticks):
    published.status = "500 Broken"
    for _ in range(3):
        with pytest.raises(KeysUnavailable, match="jwks_uri:http_500"):
            kid_of(keys, client, "one")
    assert published.asked == 1

    published.status = "200 OK"
    ticks.now += 5
    assert kid_of(keys, client, "one") == "one"


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"<html>", "200 OK", "json"),
        (b"[]", "200 OK", "json"),
        (b'{"keys":"none"}', "200 OK", "json"),
        (b"[" * 5_000, "200 OK", "json"),
        (b'{"keys":[' + b",".join([b"{}"] * 51) + b"]}", "200 OK", "json"),
        (b"x" * 65_537, "200 OK", "too_large"),
        (b"{}", "404 No", "status"),
        (b"", "302 Go", "redirect"),
    ],
)
def test_what_is_no_key_set_is_not_used(keys, client, published, body, status, reason):
    published.body, published.status = body, status

    with pytest.raises(KeysUnavailable, match=f"jwks_uri:{reason}"):
        kid_of(keys, client, "one")


def test_keys_that_are_not_accepted_are_passed_over(keys, client, published):
    """A private key that was published proves nothing of who signs with it."""
    leaked = ECKey.generate_key("P-256", {"kid": "leaked"})
    published.publishes(ONE, ECKey.generate_key("P-384", {"kid": "long"}), OKPKey.generate_key())
    published.keys += [
        leaked.as_dict(private=True),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {"kty": "AKP", "kid": "unheard of"},
        {"kty": "EC", "kid": "half"},
        "text",
    ]

    assert kid_of(keys, client, "one") == "one"
    for kid in ("leaked", "long", "shared", "half"):
        with pytest.raises(KeysUnavailable, match="no_key"):
            kid_of(keys, client, kid)


def test_a_key_kept_for_encryption_verifies_nothing_and_the_reverse(keys, client, published):
    published.publishes(ONE, ENC)

    with pytest.raises(KeysUnavailable, match="no_key"):
        kid_of(keys, client, "enc")
    assert keys.encrypting(client, "ECDH-ES").kid == "enc"
    published.publishes(ONE)
    with pytest.raises(KeysUnavailable, match="no_key"):
        keys.encrypting(client, "RSA-OAEP-256")


@pytest.mark.parametrize(("algorithm", "kid"), [("ECDH-ES", "enc"), ("RSA-OAEP-256", "rsa")])
def test_the_key_to_encrypt_for_is_chosen_by_use_and_algorithm(
    keys, client, published, algorithm, kid
):
    other = ECKey.generate_key("P-256", {"kid": "x", "use": "enc", "alg": "ECDH-ES+A256KW"})
    published.publishes(ONE, other, RSA, ENC)

    assert keys.encrypting(client, algorithm).kid == kid


def test_of_several_keys_to_encrypt_for_the_first_one_serves(keys, client, published):
    newer = ECKey.generate_key("P-256", {"kid": "newer", "use": "enc"})
    published.publishes(newer, ENC)

    assert keys.encrypting(client, "ECDH-ES").kid == "newer"


def test_nothing_is_fetched_inside_a_transaction(app, keys, client):
    db = app.extensions["broker"][Foundation].db
    with db.transaction(), pytest.raises(RuntimeError, match="transaction"):
        kid_of(keys, client, "one")
