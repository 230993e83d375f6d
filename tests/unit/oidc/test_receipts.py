"""Receipts: what each login gave each partner, and nothing of anybody else."""

import re
from collections import Counter

import pytest

from broker.base.db import Base
from broker.oidc.consents.receipts import Receipts
from tests.support.logout_receiver import a_logout_receiver, delivers
from tests.support.partner import (
    REFRESHING,
    Holder,
    Partner,
    callback,
    events,
    register,
    sample_account,
)
from tests.unit.oidc.test_bounded_rows import rows
from tests.unit.ties.conftest import words

PAGE = "/mon-compte/recus"


@pytest.fixture
def holder(app):
    found = Holder(app, sample_account(app))
    found.logs_in()
    return found


@pytest.fixture
def partner(app, holder):
    return Partner(app, holder, register(app, **REFRESHING))


@pytest.fixture
def receipts(app, holder):
    return lambda: app.extensions["broker"][Receipts].every(holder.account_id)


def test_a_receipt_names_service_data_times_and_login(partner, holder, receipts, clock):
    clock.advance(minutes=1)
    tokens = partner.tokens(scope="openid email")
    clock.advance(minutes=2)
    partner.userinfo(tokens["access_token"])

    page = words(holder.client.get(PAGE))

    assert "Partenaire, le 02/03/2026, 12:01" in page
    assert "<li>Votre adresse e-mail</li>" in page
    assert "Votre date de naissance" not in page
    assert "Lues le 02/03/2026, 12:03" in page
    assert "Le 02/03/2026, 12:00" in page
    (receipt,) = receipts()
    assert f"<dd>{receipt.login}</dd>" in page


def test_data_that_were_asked_by_name_are_told_too(partner, receipts):
    partner.tokens(claims='{"userinfo": {"email": null}, "id_token": {"name": null}}')

    assert receipts()[0].data == ("name", "email")


def test_access_in_the_absence_of_the_person_is_told(partner, receipts):
    partner.tokens(scope="openid offline_access")

    assert receipts()[0].data == ("offline_access",)


def test_a_code_that_was_never_redeemed_gave_nothing(partner, receipts):
    partner.code()

    assert receipts() == []


def test_what_was_given_and_not_read_is_told_so(partner, holder):
    partner.tokens()

    assert "Le service ne les a pas lues" in words(holder.client.get(PAGE))


def test_reads_that_were_refused_are_no_reads(partner, receipts, clock):
    tokens = partner.tokens()
    clock.advance(seconds=301)
    assert partner.userinfo(tokens["access_token"]).status_code == 401

    assert receipts()[0].reads == 0


def test_one_login_and_one_service_make_one_receipt_however_much_they_do(
    app, partner, receipts, clock
):
    partner.tokens()
    clock.advance(seconds=1)
    before = rows(app, *(t for t in Base.metadata.sorted_tables if t.name != "audit_event"))

    tokens = partner.tokens(scope="openid email")
    for _ in range(10):
        partner.userinfo(tokens["access_token"])

    after = rows(app, *(t for t in Base.metadata.sorted_tables if t.name != "audit_event"))
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == {"oidc_grant": 1, "oidc_access_token": 1}
    (receipt,) = receipts()
    assert (receipt.reads, receipt.data, receipt.repeated) == (10, ("email",), True)


def test_a_login_at_a_partner_leaves_as_many_events_as_before_receipts(app, partner):
    partner.tokens()

    kinds = Counter(
        event["type"]
        for event in events(app, "")
        if event["type"].startswith(("authz.", "code.", "token."))
    )
    assert kinds == {
        "authz.requested": 1, "code.issued": 1, "code.redeemed": 1, "token.issued": 3,
    }  # fmt: skip


def test_another_login_and_another_service_make_their_own(app, partner, holder, receipts, clock):
    other = Partner(app, holder, register(app, client_id="autre", client_name="Autre"))
    for step in (partner.tokens, other.tokens, holder.logs_in, partner.tokens):
        clock.advance(seconds=1)
        step()

    found = receipts()

    assert [r.client_id for r in found] == ["partenaire", "autre", "partenaire"]
    assert found[0].login != found[1].login == found[2].login


def test_nobody_sees_the_receipts_of_another_person(app, partner):
    partner.tokens()
    stranger = Holder(app, sample_account(app, 2))
    stranger.logs_in()

    assert "Vous n'avez ouvert aucun service" in words(stranger.client.get(PAGE))


def test_twenty_receipts_fill_a_page(partner, holder, clock):
    for number in range(21):
        if number == 1:
            assert "Pages de l'historique" not in words(holder.client.get(PAGE))
        clock.advance(seconds=1)
        holder.logs_in()
        partner.tokens()

    newest, oldest = (words(holder.client.get(PAGE, query_string={"page": n})) for n in (1, 2))

    assert (newest.count("<section"), oldest.count("<section")) == (20, 1)
    assert "Reçus plus anciens" in newest
    assert "Reçus plus récents" not in newest
    assert "Reçus plus récents" in oldest
    assert "Reçus plus anciens" not in oldest


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "9" * 400, ""])
def test_a_page_that_is_no_page_is_the_first(partner, holder, number):
    partner.tokens()

    page = holder.client.get(PAGE, query_string={"page": number})

    assert "Partenaire" in words(page)


@pytest.mark.parametrize(("late", "told"), [(0, 1), (1, 0)])
def test_receipts_are_kept_three_years(partner, receipts, clock, late, told):
    partner.tokens()

    clock.advance(days=3 * 365, seconds=late)

    assert len(receipts()) == told


def test_that_the_sharing_is_stopped_is_said_where_it_is_so(holder, partner):
    said = "Le partage avec Partenaire est arrêté."
    partner.tokens()
    crafted = holder.client.get("/mon-compte/services?arret=partenaire")
    form = callback(holder.client.get("/mon-compte/services/arreter?service=partenaire"))

    stopped = holder.client.post("/mon-compte/services", data=form, follow_redirects=True)

    assert said in words(stopped)
    assert said not in words(crafted)
    assert "est arrêté" not in words(holder.client.get("/mon-compte/services?arret=inconnu"))


def test_the_sharing_is_stopped_from_a_receipt_which_stays(app, holder, receipts):
    with a_logout_receiver() as receiver:
        told = Partner(app, holder, register(app, backchannel_logout_uri=receiver.address))
        tokens = told.tokens()
        page = holder.client.get(PAGE)
        link = re.search('href="(/mon-compte/services/arreter[^"]*)"', page.get_data(as_text=True))

        assert link
        form = callback(holder.client.get(link[1]))
        assert form["service"] == "partenaire"
        assert holder.client.post("/mon-compte/services", data=form).status_code == 303

        assert told.userinfo(tokens["access_token"]).status_code == 401
        assert delivers(app) == 1
    assert not re.search("Arrêter le partage<", words(holder.client.get(PAGE)))
    assert len(receipts()) == 1


def test_receipts_are_for_people_who_are_logged_in(client):
    assert client.get(PAGE).location == f"/connexion?vers={PAGE}"
