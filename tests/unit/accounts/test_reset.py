"""Forgotten password: a link of 30 minutes, used once, then a code at the next login."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.model import DeadLink
from broker.accounts.password_policy import PasswordRefused
from broker.accounts.passwords import Passwords
from broker.accounts.reset import Reset
from broker.base.crypto import Secret
from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir
from tests.unit.accounts.builders import BORN, NIR, a_new_account

NEW = Secret("Violons&Tulipes8")


@pytest.fixture
def ended():
    return []


@pytest.fixture
def reset(bench, ended):
    built = bench.of(Reset)
    return Reset(
        **{**vars(built), "end_sessions": lambda account, why: ended.append((account, why))}
    )


@pytest.fixture
def account(bench, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    active = bench.of(Activation).confirm(bench.link("activation"))
    bench.of(Accounts).code_given(active.id)
    return active


@pytest.fixture
def link(bench, reset, account):
    assert account.may_log_in
    reset.request(NIR, BORN)
    return bench.link("reset")


def test_a_new_password_is_set_once(bench, reset, account, link, ended):
    reset.confirm(link, NEW)

    assert bench.of(Passwords).verify(account, NEW)
    assert bench.of(Accounts).get(account.id).code_required
    assert ended == [(account.id, "password_reset")]
    assert len(bench.mails("password_changed")) == 1
    with pytest.raises(DeadLink):
        reset.confirm(link, NEW)


def test_a_refused_password_leaves_the_link_alive(reset, link):
    for refused in ("short", "Claire&Tulipes7", "Tulipes1985Violon"):
        with pytest.raises(PasswordRefused):
            reset.confirm(link, Secret(refused))

    reset.view(link)


def test_the_local_part_of_the_address_is_refused(bench, reset, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id, email="tulipanes@exemple.fr"))
    bench.of(Activation).confirm(bench.link("activation"))
    reset.request(NIR, BORN)

    with pytest.raises(PasswordRefused):
        reset.confirm(bench.link("reset"), Secret("Tulipanes&7"))


def test_the_link_works_for_thirty_minutes(reset, link, clock):
    clock.advance(minutes=30)
    reset.view(link)

    clock.advance(seconds=1)
    with pytest.raises(DeadLink):
        reset.view(link)


def test_a_newer_link_kills_the_older_one(bench, reset, link):
    reset.request(NIR, BORN)

    with pytest.raises(DeadLink):
        reset.view(link)
    reset.view(bench.link("reset"))


def test_an_activation_link_resets_nothing(bench, reset, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))

    with pytest.raises(DeadLink):
        reset.view(bench.link("activation"))


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("nir", "birth_date"),
    [(NIR, BirthDate(1985, 7, 15)), (Nir("1850729019002"), BORN)],
)
def test_a_stranger_gets_the_same_answer_and_no_mail(bench, reset, nir, birth_date):
    assert reset.request(nir, birth_date) is None

    assert bench.mails("reset") == []
    (event,) = bench.events("credential.reset.requested")
    assert (event["outcome"], event["reason_code"]) == ("failure", "no_account")


def test_a_pending_account_gets_no_reset_link(bench, reset, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))

    reset.request(NIR, BORN)

    assert bench.mails("reset") == []


@pytest.mark.usefixtures("account")
def test_the_sixth_request_of_an_hour_is_silently_ignored(bench, limited):
    reset = limited(Reset, reset_request_count=5)

    for _ in range(6):
        reset.request(NIR, BORN)

    reasons = [e.get("reason_code") for e in bench.events("credential.reset.requested")]
    assert sorted(reasons, key=str) == [None] * 5 + ["limited"]
