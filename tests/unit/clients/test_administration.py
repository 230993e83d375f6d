"""Partners are applied from files, changed, switched off: audited, and known everywhere."""

import json
import time

import pytest

from broker.app import create_app
from broker.base.crypto import Secret
from broker.clients.administration import ClientAdministration
from broker.clients.directory import Clients
from broker.clients.model import (
    DisabledClient,
    RegistrationRefused,
    SecretWrong,
    UnknownClient,
)
from broker.foundation import Foundation
from tests.support.partner import OPERATOR, SECRET, a_registration, events, register

NEXT = "the-next-secret-of-the-partner-0123456789"
THIRD = "the-third-secret-of-the-partner-012345678"


@pytest.fixture
def administration(app) -> ClientAdministration:
    return app.extensions["broker"][ClientAdministration]


@pytest.fixture
def clients(app) -> Clients:
    return app.extensions["broker"][Clients]


def test_a_file_and_a_folder_are_applied(administration, clients, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(a_registration(client_id="a")))
    (tmp_path / "b.toml").write_text(
        f'client_id = "b"\nclient_secret = "{SECRET}"\n'
        'redirect_uris = ["https://b.test/"]\n[ameli]\nminimum_acr = "eidas2"\n'
    )
    (tmp_path / "notes.txt").write_text("not a client")

    plans = administration.plan(tmp_path)
    administration.apply(plans, OPERATOR)

    assert [plan.client_id for plan in plans] == ["a", "b"]
    assert all(plan.new and plan.changes for plan in plans)
    assert clients.get("b").minimum_acr == "eidas2"
    assert not any(plan.changes for plan in administration.plan(tmp_path))


@pytest.mark.parametrize("text", ["{", "[]", '{"client_id": "x"}', '"text"', "\x00"])
def test_a_file_that_is_no_client_is_refused_by_name(administration, tmp_path, text):
    (tmp_path / "flawed.json").write_text(text)

    with pytest.raises(RegistrationRefused, match="flawed"):
        administration.plan(tmp_path / "flawed.json")


def test_a_method_with_a_secret_needs_one(administration):
    with pytest.raises(RegistrationRefused, match="client_secret"):
        administration.register(a_registration(client_secret=None), OPERATOR)


def test_a_registration_may_be_applied_again_without_its_secret(app, administration, clients):
    register(app)

    administration.register(a_registration(client_secret=None, client_name="Autre"), OPERATOR)

    clients.require_secret(clients.get("partenaire"), Secret(SECRET))
    assert clients.get("partenaire").client_name == "Autre"


def test_two_secrets_are_active_while_one_replaces_the_other(app, clients, clock):
    register(app)
    register(app, client_secret=NEXT)
    partner = clients.get("partenaire")

    for secret in (SECRET, NEXT):
        clients.require_secret(partner, Secret(secret))
    clock.advance(days=30)
    clients.require_secret(partner, Secret(NEXT))
    with pytest.raises(SecretWrong):
        clients.require_secret(partner, Secret(SECRET))


def test_a_third_secret_ends_the_first(app, clients):
    for secret in (SECRET, NEXT, THIRD):
        register(app, client_secret=secret)
    partner = clients.get("partenaire")

    with pytest.raises(SecretWrong):
        clients.require_secret(partner, Secret(SECRET))
    for secret in (NEXT, THIRD):
        clients.require_secret(partner, Secret(secret))


def test_the_end_of_the_previous_secret_is_told_before_and_listed_after(app, administration):
    register(app)

    plan = administration.register(a_registration(client_secret=NEXT), OPERATOR)

    assert plan.effects == ("new secret; the previous one ends: 2026-04-01 11:00 UTC",)
    listed = administration.every()[0]
    assert listed["previous_secret_until"] == "2026-04-01T11:00:00+00:00"
    assert listed["secrets"] == 2


def test_a_secret_that_leaked_ends_at_once_with_a_new_one_while_the_partner_is_off(
    app, administration, clients
):
    register(app)

    administration.disable("partenaire", OPERATOR)
    register(app, client_secret=NEXT)
    administration.enable("partenaire", OPERATOR)

    partner = clients.get("partenaire")
    clients.require_secret(partner, Secret(NEXT))
    with pytest.raises(SecretWrong):
        clients.require_secret(partner, Secret(SECRET))


def test_the_same_secret_again_changes_nothing(app, administration):
    register(app)

    plan = administration.register(a_registration(), OPERATOR)

    assert not plan.changes
    assert administration.every()[0]["secrets"] == 1


def test_secrets_are_kept_as_keyed_hashes(app):
    register(app)
    db = app.extensions["broker"][Foundation].db

    with db.engine.connect() as connection:
        kept = [
            str(row)
            for table in ("client", "client_secret")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]

    assert kept
    assert SECRET not in "".join(kept)


def test_a_disabled_partner_is_refused_until_it_is_enabled(app, administration, clients):
    register(app)

    administration.disable("partenaire", OPERATOR)
    with pytest.raises(DisabledClient):
        clients.get("partenaire")
    register(app, client_name="Autre")  # a new file does not switch it on
    with pytest.raises(DisabledClient):
        clients.get("partenaire")
    administration.enable("partenaire", OPERATOR)

    assert clients.get("partenaire").client_name == "Autre"
    with pytest.raises(UnknownClient):
        administration.disable("nobody", OPERATOR)


def test_a_change_is_known_in_every_process_within_a_second(app, administration, settings, clock):
    register(app)
    other_app = create_app(settings, clock=clock)
    other = other_app.extensions["broker"][Clients]
    other.get("partenaire")

    administration.disable("partenaire", OPERATOR)
    time.sleep(0.5)

    with pytest.raises(DisabledClient):
        other.get("partenaire")
    other_app.extensions["broker"][Foundation].db.engine.dispose()


def test_each_change_is_in_the_trail(app, administration):
    register(app)
    register(app, scope="openid")
    administration.disable("partenaire", OPERATOR)
    administration.enable("partenaire", OPERATOR)

    trail = events(app, "client.")

    assert {event["type"] for event in trail} == {
        "client.created", "client.updated", "client.disabled", "client.enabled",
    }  # fmt: skip
    assert {event["actor"]["kind"] for event in trail} == {"admin"}
    updated = next(event for event in trail if event["type"] == "client.updated")
    assert updated["after"][0].startswith("data no longer disclosed")
    assert SECRET not in json.dumps(trail)
