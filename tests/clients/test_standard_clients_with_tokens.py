"""Standard OpenID clients refresh, introspect and revoke, unmodified."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from tests.clients.callers import logs_in_at, runs_in_node
from tests.support.account_holder import AccountHolder
from tests.support.partner import API, REFRESHING, SECRET, a_registration
from tests.support.stack import Stack

pytestmark = pytest.mark.clients
API_SECRET = "a-secret-of-the-api-0123456789-abcdef"


@pytest.fixture(scope="module")
def redirect_uri(stack: Stack) -> str:
    return f"{stack.url('partner')}/callback"


@pytest.fixture(scope="module", autouse=True)
def _registered(stack: Stack, tmp_path_factory, redirect_uri: str) -> None:
    folder: Path = tmp_path_factory.mktemp("registrations")
    documents: list[dict[str, Any]] = [
        a_registration(
            client_id="durable",
            redirect_uris=[redirect_uri],
            post_logout_redirect_uris=None,
            **REFRESHING,
        ),
        {
            "client_id": "api",
            "client_secret": API_SECRET,
            "ameli": {"introspects": True, "resource": API},
        },
    ]
    for document in documents:
        (folder / f"{document['client_id']}.json").write_text(json.dumps(document))
    stack.command("clients", "apply", str(folder), "--yes")


def test_openid_client_of_npm(
    stack: Stack, holder: AccountHolder, node_modules: Path, redirect_uri: str
) -> None:
    received = runs_in_node(
        *("tokens.mjs", node_modules, holder, redirect_uri),
        *(stack.url("broker"), "durable", SECRET, redirect_uri, "api", API_SECRET, API),
    )

    claims, refreshed, active = (received[name] for name in ("claims", "refreshed", "active"))
    assert {name: refreshed[name] for name in ("iss", "sub", "auth_time", "sid")} == {
        name: claims[name] for name in ("iss", "sub", "auth_time", "sid")
    }
    assert received["scope"] == "openid email offline_access"
    assert active["active"] is True
    assert (active["aud"], active["sub"], active["client_id"]) == (API, claims["sub"], "durable")
    assert received["userinfo"]["email"] == holder.email
    assert received["given_back"] == received["ended"] == {"active": False}
    assert received["refused"] == "invalid_grant"


def test_authlib_client(stack: Stack, holder: AccountHolder, redirect_uri: str) -> None:
    issuer = stack.url("broker")
    metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).json()
    session = OAuth2Session(
        "durable",
        SECRET,
        scope="openid email offline_access",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint=metadata["token_endpoint"],
    )
    verifier = generate_token(48)
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, prompt="consent"
    )
    first = session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=logs_in_at(holder, url, redirect_uri),
        state=state,
        code_verifier=verifier,
    )

    second = dict(session.refresh_token(metadata["token_endpoint"]))
    before = session.get(metadata["userinfo_endpoint"])
    revoked = session.revoke_token(metadata["revocation_endpoint"], token=second["refresh_token"])
    after = session.get(metadata["userinfo_endpoint"])
    api = OAuth2Session("api", API_SECRET)
    asked = api.introspect_token(metadata["introspection_endpoint"], token=first["access_token"])

    assert second["access_token"] != first["access_token"]
    assert before.json()["email"] == holder.email
    assert (revoked.status_code, after.status_code) == (200, 401)
    assert asked.json() == {"active": False}
