"""`broker clients apply` shows what people will notice, then asks; `--dry-run` applies nothing."""

import json
from html import unescape

import pytest
from click.testing import CliRunner

from broker.cli import broker
from broker.clients.administration import ClientAdministration
from broker.clients.directory import Clients
from broker.clients.files import FileReader
from broker.oidc.consents.preview import Previews
from tests.conftest import ROOT
from tests.support.identity_hub import REGISTRATION
from tests.support.partner import (
    REFRESHING,
    Holder,
    Partner,
    a_registration,
    callback,
    register,
    sample_account,
)


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


def client(**changes):
    return FileReader(lenient=False).judge(a_registration(**changes)).registration.client()


@pytest.fixture
def preview(app):
    return app.extensions["broker"][Previews].of


@pytest.fixture
def agrees(app):
    """Return a function that lets somebody agree to a partner, and gives it a token."""

    def agree(number, scope):
        holder = Holder(app, sample_account(app, number))
        holder.logs_in()
        partner = Partner(app, holder, a_registration(**REFRESHING), new=True)
        page = holder.client.get(partner.sends(scope=scope).location)
        answer = holder.client.post("/authorize/suite", data=callback(page))
        return partner.redeems(callback(answer)["code"]).get_json()

    return agree


def test_people_who_agreed_are_counted_and_those_who_would_be_asked_again(
    app, preview, agrees, clock
):
    register(app, **REFRESHING)
    agrees(1, "openid email")
    tokens = agrees(2, "openid profile email offline_access")
    before = client(**REFRESHING)

    found = preview(before, before)
    wider = preview(before, client(**REFRESHING | {"scope": "openid profile email phone"}))

    assert (found.agreed, found.asked_again, found.connected) == (2, 1, 2)
    assert (wider.agreed, wider.asked_again, wider.connected) == (2, 2, 2)
    assert tokens["refresh_token"]
    clock.advance(hours=1)  # the one without offline access has been idle for too long
    assert preview(before, before).connected == 1
    assert preview(before, client(client_id="autre")).agreed == 0


def test_the_page_is_shown_in_the_words_that_people_read(preview):
    before = client(scope="openid email")
    after = client(
        scope="openid email birthdate",
        client_name="Ma <mairie>",
        client_uri="https://mairie.test/accueil",
        policy_uri="https://mairie.test/vie-privee",
    )

    found = preview(before, after)

    assert found.page_before[:3] == (
        "Ce que Partenaire va recevoir",
        "- Votre adresse e-mail",
        "- Un identifiant qui vous désigne dans ce service et dans aucun autre",
    )
    assert found.page_after[:4] == (
        "Ce que Ma <mairie> va recevoir",
        "Site\u00a0: mairie.test",
        "- Votre date de naissance",
        "- Votre adresse e-mail",
    )
    assert found.page_after[-1] == "Ce que Ma <mairie> fait de vos informations"
    assert found.page_changes
    assert not preview(after, after).page_changes


def test_the_page_is_the_one_that_the_browser_shows(app, preview):
    registered = register(app, client_uri="https://mairie.test/")
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, registered, new=True)

    page = holder.client.get(partner.sends(scope=registered["scope"]).location)

    told = preview(None, app.extensions["broker"][Clients].get("partenaire")).page_after
    shown = unescape(page.get_data(as_text=True))
    assert told
    assert [line for line in told if line.removeprefix("- ").partition(":")[0] not in shown] == []


def test_whoever_meets_nobody_has_no_page(preview):
    server = client(
        redirect_uris=None,
        post_logout_redirect_uris=None,
        scope=None,
        ameli={"resource": "https://api.test/", "introspects": True},
    )
    hub = FileReader(lenient=True).judge(REGISTRATION | {"client_secret": "s" * 32})

    assert preview(None, server).page_after == ()
    assert preview(None, hub.registration.client()).page_after == ()


@pytest.fixture
def apply(sqlite_url, tmp_path):
    """Return a function that applies a file by the command; it returns status and output."""
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": sqlite_url,
    }

    def run(*options, answer=None, **changes):
        (tmp_path / "file.json").write_text(json.dumps(a_registration(**changes)))
        command = ["clients", "apply", str(tmp_path / "file.json"), *options]
        done = CliRunner().invoke(broker, command, env=environment, input=answer)
        return done.exit_code, done.output

    return run


def test_the_command_shows_effects_people_and_both_pages_then_asks(app, apply):
    apply("--yes")

    status, output = apply(answer="n\n", scope="openid nir", ameli={"nir": True})

    assert status == 1
    assert output.startswith("partenaire: changed\n  - data disclosed in addition: nir\n")
    assert "  people: 0 agreed, 0 of them will read the page again; 0 connected now\n" in output
    before, _, after = output.partition("  the page that people read, after:\n")
    assert "    | - Votre adresse e-mail\n" in before
    assert "    | - Votre numéro de sécurité sociale\n" in after
    assert after.endswith("Apply 1 change(s)? [y/N]: n\nAborted!\n")
    assert not app.extensions["broker"][Clients].get("partenaire").nir


@pytest.mark.parametrize(
    ("options", "answer", "applied"),
    [((), "y\n", True), (("--yes",), None, True), (("--dry-run",), None, False),
     (("--dry-run", "--yes"), None, False), ((), "", False)],
)  # fmt: skip
def test_nothing_is_applied_unless_it_was_said(app, apply, options, answer, applied):
    _, output = apply(*options, answer=answer)

    assert output.endswith("\npartenaire: applied\n") == applied
    listed = app.extensions["broker"][ClientAdministration].every()
    assert [row["client_id"] for row in listed] == ["partenaire"] * applied


def test_the_effects_are_there_for_programs_too(apply):
    _, output = apply("--dry-run", "--json", scope="openid email")

    row = json.loads(output)
    assert (row["state"], row["agreed"]) == ("new", 0)
    assert "people may be sent to: partenaire.test" in row["effects"]
    assert "- Votre adresse e-mail" in row["page_after"]


def test_what_does_not_change_is_said_in_one_line(apply):
    apply("--yes")

    assert apply() == (0, "partenaire: unchanged\n")
