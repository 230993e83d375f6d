"""Which role each page of the console asks for: one table, in which every route stands."""

import re

import pytest
from flask import Flask

from broker.console.model import Role
from tests.support.page_rules import broken_rules
from tests.unit.console.conftest import OPERATOR

OPEN = {"console.login", "console.enter", "console.open_invitation", "console.invitation",
        "console.accept", "console.time_left"}  # fmt: skip
ROLES = {
    "console.leave": Role.READER,
    "analyst_account.overview": Role.READER,
    "analyst_account.password": Role.READER,
    "analyst_account.change_password": Role.READER,
    "analyst_account.application_page": Role.READER,
    "analyst_account.ask_application": Role.READER,
    "analyst_account.new_application": Role.READER,
    "analyst_account.confirm_application": Role.READER,
    "trail.home": Role.READER,
    "trail.search": Role.READER,
    "trail.timeline": Role.READER,
    "trail.event": Role.READER,
    "lineage.ask": Role.READER,
    "lineage.look_up": Role.READER,
    "lineage.tree": Role.READER,
    "lineage.download": Role.READER,
    "questions.every": Role.READER,
    "questions.one": Role.READER,
    "questions.name_it": Role.READER,
    "alerts.every": Role.READER,
    "alerts.one": Role.READER,
    "alerts.acknowledge": Role.INVESTIGATOR,
    "questions.logins": Role.READER,
    "cases.every": Role.READER,
    "cases.concluded": Role.READER,
    "cases.one": Role.READER,
    "cases.conclude": Role.INVESTIGATOR,
    "cuts.every": Role.RESPONDER,
    "cuts.preview": Role.RESPONDER,
    "cuts.plan": Role.RESPONDER,
    "cuts.one": Role.RESPONDER,
    "cuts.approve": Role.RESPONDER,
    "cuts.refuse": Role.RESPONDER,
    "trail.person": Role.INVESTIGATOR,
    "trail.look_up": Role.INVESTIGATOR,
}


def asked(app: Flask) -> dict[str, tuple[str, str]]:
    """The path and the method of each route of the console."""
    return {
        rule.endpoint: (
            rule.rule.replace("<event_id>", "x")
            .replace("<reference>", "x")
            .replace("<name>", "replays"),
            "POST" if "POST" in rule.methods else "GET",
        )
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/audit")
    }


def test_each_route_is_open_to_all_or_asks_for_a_role(app: Flask):
    guarded = {
        endpoint: getattr(app.view_functions[endpoint], "console_role", None)
        for endpoint in asked(app)
    }

    assert {endpoint for endpoint, role in guarded.items() if role is None} == OPEN
    assert {endpoint: role for endpoint, role in guarded.items() if role} == ROLES


@pytest.mark.parametrize("endpoint", ROLES)
def test_nobody_enters_without_a_session(app: Flask, alice, endpoint: str):
    path, method = asked(app)[endpoint]
    stranger = alice.elsewhere()

    answer = stranger.opens(path) if method == "GET" else stranger.posts(path)

    assert answer.status_code == (303 if method == "GET" else 401)
    towards = "" if endpoint == "trail.home" else f"?vers={path}"
    assert answer.headers.get("Location") in {None, f"/audit/connexion{towards}"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("endpoint", ROLES)
def test_a_role_opens_its_pages_and_no_other(app: Flask, enrolled, trail, endpoint, role):
    path, method = asked(app)[endpoint]
    analyst = enrolled(role=role)

    answer = analyst.opens(path) if method == "GET" else analyst.posts(path)

    allowed = role.includes(ROLES[endpoint])
    assert (answer.status_code != 403) == allowed
    assert bool(trail("console.refused")) != allowed


def test_roles_are_a_ladder():
    ladder = [Role.READER, Role.INVESTIGATOR, Role.RESPONDER]

    assert [[have.includes(wanted) for wanted in ladder] for have in ladder] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_a_page_that_refuses_an_analyst_is_one_of_the_console(alice):
    pages = [alice.opens(f"/audit/{path}") for path in ("personne", "evenements/x", "alertes/x")]

    assert [page.status_code for page in pages] == [403, 404, 404]
    for page in pages:
        assert '<nav class="console-nav"' in page.text
        assert "Me déconnecter" in page.text
        assert "caisse d'assurance maladie" not in page.text
        assert broken_rules(page.text) == []


def test_another_role_holds_at_the_next_page(alice, analysts):
    assert "lecture" in alice.opens().text

    analysts.change_role("alice", Role.INVESTIGATOR, OPERATOR)

    assert "enquête" in alice.opens().text


@pytest.mark.parametrize(
    ("role", "places"),
    [
        (Role.READER, "Piste Lignée Alertes Dossiers Questions Mon compte"),
        (Role.INVESTIGATOR, "Piste Personne Lignée Alertes Dossiers Questions Mon compte"),
        (Role.RESPONDER, "Piste Personne Lignée Alertes Dossiers Questions Coupures Mon compte"),
    ],
)
def test_each_page_leads_to_the_others_that_the_role_opens(enrolled, role, places):
    analyst = enrolled(role=role)

    page = analyst.opens("/audit/alertes").text

    menu = page.partition('<nav class="console-nav"')[2].partition("</nav>")[0]
    links = re.findall(r'href="([^"]+)"([^>]*)>([^<]+)</a>', menu)
    assert " ".join(words for _, _, words in links) == places
    assert [words for _, state, words in links if "aria-current" in state] == ["Alertes"]
    assert 'href="/audit/alertes" aria-current="page"' in menu
    assert {analyst.opens(address).status_code for address, _, _ in links} == {200}
    assert '<a class="brand" href="/audit">' in page


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/audit/evenements", "Piste"),
        ("/audit/questions/gaps", "Questions"),
        ("/audit/coupures/apercu?genre=everybody", "Coupures"),
        ("/audit/mon-compte/mot-de-passe", "Mon compte"),
    ],
)
def test_a_page_that_the_menu_does_not_name_is_marked_by_the_place_that_it_belongs_to(
    enrolled, address, place
):
    analyst = enrolled(role=Role.RESPONDER)

    page = analyst.opens(address)

    assert page.status_code == 200
    assert re.findall(r'aria-current="true">([^<]+)<', page.text) == [place]
    assert 'aria-current="page"' not in page.text
