"""Ties between accounts and FranceConnect identities: one to one, replaced only knowingly."""

import threading

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.administration import Administration
from broker.accounts.creation import Creation
from broker.accounts.model import TieOutdated, TieRefused, UpstreamIdentity, UpstreamTaken
from broker.accounts.tying import Tying
from broker.base.db import Database
from broker.insured.nir import Nir
from tests.unit.accounts.builders import a_new_account

ISS = "https://fc.test/api/v2"
FIRST, SECOND = UpstreamIdentity(ISS, "sub-of-birth"), UpstreamIdentity(ISS, "sub-after-marriage")


@pytest.fixture
def active(bench, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    return bench.of(Activation).confirm(bench.link("activation"))


@pytest.fixture
def other(bench):
    new = a_new_account("row", nir=Nir("1850729019002"), email="autre@exemple.fr")
    return bench.of(Creation).open_pending(new)


@pytest.fixture
def ties(bench):
    """Return a function that ties as the end of a login does."""

    def tie(account, identity, replacing=None):
        with bench.of(Database).transaction():
            bench.of(Tying).tie(
                bench.of(Accounts).locked(account.id),
                identity,
                replacing=replacing,
                auth_event_id="K7TP-4WQD-2M",
            )

    return tie


def opens(bench, identity):
    found = bench.of(Accounts).by_upstream(identity.iss, identity.sub)
    return found.id if found else None


def test_a_tie_opens_the_account_and_is_told_to_its_holder(bench, active, ties):
    ties(active, FIRST)

    assert opens(bench, FIRST) == active.id
    (event,) = bench.events("fc.linked")
    assert (event["reason_code"], event["auth_event_id"]) == ("first", "K7TP-4WQD-2M")
    assert "replaced" not in event
    (mail,) = bench.mails("franceconnect_tied")
    assert "claire@exemple.fr" in mail
    assert "K7TP-4WQD-2M" in mail


def test_the_same_identity_again_changes_and_tells_nothing(bench, active, ties):
    ties(active, FIRST)
    ties(active, FIRST)

    assert len(bench.events("fc.linked")) == 1
    assert len(bench.mails("franceconnect_tied")) == 1


def test_another_identity_takes_its_place_where_the_holder_was_told(bench, active, ties):
    ties(active, FIRST)
    former = bench.of(Tying).present(active.id, ISS)

    ties(active, SECOND, replacing=former)

    assert (opens(bench, FIRST), opens(bench, SECOND)) == (None, active.id)
    (changed,) = (event for event in bench.events("fc.linked") if "replaced" in event)
    assert (changed["reason_code"], changed["replaced"]) == ("changed", former)
    assert "sub-of-birth" not in str(bench.events("fc."))
    assert len(bench.mails("franceconnect_tied")) == 2


@pytest.mark.parametrize("told", [None, "another pseudonym"])
def test_an_identity_is_never_replaced_silently(bench, active, ties, told):
    ties(active, FIRST)

    with pytest.raises(TieOutdated):
        ties(active, SECOND, replacing=told)

    assert opens(bench, FIRST) == active.id
    assert opens(bench, SECOND) is None


def test_a_tie_that_was_undone_meanwhile_is_not_replaced(bench, active, ties):
    with pytest.raises(TieOutdated):
        ties(active, SECOND, replacing="pseudonym of a former identity")

    assert opens(bench, SECOND) is None


def test_an_identity_opens_one_account(bench, active, other, ties):
    ties(active, FIRST)

    with pytest.raises(UpstreamTaken):
        ties(other, FIRST)

    assert opens(bench, FIRST) == active.id
    assert len(bench.mails("franceconnect_tied")) == 1


def test_a_replacement_that_is_taken_leaves_the_former_tie(bench, active, other, ties):
    ties(active, FIRST)
    ties(other, SECOND)
    former = bench.of(Tying).present(active.id, ISS)

    with pytest.raises(UpstreamTaken):
        ties(active, SECOND, replacing=former)

    assert (opens(bench, FIRST), opens(bench, SECOND)) == (active.id, other.id)


def test_an_identity_of_another_issuer_stands_beside(bench, active, ties):
    ties(active, FIRST)
    ties(active, UpstreamIdentity("https://fc.test/api/v3", "sub"))

    assert opens(bench, FIRST) == active.id
    shown = bench.of(Administration).show(active.id, operator="alice", reason="call")
    assert shown["franceconnect_identities"] == 2


def test_untying_is_told_once_and_the_identity_is_free(bench, active, other, ties):
    ties(active, FIRST)

    for _ in range(2):
        with bench.of(Database).transaction():
            bench.of(Tying).untie(active, auth_event_id="K7TP-4WQD-2M")

    assert opens(bench, FIRST) is None
    assert len(bench.events("fc.unlinked")) == 1
    assert len(bench.mails("franceconnect_untied")) == 1
    ties(other, FIRST)
    assert opens(bench, FIRST) == other.id


def test_two_accounts_that_want_one_identity_at_once_share_nothing(bench, active, other, ties):
    outcomes, ready = [], threading.Barrier(20)

    def act(account):
        ready.wait()
        try:
            ties(account, FIRST)
            outcomes.append(account.id)
        except TieRefused as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=act, args=((active, other)[n % 2],)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    winner = opens(bench, FIRST)
    assert outcomes.count(winner) == 10
    assert outcomes.count("upstream-taken") == 10
    assert len(bench.events("fc.linked")) == 1
