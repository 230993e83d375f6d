"""Personal data at rest: sealed per column, searched by keyed digest, renewed by rotation."""

import pytest
from sqlalchemy import select

from broker.accounts.accounts import Accounts
from broker.accounts.store import ACCOUNT
from broker.base.crypto import CannotDecrypt, Vault
from broker.base.data_rotation import DataRotation
from broker.base.own_secrets import add_own_data_key
from broker.foundation import Foundation
from broker.insured.filed_batch import AccountHolder
from broker.insured.nir import Nir

NIR = Nir.parse("2640531555982")


@pytest.fixture
def foundation(app):
    return app.extensions["broker"][Foundation]


@pytest.fixture
def accounts(app):
    found = app.extensions["broker"][Accounts]
    found.adopt(found.prepare([AccountHolder("row", NIR, "personne@exemple.fr")]))
    return found


def sealed(foundation) -> list[bytes]:
    """What the database holds of the account's number and address."""
    row = foundation.db.one(select(ACCOUNT.c.nir, ACCOUNT.c.email))
    return [row.nir, row.email]


@pytest.mark.usefixtures("accounts")
def test_neither_number_nor_address_stands_in_the_database(foundation):
    held = b"".join(sealed(foundation))

    assert NIR.value.encode() not in held
    assert b"exemple" not in held


@pytest.mark.usefixtures("accounts")
def test_a_value_moved_to_another_column_does_not_open(foundation):
    nir, _ = sealed(foundation)

    with pytest.raises(CannotDecrypt):
        foundation.vault.open(ACCOUNT.c.email, nir)


@pytest.mark.usefixtures("accounts")
def test_an_altered_value_does_not_open(foundation):
    nir, _ = sealed(foundation)

    with pytest.raises(CannotDecrypt):
        foundation.vault.open(ACCOUNT.c.nir, nir[:-1] + bytes([nir[-1] ^ 1]))


def test_rotation_renews_every_value_and_loses_none(foundation, accounts):
    key_id = add_own_data_key(foundation.db)

    renewed = DataRotation(foundation.db, foundation.vault).run(lambda _table, _rows: None)

    assert renewed >= 1
    assert {Vault.key_id(value) for value in sealed(foundation)} == {key_id}
    found = accounts.by_nir(NIR)
    assert found.email.reveal() == "personne@exemple.fr"


def test_a_process_that_knows_only_the_old_key_reads_the_new_one(foundation, accounts):
    other = Vault(foundation.secrets.data_keys)
    add_own_data_key(foundation.db)
    DataRotation(foundation.db, foundation.vault).run(lambda _table, _rows: None)
    nir, _ = sealed(foundation)

    assert other.open(ACCOUNT.c.nir, nir) == NIR.value
    assert accounts.by_nir(NIR)


@pytest.mark.usefixtures("accounts")
def test_rotation_again_changes_nothing(foundation):
    rotation = DataRotation(foundation.db, foundation.vault)
    add_own_data_key(foundation.db)
    rotation.run(lambda _table, _rows: None)

    assert rotation.run(lambda _table, _rows: None) == 0
