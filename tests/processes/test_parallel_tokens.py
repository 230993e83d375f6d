"""Tokens used twenty times at once over two processes: one effect each, round after round.

``make rounds`` makes more rounds than CI has time for.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broker.base.clock import pause
from tests.support.account_holder import AccountHolder
from tests.support.partner import PUBLIC, REFRESHING, a_registration
from tests.support.remote_partner import (
    ROUNDS,
    RemotePartner,
    at_once,
    deadlocks,
    recorded,
    statuses,
)
from tests.support.stack import Stack

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def registrations(stack: Stack, tmp_path_factory) -> dict[str, dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("partners")
    documents = {
        name: a_registration(client_id=name, **registered)
        for name, registered in (("application", PUBLIC), ("service", REFRESHING))
    }
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    stack.command("clients", "apply", str(folder), "--yes")
    return documents


@pytest.fixture(scope="module")
def a_person(stack: Stack, people, registrations) -> Callable[[str], dict[str, RemotePartner]]:
    """Return a function that logs somebody in; it returns the partners in front of them."""

    def make(email: str) -> dict[str, RemotePartner]:
        person = AccountHolder(stack, next(people), email)
        person.creates_account()
        person.browser.opens("/connexion")
        person.logs_in()
        return {name: RemotePartner(stack, d, person) for name, d in registrations.items()}

    return make


@pytest.fixture(scope="module")
def partners(a_person) -> dict[str, RemotePartner]:
    return a_person("jetons@exemple.fr")


@pytest.fixture
def public(partners) -> RemotePartner:
    return partners["application"]


@pytest.fixture
def confidential(partners) -> RemotePartner:
    return partners["service"]


@pytest.fixture(autouse=True)
def _no_deadlock(stack: Stack):
    before = deadlocks(stack)
    yield
    assert deadlocks(stack) == before


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_code_is_redeemed_once_and_what_it_gave_ends_with_its_replay(public, round_):
    form = public.code()

    answers = at_once(*[lambda: public.calls("/token", form)] * 20)

    assert statuses(answers) == {200: 1, 400: 19}, round_
    (tokens,) = [answer for status, answer in answers if status == 200]
    assert public.userinfo(tokens["access_token"]) == 401
    assert public.refreshes(tokens["refresh_token"])[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_rotating_token_serves_once_and_its_holder_gets_one_answer(public, stack, round_):
    token = public.tokens()["refresh_token"]
    before = recorded(stack, "refresh.rotated")

    answers = at_once(*[lambda: public.refreshes(token)] * 20)

    assert statuses(answers) == {200: 20}, round_
    assert len({json.dumps(answer, sort_keys=True) for _, answer in answers}) == 1
    assert recorded(stack, "refresh.rotated") == before + 1
    assert public.refreshes(answers[0][1]["refresh_token"])[0] == 200


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_confidential_client_may_refresh_twenty_times_at_once(confidential, round_):
    token = confidential.tokens()["refresh_token"]

    answers = at_once(*[lambda: confidential.refreshes(token)] * 20)

    assert statuses(answers) == {200: 20}, round_
    access = {answer["access_token"] for _, answer in answers}
    assert len(access) == 20
    assert {confidential.userinfo(token) for token in access} == {200}


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("kind", ["application", "service"])
def test_refreshes_and_revocations_at_once(partners, stack, kind, round_):
    partner = partners[kind]
    token = partner.tokens()["refresh_token"]
    before = recorded(stack, "token.revoked")

    answers = at_once(
        *[lambda: partner.refreshes(token)] * 15,
        *[lambda: partner.revokes(token)] * 5,
    )

    assert max(statuses(answers)) < 500, round_
    assert recorded(stack, "token.revoked") == before + 1
    assert partner.refreshes(token)[1]["error"] == "invalid_grant"
    for _, answer in answers:
        if "access_token" in answer:
            assert partner.userinfo(answer["access_token"]) == 401
            assert partner.refreshes(answer["refresh_token"])[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_generations_at_once_leave_one_head(public, round_):
    """The present token and the one before it, each ten times: both get one answer each."""
    first = public.tokens()["refresh_token"]
    second = public.refreshes(first)[1]["refresh_token"]

    answers = at_once(
        *[lambda: public.refreshes(first)] * 10, *[lambda: public.refreshes(second)] * 10
    )

    assert statuses(answers) == {200: 20}, round_
    heads = {answer["refresh_token"] for _, answer in answers}
    assert len(heads) == 2
    assert second in heads
    (third,) = heads - {second}
    assert public.refreshes(third)[0] == 200


def test_a_partner_that_is_switched_off_is_refused_on_both_processes_within_a_second(
    a_person, stack
):
    service = a_person("coupure@exemple.fr")["service"]
    tokens = service.tokens()
    assert service.userinfo(tokens["access_token"]) == 200

    stack.command("clients", "disable", "service")
    pause(1)
    off = [service.userinfo(tokens["access_token"]) for _ in range(4)]  # either process answers
    refused = [service.refreshes(tokens["refresh_token"])[0] for _ in range(4)]
    stack.command("clients", "enable", "service")
    pause(1)

    assert off == [401] * 4
    assert refused == [401] * 4
    assert service.userinfo(tokens["access_token"]) == 401
    assert service.refreshes(tokens["refresh_token"])[1]["error"] == "invalid_grant"
    assert service.refreshes(service.tokens()["refresh_token"])[0] == 200


def test_a_logout_ends_every_token_on_both_processes_at_once(a_person):
    held = [(partner, partner.tokens()) for partner in a_person("partant@exemple.fr").values()]

    held[0][0].person.browser.opens("/deconnexion").submits()

    for partner, tokens in held:
        for _ in range(4):  # either process answers
            assert partner.userinfo(tokens["access_token"]) == 401
            assert partner.refreshes(tokens["refresh_token"])[0] == 400


def test_a_suspension_ends_session_and_tokens_on_both_processes_at_once(a_person, stack):
    held = [(partner, partner.tokens()) for partner in a_person("suspendu@exemple.fr").values()]
    person = held[0][0].person
    assert person.browser.opens("/mon-compte").url.endswith("/mon-compte")

    stack.command("accounts", "disable", person.insured.nir, "--reason", "essai")

    for _ in range(4):  # either process answers
        assert "/mon-compte" not in person.browser.opens("/mon-compte").url.partition("?")[0]
    for partner, tokens in held:
        for _ in range(4):
            assert partner.userinfo(tokens["access_token"]) == 401
            assert partner.refreshes(tokens["refresh_token"])[0] == 400
