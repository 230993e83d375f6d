"""The metadata tells what is true, and the key set what is public."""

from urllib.parse import urlsplit

import pytest

ISSUER = "http://localhost:8000"


@pytest.fixture
def metadata(client):
    return client.get("/.well-known/openid-configuration").get_json()


def test_the_metadata_tells_what_is_supported(client, metadata):
    assert metadata["issuer"] == ISSUER
    assert metadata["response_types_supported"] == ["code"]
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["acr_values_supported"] == ["eidas1", "eidas2", "eidas3"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert metadata["request_parameter_supported"] is False
    assert set(metadata["grant_types_supported"]) == {
        "authorization_code",
        "refresh_token",
        "client_credentials",
    }
    assert "registration_endpoint" not in metadata
    assert "openid" in metadata["scopes_supported"]
    assert "nir" not in metadata["scopes_supported"]
    assert "nir" not in metadata["claims_supported"]
    assert client.get("/.well-known/oauth-authorization-server").get_json() == metadata


def test_each_endpoint_that_is_named_answers(client, metadata):
    named = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]

    answers = [client.get(urlsplit(address).path).status_code for address in named]

    assert 404 not in answers
    assert len(named) == 9


def test_keys_are_public_distinct_and_named(client):
    response = client.get("/jwks")

    keys = response.get_json()["keys"]
    assert {key["alg"] for key in keys} == {"ES256", "PS256", "RS256"}
    assert len({key["kid"] for key in keys}) == len(keys)
    assert {key["use"] for key in keys} == {"sig"}
    assert not {"d", "p", "q", "k"} & {member for key in keys for member in key}
    assert response.headers["Cache-Control"] == "public, max-age=600"
