"""An analyst begins by a link that serves once: a password of their own, an application."""

import threading

import pytest

from broker.base.crypto import Secret
from broker.base.db import Database
from broker.console.enrolment import Enrolment
from broker.console.model import (
    AnalystExists,
    AnalystUnknown,
    DeadInvitation,
    NotAName,
    Role,
    WrongFirstCode,
)
from broker.console.tables import ANALYST
from tests.support.page_rules import broken_rules
from tests.unit.console.conftest import OPERATOR, PASSWORD


def test_the_link_leaves_the_address_and_the_page_shows_what_the_application_needs(invite):
    alice, link = invite()

    page = alice.follows(link)

    assert page.request.path == "/audit/invitation"
    assert "<svg" in page.text
    assert "style=" not in page.text
    assert broken_rules(page.text) == []
    assert len(alice.secret) == 32  # 160 bits


def test_password_and_first_code_open_the_account_and_a_session(invite, trail):
    alice, link = invite()
    alice.follows(link)

    answer = alice.accepts()

    assert (answer.status_code, answer.headers["Location"]) == (303, "/audit")
    assert alice.is_in()
    assert [e["actor"]["ref"] for e in trail("console.invitation.accepted")] == ["alice"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "000000"}, "pas celui de votre application"),
        ({"code": "12 34"}, "Le code de sécurité est invalide"),
        ({"password": "tulipes"}, "Le mot de passe doit comporter"),
        ({"password": "Password1234"}, "trop facile à deviner"),
        ({"mot_de_passe_confirmation": "Tulipes&Violon8"}, "sont différents"),
    ],
)
def test_what_does_not_fit_leaves_the_link_alive(invite, changes, message):
    alice, link = invite()
    alice.follows(link)

    refused = alice.accepts(**changes)

    assert refused.status_code == 422
    assert message in refused.text
    assert PASSWORD not in refused.text
    assert alice.accepts().status_code == 303


def test_the_link_serves_once(invite):
    alice, link = invite()
    alice.follows(link)
    alice.accepts()
    thief = alice.elsewhere()

    page = thief.follows(link)

    assert page.status_code == 410
    assert "prévenez tout de suite un exploitant" in page.text


def test_the_link_lives_a_day(invite, clock):
    alice, link = invite()
    clock.advance(hours=23, minutes=59, seconds=59)
    assert alice.follows(link).status_code == 200

    clock.advance(seconds=1)

    assert alice.opens("/audit/invitation").status_code == 410
    assert alice.accepts().status_code == 410


def test_without_a_link_there_is_no_page(client):
    assert client.get("/audit/invitation").status_code == 410


def test_every_showing_of_the_secret_is_on_record(invite, trail):
    alice, link = invite()

    alice.follows(link)
    alice.opens("/audit/invitation")

    assert len(trail("console.invitation.viewed")) == 2


def test_an_invitation_accepted_many_times_at_once_is_accepted_once(app, invite):
    alice, link = invite()
    alice.follows(link)
    enrolment = app.extensions["broker"][Enrolment]
    token, chosen, code = Secret(link.rpartition("/")[2]), Secret(PASSWORD), alice.code()
    outcomes = []

    def accept() -> None:
        try:
            outcomes.append(enrolment.accept(token, chosen, code, None))
        except DeadInvitation as refusal:
            outcomes.append(refusal)

    threads = [threading.Thread(target=accept) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(outcome, Secret) for outcome in outcomes) == 1
    assert len(outcomes) == 8


def test_a_wrong_first_code_is_refused_and_on_record(app, invite, trail):
    alice, link = invite()
    alice.follows(link)

    with pytest.raises(WrongFirstCode):
        app.extensions["broker"][Enrolment].accept(
            Secret(link.rpartition("/")[2]), Secret(PASSWORD), alice.code(5), None
        )

    assert [e["reason_code"] for e in trail("console.invitation.refused")] == ["code"]


def test_who_is_invited_anew_begins_anew(alice, analysts):
    invitation = analysts.invite("alice", OPERATOR)

    former_secret = alice.secret

    assert not alice.is_in()
    assert alice.logs_in().status_code == 422
    alice.follows(f"/audit/invitation/{invitation.token.reveal()}")
    assert alice.secret != former_secret
    assert alice.accepts().status_code == 303
    assert alice.is_in()


def test_the_secret_of_the_application_is_kept_encrypted(app, alice):
    row = app.extensions["broker"][Database].one(ANALYST.select())

    assert alice.secret.encode() not in row.totp_secret
    assert PASSWORD not in row.password_hash
    assert row.password_hash.startswith("secret-key$argon2id$")


@pytest.mark.usefixtures("alice")
def test_a_name_is_given_once(analysts):
    analysts.disable("alice", OPERATOR)

    with pytest.raises(AnalystExists):
        analysts.add("alice", Role.READER, OPERATOR)


@pytest.mark.parametrize(
    "name", ["", "al", "a" * 41, "-alice", "al ice", "alice@exemple.fr", "élise"]
)
def test_what_is_no_name_is_refused(analysts, name):
    with pytest.raises(NotAName):
        analysts.add(name, Role.READER, OPERATOR)


@pytest.mark.parametrize("act", ["invite", "disable"])
def test_nobody_is_found_under_another_name(analysts, act):
    with pytest.raises(AnalystUnknown):
        getattr(analysts, act)("personne", OPERATOR)


@pytest.mark.usefixtures("alice")
def test_what_operators_do_names_them(analysts, trail, clock):
    clock.advance(seconds=1)
    analysts.change_role("alice", Role.INVESTIGATOR, OPERATOR)
    clock.advance(seconds=1)
    analysts.disable("alice", OPERATOR)

    found = trail("console.analyst")

    assert [e["type"].rpartition(".")[2] for e in found] == ["added", "role_changed", "disabled"]
    assert {e["actor"]["ref"] for e in found} == {"exploitante"}
    assert found[1]["before"] == {"role": "reader"}
    assert found[1]["after"] == {"analyst": "alice", "role": "investigator"}
