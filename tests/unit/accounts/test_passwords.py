"""Hashing: verified as typed, rehashed when costs or keys change, blind to unknown accounts."""

import base64
import hmac
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from structlog.testing import capture_logs

from broker.accounts.accounts import Accounts
from broker.accounts.creation import Creation
from broker.accounts.password_keys import PasswordKeys
from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret, derive_key
from broker.foundation import Foundation
from tests.unit.accounts.builders import NIR, a_new_account

PASSWORD = Secret("Tulipes&Violon7")


@pytest.fixture
def passwords(bench):
    return bench.of(Passwords)


@pytest.fixture
def account(bench, insured_id, passwords):
    hashed = passwords.hash(PASSWORD)
    return bench.of(Creation).open_pending(a_new_account(insured_id, password_hash=hashed))


def test_the_right_password_verifies(passwords, account):
    assert passwords.verify(account, PASSWORD)


@pytest.mark.parametrize("typed", ["", "tulipes&Violon7", "Tulipes&Violon7 ", "\x00", "x" * 400])
def test_any_other_password_does_not(passwords, account, typed):
    assert not passwords.verify(account, Secret(typed))


def test_all_fifty_characters_count(passwords):
    long = "Xk" + "7q" * 24

    hashed = passwords.hash(Secret(long))

    assert passwords.matches(hashed, Secret(long))
    assert not passwords.matches(hashed, Secret(long[:-1] + "z"))


def test_an_unknown_account_costs_a_hash_too(passwords):
    assert not passwords.verify(None, PASSWORD)
    assert passwords.dummy.reveal().startswith("secret-key$argon2id$")


def test_an_account_without_a_password_refuses_every_one(bench, passwords, account):
    dead = replace(account, id="nobody")

    assert not passwords.verify(dead, PASSWORD)
    assert bench.of(Accounts).get(account.id).has_password


def test_a_hash_of_older_costs_is_replaced_at_login(bench, passwords, account):
    stronger = Passwords.of(
        passwords.policy, passwords.store, passwords.db, passwords.keys,
        time_cost=2, memory_cost=2048,
    )  # fmt: skip

    assert stronger.verify(account, PASSWORD)

    stored = passwords.store.password_hash(bench.of(Accounts).by_nir(NIR).id)
    assert "m=2048,t=2" in stored.reveal()
    assert stronger.verify(account, PASSWORD)


def under(passwords, *given):
    """Return the same service with these keys in its settings."""
    return replace(passwords, keys=PasswordKeys.of(given, Secret("the secret key of this test")))


def keep(passwords, account, hashed):
    with passwords.db.transaction():
        passwords.store.set_password(account.id, hashed)


OLD, NEW = ("2026a", b"a" * 32), ("2027a", b"b" * 32)
DERIVED = ("secret-key", b"")


def test_what_is_hashed_is_the_password_under_a_key_outside_the_database(bench, passwords):
    secret_key = bench.of(Foundation).secrets.secret_key
    key = derive_key(secret_key, "passwords")
    digest = hmac.digest(key, PASSWORD.reveal().encode(), "sha256")

    key_id, mark, rest = passwords.hash(PASSWORD).reveal().partition("$")

    assert key_id == "secret-key"
    assert PasswordHasher().verify(mark + rest, base64.b64encode(digest))


def test_whoever_has_the_hash_and_the_password_but_not_the_key_sees_no_match(passwords):
    stored = under(passwords, OLD).hash(PASSWORD)
    thief = under(passwords, ("2026a", b"guessed key of thirty-two bytes!"))

    assert under(passwords, OLD).matches(stored, PASSWORD)
    assert not thief.matches(stored, PASSWORD)


def test_a_hash_from_before_there_were_keys_is_good_and_gets_one_at_the_login(
    bench, insured_id, passwords
):
    keyless = Secret(passwords.hasher.hash(PASSWORD.reveal()))
    new = a_new_account(insured_id, password_hash=keyless)
    account = bench.of(Creation).open_pending(new)

    assert not passwords.verify(account, Secret("Tulipes&Violon8"))
    assert passwords.store.password_hash(account.id) == keyless

    assert passwords.verify(account, PASSWORD)
    assert passwords.store.password_hash(account.id).reveal().startswith("secret-key$")
    assert passwords.verify(account, PASSWORD)


def test_an_older_key_reads_its_hashes_and_the_first_one_takes_them_over(passwords, account):
    keep(passwords, account, under(passwords, OLD).hash(PASSWORD))
    rotated = under(passwords, NEW, OLD)

    assert rotated.verify(account, PASSWORD)

    assert passwords.store.password_hash(account.id).reveal().startswith("2027a$")
    assert under(passwords, NEW).verify(account, PASSWORD)


def test_the_key_of_the_secret_key_reads_whatever_the_settings_name(passwords):
    derived = under(passwords, DERIVED).hash(PASSWORD)

    assert under(passwords, NEW).matches(derived, PASSWORD)
    assert under(passwords, DERIVED, NEW).keys.active == "secret-key"


def test_a_hash_whose_key_is_gone_matches_nothing_and_the_log_says_which_key(passwords):
    stored = under(passwords, OLD).hash(PASSWORD)

    with capture_logs() as logs:
        assert not under(passwords, NEW).matches(stored, PASSWORD)

    assert logs == [{"event": "password key missing", "key": "2026a", "log_level": "error"}]


def test_passwords_are_counted_by_their_key(passwords, account):
    keep(passwords, account, under(passwords, OLD).hash(PASSWORD))

    found = passwords.count_by_key(passwords.store.password_hashes())

    assert found == {"2026a": 1}
