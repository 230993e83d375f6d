"""Saved questions about one login, person, network or token: what each finds and leaves out."""

import pytest

from broker.audit.log import AuditLog
from tests.unit.audit.login_story import LoginStory, digest
from tests.unit.console.asked import AWAY, HOME, OTHER, code, counted, opened, wrong


@pytest.mark.parametrize("network", ["198.51.100.9", "198.51.100.0/24", "198.48.0.0/12"])
def test_a_network_is_told_whom_it_tried_and_whether_it_got_in(at, ask, network):
    at(AWAY, wrong("one"), opened("one"), wrong("two"))
    at(HOME, opened("three"))
    at("198.51.101.9" if network.endswith("/24") else OTHER, wrong("four"))

    answer = ask("network", reseau=network)

    assert counted(answer, "Échecs", "Réussites", "Réussite après un échec") == [
        ("1", "1", "oui"), ("1", "0", "non"),
    ]  # fmt: skip


def test_an_ipv6_network_is_found_by_its_prefix(at, ask):
    at("2001:db8:1:2::9", wrong("one"))
    at("2001:db9::1", wrong("two"))

    assert len(ask("network", reseau="2001:db8::/32").rows) == 1
    assert len(ask("network", reseau="2001:db8:1:2::/64").rows) == 1
    assert len(ask("network", reseau="::/0").rows) == 2


def test_a_prefix_with_zeros_in_it_finds_addresses_that_are_written_shorter(at, ask):
    at("2001::1:9:9:9:9", wrong("one"))  # 2001:0:0:1:9:9:9:9
    at("2001::2:9:9:9:9", wrong("two"))

    assert len(ask("network", reseau="2001:0:0:1::/64").rows) == 1


@pytest.mark.parametrize(
    "network", ["198.51.100.9", "198.51.100.0/24", "::ffff:198.51.100.9", "::FFFF:198.51.100.9"]
)
def test_an_address_of_ipv4_is_the_same_as_a_socket_of_both_versions_tells_it(at, ask, network):
    at(f"::ffff:{AWAY}", wrong("one"))
    at(AWAY, wrong("two"))
    at("::ffff:198.51.101.9", wrong("three"))

    assert len(ask("network", reseau=network).rows) == 2


def test_a_browser_is_told_whom_it_tried_from_anywhere(at, ask):
    copied = "b" * 32
    at(AWAY, wrong("one"), browser=copied)
    at(OTHER, opened("one"), wrong("two"), browser=copied)
    at(AWAY, opened("three"))

    answer = ask("browser", indice=copied)

    assert counted(answer, "Échecs", "Réussites", "Réussite après un échec") == [
        ("1", "1", "oui"), ("1", "0", "non"),
    ]  # fmt: skip


@pytest.fixture
def story(app, clock) -> LoginStory:
    return LoginStory.happens(app, clock)


@pytest.mark.parametrize(
    ("name", "of", "expected"),
    [
        ("of_login", lambda s: s.login, {"session.created", "authz.requested", "code.issued",
                                         "token.issued"}),
        ("family", lambda s: digest(s.code)[:32], {"refresh.reuse", "refresh.rotated"}),
        ("token", lambda s: digest(s.access)[:32], {"token.issued", "token.introspected"}),
        ("mail_reference", lambda s: s.login, {"session.created", "code.replayed"}),
    ],
)  # fmt: skip
def test_what_hangs_on_one_identifier_is_told(ask, story, name, of, expected):
    answer = ask(name, indice=of(story))

    found = {row["Type d'événement"] for row in answer.rows}
    assert expected <= found
    if name == "token":
        assert found == expected


def test_a_person_is_told_with_services_and_logins(app, record, ask):
    record(opened("one"), code("one", "mutuelle"), code("one", "mutuelle"), code("two", "impots"))
    subject = app.extensions["broker"][AuditLog].subject_ref("one")

    answer = ask("person", indice=subject)

    assert counted(answer, "Service", "Connexions", "Codes d'autorisation") == [
        ("mutuelle", "0", "2"), ("aucun", "1", "0"),
    ]  # fmt: skip


def test_a_question_about_one_thing_asks_first_and_is_on_record_with_it(alice, story, trail):
    assert "Rien ne répond" not in alice.opens("/audit/questions/of_login").text
    assert trail("console.viewed") == []

    sent = alice.posts("/audit/questions/of_login", indice=story.code)
    page = alice.opens(sent.location)

    assert story.code not in sent.location
    assert "code.issued" in page.text
    (event,) = trail("console.viewed")
    assert event["query"]["terms"] == [f"digest:{digest(story.code)[:32]}"]
