"""The mailed link: used once, within 21 days, replaced by the next one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.model import DeadLink, Status
from broker.base.crypto import new_token
from broker.base.errors import Throttled
from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir
from tests.unit.accounts.builders import BORN, NIR, a_new_account


@pytest.fixture
def pending(bench, insured_id):
    return bench.of(Creation).open_pending(a_new_account(insured_id))


@pytest.fixture
def link(bench, pending):
    assert pending.status is Status.PENDING
    return bench.link("activation")


def status(bench):
    account = bench.of(Accounts).by_nir(NIR)
    return account.status if account else None


def test_the_link_activates_once(bench, link):
    bench.of(Activation).confirm(link)

    assert status(bench) is Status.ACTIVE
    with pytest.raises(DeadLink):
        bench.of(Activation).confirm(link)


def test_looking_at_the_link_changes_nothing(bench, link):
    bench.of(Activation).view(link)
    bench.of(Activation).view(link)

    assert status(bench) is Status.PENDING
    assert len(bench.events("account.activation.viewed")) == 2


def test_the_link_works_to_the_last_second_of_the_21_days(bench, link, clock):
    clock.advance(days=21)

    bench.of(Activation).confirm(link)

    assert status(bench) is Status.ACTIVE


def test_the_link_is_dead_one_second_after_21_days(bench, link, clock):
    clock.advance(days=21, seconds=1)

    with pytest.raises(DeadLink):
        bench.of(Activation).confirm(link)


@pytest.mark.usefixtures("link")
def test_an_unknown_link_is_dead(bench):
    with pytest.raises(DeadLink):
        bench.of(Activation).view(new_token())


def test_twenty_parallel_activations_have_one_effect(bench, link):
    def attempt(_):
        try:
            bench.of(Activation).confirm(link)
        except DeadLink:
            return 0
        return 1

    with ThreadPoolExecutor(20) as pool:
        done = sum(pool.map(attempt, range(20)))

    assert done == 1
    assert len(bench.events("account.activated")) == 1


def test_a_new_link_kills_the_old_one(bench, link):
    bench.of(Activation).resend(NIR, BORN)

    new_link = bench.link("activation")
    with pytest.raises(DeadLink):
        bench.of(Activation).confirm(link)
    bench.of(Activation).confirm(new_link)
    assert status(bench) is Status.ACTIVE


@pytest.mark.usefixtures("link")
def test_a_new_link_does_not_extend_the_21_days(bench, clock):
    clock.advance(days=20, hours=23)
    bench.of(Activation).resend(NIR, BORN)
    new_link = bench.link("activation")
    clock.advance(hours=1, seconds=1)

    with pytest.raises(DeadLink):
        bench.of(Activation).confirm(new_link)


@pytest.mark.parametrize(
    ("nir", "birth_date"),
    [(NIR, BirthDate(1985, 7, 15)), (Nir("1850729019002"), BORN)],
)
def test_a_link_is_not_sent_again_to_a_stranger(bench, link, nir, birth_date):
    bench.of(Activation).resend(nir, birth_date)

    assert bench.link("activation") == link


def test_nothing_is_sent_again_for_an_active_account(bench, link):
    bench.of(Activation).confirm(link)

    bench.of(Activation).resend(NIR, BORN)

    assert len(bench.events("account.activation.sent")) == 1


@pytest.mark.usefixtures("link")
def test_the_sixth_request_of_an_hour_is_silently_ignored(bench, limited):
    activation = limited(Activation, activation_resend_count=5)

    for _ in range(6):
        activation.resend(NIR, BORN)

    assert len(bench.events("account.activation.sent")) == 1 + 5
    (told,) = bench.events("account.activation.limited")
    assert told["subject_ref"] == bench.events("account.activation.sent")[0]["subject_ref"]


@pytest.mark.usefixtures("link")
def test_a_prefix_that_asks_too_often_must_wait(bench, limited):
    activation = limited(Activation, link_prefix_count=1)
    activation.resend(NIR, BORN)

    with pytest.raises(Throttled):
        activation.resend(Nir("1850729019002"), BORN)

    (told,) = bench.events("account.link.throttled")
    assert "subject_ref" not in told


@pytest.mark.usefixtures("pending")
def test_purge_frees_what_was_not_activated(bench, clock):
    clock.advance(days=21)
    assert bench.of(Activation).purge_overdue() == 0

    clock.advance(seconds=1)
    assert bench.of(Activation).purge_overdue() == 1

    assert status(bench) is None
    assert len(bench.events("account.purged")) == 1
    assert len(bench.events("account.activation.expired")) == 1


def test_purge_spares_active_accounts(bench, link, clock):
    bench.of(Activation).confirm(link)
    clock.advance(days=30)

    assert bench.of(Activation).purge_overdue() == 0
    assert status(bench) is Status.ACTIVE
