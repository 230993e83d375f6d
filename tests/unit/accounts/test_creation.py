"""One account per number and per address, whatever happens at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.model import AccountExists, EmailUsed, Status, UpstreamIdentity
from broker.accounts.store import ACCOUNT
from broker.base.db import Database
from broker.insured.nir import Nir
from tests.unit.accounts.builders import NIR, a_new_account, claire

OTHER = Nir("1850729019002")


def test_a_new_account_waits_for_its_activation(bench, insured_id):
    account = bench.of(Creation).open_pending(a_new_account(insured_id))

    assert account.status is Status.PENDING
    assert account.code_required
    assert account.masked_email == "c***@e***.fr"
    assert bench.of(Accounts).by_nir(NIR) == account
    assert len(bench.mails("activation")) == 1
    (created,) = bench.events("account.created")
    assert created["txn"] == account.reference
    assert "claire" not in str(created)
    assert len(created["mail_domain_ref"]) == 43
    assert "exemple" not in str(created)


def test_a_newer_journey_replaces_a_pending_account_and_kills_its_link(bench, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id, email="mistyped@exemple.fr"))
    old_link = bench.link("activation")

    bench.of(Creation).open_pending(a_new_account(insured_id, email="right@exemple.fr"))

    assert bench.of(Activation).links.find(old_link, "activation") is None
    assert bench.link("activation") != old_link
    other_id = bench.registers(claire(nir=OTHER))
    freed = a_new_account(other_id, nir=OTHER, email="mistyped@exemple.fr")
    assert bench.of(Creation).open_pending(freed).nir == OTHER


def test_an_active_account_bars_another_one(bench, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    bench.of(Activation).confirm(bench.link("activation"))

    with pytest.raises(AccountExists):
        bench.of(Creation).open_pending(a_new_account(insured_id, email="new@exemple.fr"))


@pytest.mark.parametrize("spelling", ["claire@exemple.fr", "CLAIRE@Exemple.FR"])
def test_an_address_belongs_to_one_account_in_any_case(bench, insured_id, spelling):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    other_id = bench.registers(claire(nir=OTHER))

    with pytest.raises(EmailUsed):
        bench.of(Creation).open_pending(a_new_account(other_id, nir=OTHER, email=spelling))


def test_an_overdue_pending_account_frees_its_address_before_it_is_purged(
    bench, insured_id, clock
):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    other_id = bench.registers(claire(nir=OTHER))
    clock.advance(days=21, seconds=1)

    account = bench.of(Creation).open_pending(a_new_account(other_id, nir=OTHER))

    assert account.nir == OTHER
    assert bench.of(Accounts).by_nir(NIR) is None


def test_a_franceconnect_identity_belongs_to_one_account(bench, insured_id):
    identity = UpstreamIdentity("https://fc.test", "sub-1")
    account = bench.of(Creation).open_pending(a_new_account(insured_id, upstream=identity))
    other_id = bench.registers(claire(nir=OTHER))
    second = a_new_account(other_id, nir=OTHER, email="b@exemple.fr", upstream=identity)

    with pytest.raises(AccountExists):
        bench.of(Creation).open_pending(second)

    assert bench.of(Accounts).by_upstream("https://fc.test", "sub-1") == account
    assert bench.of(Accounts).by_upstream("https://fc.test", "SUB-1") is None
    assert bench.of(Accounts).by_nir(OTHER) is None


def test_twenty_parallel_journeys_for_one_number_leave_one_account(bench, insured_id):
    journeys = [a_new_account(insured_id, email=f"c{n}@exemple.fr") for n in range(20)]

    with ThreadPoolExecutor(20) as pool:
        accounts = list(pool.map(bench.of(Creation).open_pending, journeys))

    db = bench.of(Database)
    assert db.scalar(select(func.count()).select_from(ACCOUNT)) == 1
    assert bench.of(Accounts).by_nir(NIR) in accounts
    assert len(bench.mails("activation")) == 1


def test_twenty_parallel_people_with_one_address_leave_one_account(bench):
    numbers = [Nir(f"28507290190{n:02}") for n in range(10, 30)]
    journeys = [a_new_account("row", nir=number, email="same@exemple.fr") for number in numbers]

    def attempt(new):
        try:
            return bench.of(Creation).open_pending(new)
        except EmailUsed:
            return None

    with ThreadPoolExecutor(20) as pool:
        opened = [account for account in pool.map(attempt, journeys) if account]

    assert len(opened) == 1


def test_personal_data_is_sealed_at_rest(bench, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))

    row = bench.of(Database).one(select(ACCOUNT))

    stored = b"".join(value for value in row if isinstance(value, bytes))
    for secret in (NIR.value, "claire", "hash"):
        assert secret.encode() not in stored


def test_the_holder_is_warned_once_a_day(bench, insured_id, clock, limited):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    bench.of(Activation).confirm(bench.link("activation"))
    account = bench.of(Accounts).by_nir(NIR)
    creation = limited(Creation, account_exists_mail_count=1)

    creation.warn_holder(account, "REF")
    creation.warn_holder(account, "REF")
    assert len(bench.mails("account_exists")) == 1

    clock.advance(days=1, seconds=1)
    creation.warn_holder(account, "REF")
    assert len(bench.mails("account_exists")) == 2


def test_consents_and_terms_are_kept(bench, insured_id):
    account = bench.of(Creation).open_pending(a_new_account(insured_id))

    (consent,) = bench.of(Creation).consents.of(account.id)
    assert (consent.purpose, consent.given, consent.text_version) == ("studies_email", False, "v1")
