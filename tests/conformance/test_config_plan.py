"""oidcc-config-certification-test-plan: the metadata of a provider behind https."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask

from broker.app import create_app
from broker.base.db import Database
from tests.conftest import test_settings

ISSUER = "https://connexion.test"
_STRINGS = ("issuer", "service_documentation", "op_policy_uri", "op_tos_uri")
_FLAGS = ("_parameter_supported", "require_", "_session_supported", "_logout_supported")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture
def provider(sqlite_url: str) -> Iterator[Flask]:
    """The provider as the world sees it."""
    settings = test_settings(sqlite_url, BROKER_ISSUER=ISSUER)
    application = create_app(settings)
    yield application
    application.extensions["broker"][Database].engine.dispose()


def fetched(provider, path):
    return provider.test_client().get(path, base_url=ISSUER)


def is_well_typed(name, value):
    if name.endswith(("_endpoint", "_uri")) or name in _STRINGS:
        return isinstance(value, str)
    if name.startswith(_FLAGS) or name.endswith(_FLAGS):
        return isinstance(value, bool)
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def test_oidcc_discovery_endpoint_verification(provider):
    response = fetched(provider, "/.well-known/openid-configuration")

    metadata = response.get_json()
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert metadata["issuer"] == ISSUER
    assert not urlsplit(metadata["issuer"]).query + urlsplit(metadata["issuer"]).fragment
    assert [name for name, value in metadata.items() if not is_well_typed(name, value)] == []
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["subject_types_supported"] == ["pairwise"]
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    assert "openid" in metadata["scopes_supported"]
    assert all(_SCOPE.fullmatch(scope) for scope in metadata["scopes_supported"])
    assert all(_LOCALE.fullmatch(locale) for locale in metadata["ui_locales_supported"])
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint"} <= metadata.keys()
    endpoints = [v for name, v in metadata.items() if name.endswith(("_endpoint", "jwks_uri"))]
    assert [address for address in endpoints if not address.startswith(f"{ISSUER}/")] == []


def test_oidcc_discovery_jwks(provider):
    """What every module checks of the keys before it begins."""
    metadata = fetched(provider, "/.well-known/openid-configuration").get_json()

    keys = fetched(provider, urlsplit(metadata["jwks_uri"]).path).get_json()["keys"]

    assert [key for key in keys if _PRIVATE & key.keys() or key["kty"] == "oct"] == []
    assert len({key["kid"] for key in keys}) == len(keys)
    assert {key["alg"] for key in keys} >= {"RS256", "ES256"}
