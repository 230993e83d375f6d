"""The lineage page: from any identifier to the drawn tree, on record, no token in an address."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.page_rules import broken_rules
from tests.support.partner import Holder, Partner, events, register, sample_account
from tests.unit.audit.login_story import LoginStory, digest
from tests.unit.sessions.conftest import LoginPage

CASE = {"motif": "alert", "dossier": "SOC-2026-118"}


@pytest.fixture
def story(app, clock) -> LoginStory:
    return LoginStory.happens(app, clock)


@pytest.fixture
def drawn(alice):
    """Return a function that asks for a lineage and follows to its page; gives its address too."""

    def asked(identifier: str):
        sent = alice.posts("/audit/lignee", indice=identifier, **CASE)
        assert sent.status_code == 303, sent.text
        return alice.opens(sent.location), sent.location

    return asked


def test_the_tree_is_drawn_and_listed_and_each_line_leads_to_its_event(alice, story, drawn, trail):
    page, _ = drawn(story.login)

    assert page.status_code == 200
    assert broken_rules(page.text) == []
    picture, _, listed = page.text.partition('class="lineage"')[2].partition("</svg>")
    shown = {
        part: set(re.findall(r'href="/audit/evenements/([^"]+)"', part))
        for part in (picture, listed)
    }
    (read,) = trail("audit.lineage.read")
    assert len(shown[picture]) == read["events"] == 20
    assert shown[picture] == shown[listed]
    assert alice.opens(f"/audit/evenements/{shown[picture].pop()}").status_code == 200


def test_a_replay_is_red_and_told_by_shape_and_word(story, drawn):
    page, _ = drawn(story.login)

    assert "02/03/2026, 12:00:" in page.text
    assert "Heure de Paris" in page.text
    assert page.text.count("REJEU") >= 4  # two, drawn and listed
    assert page.text.count('<g class="lineage-replayed"') == 2
    assert page.text.count('<li class="lineage-replayed"') == 2


def test_a_lookup_is_on_record_with_its_motive_and_case(story, drawn, trail):
    drawn(story.login)

    (event,) = trail("audit.lineage.read")
    assert event["actor"] == {"kind": "analyst", "ref": "alice"}
    assert event["after"] == {"reason": "alert SOC-2026-118"}
    assert event["logins"] == [story.login]


@pytest.mark.parametrize("secret", ["code", "living"])
def test_no_token_and_no_code_becomes_an_address(story, drawn, secret):
    token = {"code": story.code, "living": story.refresh[2]}[secret]

    page, address = drawn(token)

    assert token not in address
    assert parse_qs(urlsplit(address).query)["indice"] == [digest(token)[:32]]
    assert token not in page.text
    assert page.text.count("font-weight") == 1


def test_a_token_that_nobody_knows_becomes_no_address_either(drawn):
    page, address = drawn("x" * 43)

    assert "x" * 43 not in address
    assert "ne connaît pas cet identifiant" in page.text


def test_a_token_in_the_wrong_field_is_not_shown_again(alice, story):
    answer = alice.posts("/audit/lignee", indice=story.access, **CASE)

    assert answer.status_code == 422
    assert story.access not in answer.text


def test_a_session_keeps_its_name(story, drawn):
    page, address = drawn(story.sid)

    assert story.sid in address
    assert 'class="lineage"' in page.text


@pytest.mark.parametrize(
    "fields",
    [
        {"indice": "", **CASE},
        {"indice": "K7TP-4WQD-2M K7TP-4WQD-2N", **CASE},
        {"indice": "1621228010001", **CASE},
        {"indice": "K7TP-4WQD-2M", "motif": "", "dossier": "SOC-1"},
        {"indice": "K7TP-4WQD-2M", "motif": "alert", "dossier": ""},
    ],
)
def test_without_one_identifier_motive_and_case_nothing_is_read(alice, trail, fields):
    for answer in (
        alice.posts("/audit/lignee", **fields),
        alice.client.get("/audit/lignee/arbre", query_string=fields),
        alice.client.get("/audit/lignee/arbre.json", query_string=fields),
    ):
        assert answer.status_code == 422
        assert 'id="erreurs"' in answer.text
        assert broken_rules(answer.text) == []
    assert trail("audit.lineage.read") == []


def test_the_tree_is_there_as_json_and_that_is_on_record_too(alice, story, drawn, trail):
    page, _ = drawn(story.login)

    address = re.findall(r'href="(/audit/lignee/arbre\.json[^"]+)"', page.text)[0]
    answer = alice.opens(address.replace("&amp;", "&"))

    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.get_json()["roots"][0]["kind"] == "login"
    assert len(trail("audit.lineage.read")) == 2


def test_an_event_and_a_search_lead_to_the_lineage(app, alice, story):
    (event,) = events(app, "session.created")

    page = alice.opens(f"/audit/evenements/{event['event_id']}").text
    found = alice.opens(f"/audit/evenements?terme={story.login}").text

    assert f"/audit/lignee?indice={event['event_id']}" in page
    assert f"/audit/lignee?indice={story.login}" in found
    prefilled = alice.opens(f"/audit/lignee?indice={story.login}").text
    assert f'value="{story.login}"' in prefilled


def test_the_field_for_a_token_has_no_name_and_the_command_is_there_without_a_script(alice):
    page = alice.opens("/audit/lignee").text

    assert 'id="jeton"' in page
    assert 'name="jeton"' not in page
    assert "sha256sum" in page


def test_a_refused_password_stands_below_the_request_that_asked_for_the_login(app, clock, drawn):
    holder = Holder(app, sample_account(app))
    partner = Partner(app, holder, register(app))
    asked = partner.sends()
    clock.advance(seconds=1)
    demande = parse_qs(urlsplit(asked.location).query)["demande"][0]
    LoginPage(holder.client, app).gives_password("Faux&Violon77", demande=demande)
    clock.advance(seconds=1)
    holder.goes_on(asked)
    (refused,) = events(app, "login.password.failed")

    page, _ = drawn(refused["interaction_id"])

    assert "Mot de passe refusé" in page.text
    assert "Session ouverte" in page.text
