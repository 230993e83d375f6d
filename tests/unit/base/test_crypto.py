"""Many values at once are sealed and digested as each one is."""

import hmac

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table

from broker.base.crypto import KeyedHash, Vault
from broker.base.parallel import in_order

COLUMN = Table("t", MetaData(), Column("c", LargeBinary)).c.c
VALUES = ["", "1", "2850729019001", "\u00e9\u4e2d", "x" * 300]


@pytest.fixture
def vault() -> Vault:
    return Vault(lambda: (("k1", b"k" * 32),))


def test_digests_of_many_values_are_those_of_each():
    keyed = KeyedHash(b"i" * 32)

    assert keyed.digests("label", VALUES) == [keyed.digest("label", value) for value in VALUES]
    assert keyed.texts("label", VALUES) == [keyed.text("label", value) for value in VALUES]


def test_a_digest_is_hmac_sha_256_of_label_and_value():
    expected = hmac.new(b"i" * 32, b"label\x00value", "sha256").digest()

    assert KeyedHash(b"i" * 32).digests("label", ["value"]) == [expected]


def test_values_sealed_together_open_one_by_one(vault):
    sealed = vault.seal_all(COLUMN, VALUES)

    assert [vault.open(COLUMN, value) for value in sealed] == VALUES


def test_no_two_values_are_sealed_under_one_nonce_not_even_in_forked_processes(vault):
    def seal(number: int) -> list[bytes]:
        return vault.seal_all(COLUMN, [str(number)] * 500)

    sealed = [*in_order(seal, range(8), processes=4, alone=2)]

    nonces = {value[3:15] for values in sealed for value in values}  # after the key's id
    assert len(nonces) == 8 * 500
