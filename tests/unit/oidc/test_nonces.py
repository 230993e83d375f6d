"""Nonces: made from the time and a key, known to every node, soon over."""

import pytest

from broker.base.crypto import KeyedHash
from broker.oidc.proofs.nonces import Nonces


@pytest.fixture
def nonces(clock):
    return Nonces(KeyedHash(b"k" * 32), clock)


def test_every_node_knows_the_nonce_of_another(nonces, clock):
    assert Nonces(KeyedHash(b"k" * 32), clock).accepts(nonces.current())


def test_nobody_makes_one_without_the_key(nonces, clock):
    assert not Nonces(KeyedHash(b"x" * 32), clock).accepts(nonces.current())


@pytest.mark.parametrize(("later", "accepted"), [(149, True), (299, True), (300, False)])
def test_it_is_over_soon(nonces, clock, later, accepted):
    """The clock of the tests begins with a slot."""
    nonce, until = nonces.current(), nonces.good_until()
    clock.advance(seconds=later)

    assert nonces.accepts(nonce) is accepted
    assert clock() < until


def test_it_changes_before_it_is_over(nonces, clock):
    first = nonces.current()
    clock.advance(seconds=150)

    assert nonces.current() != first
    assert nonces.accepts(first)
