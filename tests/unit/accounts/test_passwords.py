"""Hashing: verified as typed, rehashed when costs change, blind to whether accounts exist."""

from dataclasses import replace

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.creation import Creation
from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret
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

    assert passwords.hasher.verify(hashed.reveal(), long)
    assert not passwords.matches(hashed, Secret(long[:-1] + "z"))


def test_an_unknown_account_costs_a_hash_too(passwords):
    assert not passwords.verify(None, PASSWORD)
    assert passwords.dummy.reveal().startswith("$argon2id$")


def test_an_account_without_a_password_refuses_every_one(bench, passwords, account):
    dead = replace(account, id="nobody")

    assert not passwords.verify(dead, PASSWORD)
    assert bench.of(Accounts).get(account.id).has_password


def test_a_hash_of_older_costs_is_replaced_at_login(bench, passwords, account):
    stronger = Passwords.of(
        passwords.policy, passwords.store, passwords.db, time_cost=2, memory_cost=2048
    )

    assert stronger.verify(account, PASSWORD)

    stored = passwords.store.password_hash(bench.of(Accounts).by_nir(NIR).id)
    assert "m=2048,t=2" in stored.reveal()
    assert stronger.verify(account, PASSWORD)
