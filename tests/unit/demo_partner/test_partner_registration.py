"""What the partner believes and what it is registered with are the same."""

import json
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo.partner.settings import PartnerSettings

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = ROOT / "config" / "demo" / "clients"
SETTINGS = PartnerSettings.read(ROOT / "demo" / "partner" / "partner.toml")


def _simulator():
    return tomllib.loads((ROOT / "demo" / "franceconnect" / "simulator.toml").read_text())


def _named(entries, client_id):
    return next(entry for entry in entries if entry.get("client_id") == client_id)


def test_the_broker_knows_the_partner_as_the_partner_knows_itself():
    registered = json.loads((CLIENTS / "partenaire-exemple.json").read_text())
    own = SETTINGS.providers["ameli"]

    assert registered["client_id"] == own.client_id
    assert registered["client_secret"] == own.client_secret
    assert registered["token_endpoint_auth_method"] == own.token_endpoint_auth_method
    assert registered["id_token_signed_response_alg"] == own.signing_algorithm
    assert registered["scope"] == own.scope
    assert registered["redirect_uris"] == [SETTINGS.public_url + own.redirect_path]
    assert registered["post_logout_redirect_uris"] == [SETTINGS.public_url + "/deconnecte"]
    stream = registered["ameli"]["ssf"]
    assert stream["endpoint_url"] == SETTINGS.public_url + own.events_path
    assert stream["authorization_header"] == own.events_authorization


def test_franceconnect_knows_the_partner_as_the_partner_knows_itself():
    own = SETTINGS.providers["franceconnect"]
    registered = _named(_simulator()["service_providers"], own.client_id)

    assert registered["client_secret"] == own.client_secret
    assert registered["algorithm"] == own.signing_algorithm
    assert SETTINGS.public_url + own.redirect_path in registered["redirect_uris"]
    assert SETTINGS.public_url + "/deconnecte" in registered["post_logout_redirect_uris"]
    assert _simulator()["issuer"] == own.issuer


def test_the_broker_knows_franceconnect_as_franceconnect_knows_itself():
    registered = json.loads((CLIENTS / "franceconnect.json").read_text())
    remotes = [each.get("remote", {}) for each in _simulator()["identity_providers"]]
    remote = _named(remotes, registered["client_id"])

    assert registered["client_secret"] == remote["client_secret"]
    assert registered["userinfo_signed_response_alg"] == remote["algorithm"]
    assert registered["redirect_uris"] == [_simulator()["issuer"] + "/oidc-callback"]
    assert registered["ameli"]["profile"] == "franceconnect"


@pytest.mark.parametrize("file", sorted(CLIENTS.glob("*.json")), ids=lambda file: file.stem)
def test_demo_secrets_are_long_and_recognisable(file):
    secret = json.loads(file.read_text())["client_secret"]

    assert secret.startswith("demo-only-")
    assert len(secret) >= 32


def test_the_partner_listens_at_its_public_address():
    assert SETTINGS.port == urlsplit(SETTINGS.public_url).port == 8002
