"""A closed account goes at its end; what the trail says stays true, and nobody's."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from broker.accounts.accounts import Accounts
from broker.accounts.closing import Closing
from broker.accounts.erasure import Erasure
from broker.accounts.model import AccountUnknown
from broker.accounts.store import ACCOUNT, AccountStore
from broker.audit.proofs.evidence import Evidence
from broker.audit.proofs.verification import Verification
from broker.audit.sealing.sealer import Sealer
from broker.audit.store import EVENT
from broker.base.db import Base, Database
from broker.foundation import Foundation
from broker.oidc.consents.model import Consent
from broker.oidc.consents.store import ConsentStore
from broker.services import background_tasks
from tests.unit.accounts.builders import NIR

DAYS = 90


@pytest.fixture
def closed(bench, account, clock):
    """Claire's account, closed today, a partner once allowed to read her data."""
    consent = Consent(
        client_id="partenaire", data=frozenset({"email"}), version="1", given_at=clock()
    )
    with bench.of(Database).transaction():
        ConsentStore(bench.of(Database)).keep(account.id, consent)
    bench.of(Closing).close(account.id, "login-1")
    return account


def rows_with(db, text):
    """Return the names of the tables that have the text anywhere."""
    return {
        name
        for name, table in Base.metadata.tables.items()
        for row in db.all(select(table))
        if any(text in str(value) for value in row)
    }


def test_a_closed_account_is_kept_for_ninety_days_and_then_removed(bench, closed, clock):
    clock.advance(days=DAYS)
    early = bench.of(Erasure).erase()
    clock.advance(seconds=1)

    assert (early, bench.of(Erasure).erase(), bench.of(Erasure).erase()) == (0, 1, 0)
    with pytest.raises(AccountUnknown):
        bench.of(Accounts).get(closed.id)
    assert len(bench.events("account.erased")) == 1


def test_an_account_that_is_open_stays(bench, account, clock):
    clock.advance(days=4_000)

    assert bench.of(Erasure).erase() == 0
    assert bench.of(Accounts).get(account.id)


def test_nothing_leads_from_the_person_to_the_trail_any_more(bench, closed, clock):
    db = bench.of(Database)
    assert {"account", "oidc_consent"} <= rows_with(db, closed.id)
    clock.advance(days=DAYS, seconds=1)
    for task in background_tasks(bench.app.extensions["broker"]):
        task.run()

    assert rows_with(db, closed.id) == set()
    assert rows_with(db, closed.insured_id) == {"insured_person"}
    assert bench.of(Accounts).by_nir(NIR) is None


def test_what_the_trail_says_stays_and_is_proved(bench, closed, clock):
    ref = bench.of(Foundation).audit.subject_ref(closed.id)
    theirs = select(EVENT.c.body).where(EVENT.c.subject_ref == ref).order_by(EVENT.c.event_id)
    before = [row.body for row in bench.of(Database).all(theirs)]
    clock.advance(days=DAYS, seconds=1)
    bench.of(Erasure).erase()
    sealer = bench.of(Sealer)
    sealer.seal()
    sealer.sign_when_due()

    after = [row.body for row in bench.of(Database).all(theirs)]
    evidence = Evidence.newest(sealer.store)
    assert after[:-1] == before
    assert all(evidence.event(body)["proof"] for body in after)
    assert bench.of(Verification).run().flaws == []


def test_a_closing_that_another_version_did_not_date_begins_its_time_now(bench, closed, clock):
    db = bench.of(Database)
    with db.transaction():
        db.execute(ACCOUNT.update().values(closed_at=None))
    clock.advance(days=DAYS + 1)
    first = bench.of(Erasure).erase()
    clock.advance(days=DAYS, seconds=1)

    assert (first, bench.of(Erasure).erase()) == (0, 1)
    with pytest.raises(AccountUnknown):
        bench.of(Accounts).get(closed.id)


@pytest.mark.usefixtures("closed")
def test_several_workers_at_once_remove_it_once(bench, clock):
    clock.advance(days=DAYS, seconds=1)
    erasure = bench.of(Erasure)

    def work(_):
        db = Database(bench.of(Database).engine)
        store: AccountStore = replace(erasure.accounts, db=db)
        audit = replace(erasure.audit, store=replace(erasure.audit.store, db=db))
        forget = ConsentStore(db).forget
        return replace(erasure, accounts=store, forget=forget, audit=audit, db=db).erase()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(8))) == 1
    assert len(bench.events("account.erased")) == 1
