"""What operators do: by id, number or reference, each act audited with its reason."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.administration import Administration
from broker.accounts.creation import Creation
from broker.accounts.model import AccountUnknown, DeadLink, Status, WrongState
from broker.accounts.reset import Reset
from tests.unit.accounts.builders import BORN, NIR, a_new_account

WHO = {"operator": "alice", "reason": "ticket 12"}


@pytest.fixture
def desk(bench):
    return bench.of(Administration)


@pytest.fixture
def pending(bench, insured_id):
    return bench.of(Creation).open_pending(a_new_account(insured_id))


@pytest.fixture
def active(bench, pending):
    assert pending.status is Status.PENDING
    return bench.of(Activation).confirm(bench.link("activation"))


@pytest.mark.parametrize("term", ["{0.id}", "{0.nir.value}", "{0.reference}"])
def test_an_account_is_found_by_any_of_its_names(desk, bench, pending, term):
    shown = desk.show(term.format(pending), **WHO)

    assert shown["account_id"] == pending.id
    assert NIR.value not in str(shown)
    assert "claire" not in str(shown)
    (event,) = bench.events("admin.view")
    assert event["actor"] == {"kind": "admin", "ref": "alice"}
    assert event["after"] == {"reason": "ticket 12"}


@pytest.mark.parametrize("term", ["nothing", "1850729019002", ""])
def test_an_unknown_account_is_said_so(desk, term):
    with pytest.raises(AccountUnknown):
        desk.show(term, **WHO)


def test_a_disabled_account_cannot_log_in_until_it_is_enabled(desk, bench, active):
    desk.disable(active.id, **WHO)
    suspended = bench.of(Accounts).get(active.id)
    assert suspended.status is Status.SUSPENDED
    assert not suspended.may_log_in
    assert suspended.bars_creation

    desk.enable(active.id, **WHO)
    assert bench.of(Accounts).get(active.id).may_log_in


def test_disabling_an_account_kills_its_links(desk, bench, active):
    bench.of(Reset).request(NIR, BORN)
    link = bench.link("reset")
    desk.disable(active.id, **WHO)
    desk.enable(active.id, **WHO)

    with pytest.raises(DeadLink):
        bench.of(Reset).view(link)


def test_only_an_active_account_can_be_disabled(desk, pending):
    with pytest.raises(WrongState):
        desk.disable(pending.id, **WHO)


def test_purging_a_pending_account_kills_its_link(desk, bench, pending):
    link = bench.link("activation")

    desk.purge(pending.id, **WHO)

    assert bench.of(Accounts).by_nir(NIR) is None
    with pytest.raises(DeadLink):
        bench.of(Activation).confirm(link)


def test_an_active_account_is_not_purged(desk, active):
    with pytest.raises(WrongState):
        desk.purge(active.id, **WHO)
