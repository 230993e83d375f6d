"""Accounts that the register tells of: active, without a password, their address taken."""

import pytest
from sqlalchemy import func, select

from broker.accounts.accounts import Accounts
from broker.accounts.creation import Creation
from broker.accounts.model import AccountExists, EmailUsed, Status
from broker.accounts.reset import Reset
from broker.accounts.store import ACCOUNT
from broker.base.db import Database
from broker.insured.filed_batch import AccountHolder
from broker.insured.nir import Nir
from tests.unit.accounts.builders import BORN, NIR, a_new_account

OTHER = Nir("1850729019002")


def adopt(bench, *holders):
    accounts = bench.of(Accounts)
    accounts.adopt(accounts.prepare([AccountHolder("row", nir, email) for nir, email in holders]))


def test_an_adopted_account_is_active_and_has_no_password(bench):
    adopt(bench, (NIR, "claire@exemple.fr"))

    account = bench.of(Accounts).by_nir(NIR)
    assert account.status is Status.ACTIVE
    assert not account.has_password
    assert account.code_required
    assert account.email.reveal() == "claire@exemple.fr"
    (created,) = bench.events("account.created")
    assert created["actor"] == {"kind": "system"}


def test_adopting_again_changes_nothing(bench):
    adopt(bench, (NIR, "claire@exemple.fr"))
    before = bench.of(Accounts).by_nir(NIR)

    adopt(bench, (NIR, "other@exemple.fr"), (NIR, "third@exemple.fr"))

    assert bench.of(Accounts).by_nir(NIR) == before
    assert len(bench.events("account.created")) == 1


@pytest.mark.parametrize("email", ["", "not an address", "claire@"])
def test_an_odd_address_does_not_stop_the_import(bench, email):
    adopt(bench, (NIR, email))

    assert not bench.of(Accounts).by_nir(NIR).reachable


def test_of_two_holders_of_one_address_the_first_keeps_it(bench):
    adopt(bench, (NIR, "same@exemple.fr"), (OTHER, "SAME@exemple.fr"))

    reachable = [bench.of(Accounts).by_nir(nir).reachable for nir in (NIR, OTHER)]
    assert reachable == [True, False]


def test_a_number_named_twice_in_a_batch_has_one_account(bench):
    adopt(bench, (NIR, "a@exemple.fr"), (NIR, "b@exemple.fr"))

    assert bench.of(Database).scalar(select(func.count()).select_from(ACCOUNT)) == 1


def test_an_adopted_account_bars_creation_and_holds_its_address(bench, insured_id):
    adopt(bench, (NIR, "claire@exemple.fr"))

    with pytest.raises(AccountExists):
        bench.of(Creation).open_pending(a_new_account(insured_id, email="b@exemple.fr"))
    with pytest.raises(EmailUsed):
        bench.of(Creation).open_pending(a_new_account("row", nir=OTHER))


def test_the_holder_enters_through_a_forgotten_password(bench, insured_id):
    accounts = bench.of(Accounts)
    accounts.adopt(accounts.prepare([AccountHolder(insured_id, NIR, "claire@exemple.fr")]))

    bench.of(Reset).request(NIR, BORN)

    assert len(bench.mails("reset")) == 1


def test_many_holders_at_once_have_one_account_and_one_event_each(bench):
    nirs = [Nir(f"18507290190{number:02}") for number in range(10, 99)] * 2
    taken = bench.of(Accounts)
    adopt(bench, (nirs[3], "first@exemple.fr"))

    adopt(bench, *((nir, f"h{number}@exemple.fr") for number, nir in enumerate(nirs)))

    assert taken.by_nir(nirs[3]).email.reveal() == "first@exemple.fr"
    assert taken.by_nir(nirs[4]).email.reveal() == "h4@exemple.fr"
    subjects = [event["subject_ref"] for event in bench.events("account.created")]
    assert len(subjects) == len(set(subjects)) == 89
