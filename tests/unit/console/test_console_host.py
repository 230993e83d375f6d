"""Where the console has a host of its own, it answers there alone, and nothing else does."""

import pytest

from broker.app import create_app
from tests.conftest import test_settings
from tests.unit.console.conftest import AnalystAtWork

HOST = "console.exemple.fr"
PEOPLE, CONSOLE = "http://localhost", f"http://{HOST}"


@pytest.fixture
def apart(sqlite_url, clock):
    return create_app(
        test_settings(
            sqlite_url, BROKER_CONSOLE_HOST=HOST, BROKER_TRUSTED_HOSTS="localhost,127.0.0.1"
        ),
        clock=clock,
    ).test_client()


@pytest.mark.parametrize("path", ["/audit", "/audit/connexion", "/audit/invitation/x"])
def test_the_console_is_found_on_its_host_alone(apart, path):
    assert apart.get(path, base_url=CONSOLE).status_code in {200, 303}
    assert apart.get(path, base_url=PEOPLE).status_code == 404


@pytest.mark.parametrize("path", ["/connexion", "/authorize", "/mon-compte", "/auditeurs"])
def test_nothing_else_is_found_there(apart, path):
    assert apart.get(path, base_url=CONSOLE).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/jwks"),
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/userinfo"),
        ("POST", "/token"),
        ("POST", "/introspect"),
        ("POST", "/token-evidence"),
    ],
)
def test_nor_what_programs_are_answered_ahead_of_flask(apart, method, path):
    sent = {"data": {"token": "x"}} if method == "POST" else {}

    assert apart.open(path, method=method, base_url=CONSOLE, **sent).status_code == 404
    assert apart.open(path, method=method, base_url=PEOPLE, **sent).status_code != 404


def test_its_front_door_is_the_console(apart):
    assert apart.get("/", base_url=CONSOLE).headers["Location"] == "/audit"


@pytest.mark.parametrize(
    "path", ["/health/live", "/accessibilite", "/static/app.css", "/static/app.js"]
)
def test_what_its_pages_and_monitors_need_is_found_on_both(apart, path):
    for host in (PEOPLE, CONSOLE):
        with apart.get(path, base_url=host) as answer:  # a file stays open until it is closed
            assert answer.status_code == 200


def test_a_host_that_nobody_named_is_refused(apart):
    assert apart.get("/audit/connexion", base_url="http://ailleurs.exemple.fr").status_code == 400


def test_its_forms_are_accepted_there(apart):
    page = apart.get("/audit/connexion", base_url=CONSOLE).text
    token = page.split('name="jeton_formulaire" value="')[1].partition('"')[0]

    answer = apart.post(
        "/audit/connexion",
        data={"jeton_formulaire": token},
        base_url=CONSOLE,
        headers={"Origin": CONSOLE, "Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 422


def test_without_a_host_of_its_own_it_is_on_everybodys(alice: AnalystAtWork):
    assert alice.is_in()
    assert alice.client.get("/connexion").status_code == 200
