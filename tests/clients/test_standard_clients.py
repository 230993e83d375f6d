"""Standard OpenID clients log in, unmodified."""

import json
from pathlib import Path

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.clients.callers import logs_in_at, runs_in_node
from tests.support.account_holder import AccountHolder
from tests.support.stack import ROOT, Stack

pytestmark = pytest.mark.clients
_REGISTERED = json.loads((ROOT / "config/demo/clients/partenaire-exemple.json").read_text())


def test_openid_client_of_npm(stack: Stack, holder: AccountHolder, node_modules: Path) -> None:
    redirect_uri = f"{stack.url('partner')}/callback"

    received = runs_in_node(
        *("login.mjs", node_modules, holder, redirect_uri),
        *(stack.url("broker"), "partenaire-exemple", _REGISTERED["client_secret"], redirect_uri),
    )

    assert received["claims"]["acr"] == "eidas1"
    assert received["userinfo"]["family_name"] == holder.insured.nom
    assert received["userinfo"]["sub"] == received["claims"]["sub"]


def test_authlib_client(stack: Stack, holder: AccountHolder) -> None:
    redirect_uri, issuer = f"{stack.url('partner')}/callback", stack.url("broker")
    metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).json()
    session = OAuth2Session(
        "partenaire-exemple",
        _REGISTERED["client_secret"],
        scope="openid profile",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )

    callback = logs_in_at(holder, url, redirect_uri)
    token = session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=callback,
        state=state,
        code_verifier=verifier,
    )
    userinfo = session.get(metadata["userinfo_endpoint"]).json()

    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=5).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    assert claims["nonce"] == nonce
    assert claims["iss"] == issuer
    assert userinfo["sub"] == claims["sub"]
