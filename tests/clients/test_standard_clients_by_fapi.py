"""A standard OpenID client follows FAPI 2.0, unmodified: PAR, private_key_jwt, DPoP."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, Key, OKPKey

from tests.clients.callers import runs_in_node
from tests.support.account_holder import AccountHolder
from tests.support.partner import REFRESHING, a_registration
from tests.support.stack import Stack

pytestmark = pytest.mark.clients


@pytest.mark.parametrize(
    ("algorithm", "key", "nonce"),
    [
        ("ES256", ECKey.generate_key("P-256"), False),
        ("Ed25519", OKPKey.generate_key("Ed25519"), True),
    ],
    ids=["ES256", "Ed25519 and nonces"],
)
def test_openid_client_of_npm(
    stack: Stack,
    holder: AccountHolder,
    node_modules: Path,
    tmp_path: Path,
    algorithm: str,
    key: Key,
    nonce: bool,
) -> None:
    redirect_uri = f"{stack.url('partner')}/callback"
    client_id = f"fapi-{algorithm}"
    document = a_registration(
        **REFRESHING,
        client_id=client_id,
        client_secret=None,
        redirect_uris=[redirect_uri],
        post_logout_redirect_uris=None,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        ameli={"profile": "fapi2", "dpop_nonce": nonce},
    )
    (tmp_path / "fapi.json").write_text(json.dumps(document))
    stack.command("clients", "apply", str(tmp_path), "--yes")

    got = runs_in_node(
        *("fapi.mjs", node_modules, holder, redirect_uri),
        *(stack.url("broker"), client_id, json.dumps(key.as_dict(private=True)), algorithm),
        redirect_uri,
    )

    assert sorted(got["parameters"]) == ["client_id", "request_uri"]
    assert got["token_type"].lower() == "dpop"
    assert got["userinfo"] == got["again"]
    assert got["userinfo"]["email"] == holder.email
    assert [got["refreshed"][n] for n in SAME] == [got["claims"][n] for n in SAME]
    assert got["rotated"] is False
    assert (got["stolen"], got["bearer"]) == (401, 401)
    asked = [path for path, status, given in got["calls"] if given and status in (400, 401)]
    # One nonce serves every address of ours; the client that stole the token asks for its own.
    assert asked == (["/par", "/userinfo"] if nonce else [])


SAME = ("iss", "sub", "aud", "auth_time")
