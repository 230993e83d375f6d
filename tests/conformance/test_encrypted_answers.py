"""ID Tokens and userinfo encrypted for a client (OpenID Connect Core §10.2, registration §2)."""

import json
import threading
import time

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from tests.support.key_publisher import a_key_publisher
from tests.support.partner import events, header
from tests.support.peer import a_peer

KEYS = {
    "ECDH-ES": ECKey.generate_key("P-256", {"kid": "ec", "use": "enc", "alg": "ECDH-ES"}),
    "RSA-OAEP-256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "enc"}),
}
EC = KEYS["ECDH-ES"]
GOODBYE = "https://partenaire.test/au-revoir"


def encrypted(*answers, alg="ECDH-ES"):
    return {
        f"{answer}_encrypted_response_{name}": value
        for answer in answers
        for name, value in (("alg", alg), ("enc", "A256GCM"))
    }


def jwks(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


def inside(token, key=EC):
    """Decrypt as the client does, allowing only what it registered."""
    algorithm = "ECDH-ES" if isinstance(key, ECKey) else "RSA-OAEP-256"
    return jwe.decrypt_compact(token, key, algorithms=[algorithm, "A256GCM"]).plaintext.decode()


@pytest.fixture
def published():
    with a_key_publisher() as publisher:
        publisher.cache_control = "max-age=0"
        publisher.publishes(EC)
        yield publisher


@pytest.mark.parametrize("alg", ["ECDH-ES", "RSA-OAEP-256"])
def test_an_id_token_is_signed_then_encrypted(a_partner, holder, alg):
    key = KEYS[alg]
    partner = a_partner(jwks=jwks(key), **encrypted("id_token", alg=alg))
    holder.logs_in()

    token = partner.tokens()["id_token"]

    outside = header(token)
    outside.pop("epk", None)
    assert outside == {"alg": alg, "enc": "A256GCM", "kid": key.kid, "cty": "JWT"}
    signed = inside(token, key)
    assert header(signed)["alg"] == "ES256"
    assert partner.verified(signed)["nonce"] == "n-0S6_WzA2Mj"


@pytest.mark.parametrize("signed", ["ES256", "RS256"])
def test_userinfo_is_signed_then_encrypted(a_partner, holder, signed):
    partner = a_partner(
        jwks=jwks(EC), userinfo_signed_response_alg=signed, **encrypted("userinfo")
    )
    holder.logs_in()
    tokens = partner.tokens(scope="openid email")

    answer = partner.userinfo(tokens["access_token"])

    assert answer.mimetype == "application/jwt"
    assert header(answer.text)["cty"] == "JWT"
    claims = partner.verified(inside(answer.text))
    assert header(inside(answer.text))["alg"] == signed
    assert claims["email"] == "annie.brisson945@exemple.fr"
    assert (claims["iss"], claims["aud"]) == ("http://localhost:8000", "partenaire")
    assert header(tokens["id_token"])["alg"] == "ES256"  # each answer as it was registered


def test_userinfo_may_be_encrypted_alone(a_partner, holder):
    partner = a_partner(jwks=jwks(EC), **encrypted("userinfo"))
    holder.logs_in()

    answer = partner.userinfo(partner.tokens()["access_token"])

    assert answer.mimetype == "application/jwt"
    assert "cty" not in header(answer.text)
    assert json.loads(inside(answer.text))["aud"] == "partenaire"


def test_each_answer_is_encrypted_for_the_key_published_now(a_partner, holder, published):
    partner = a_partner(jwks_uri=published.address, **encrypted("id_token"))
    holder.logs_in()
    partner.tokens()
    newer = ECKey.generate_key("P-256", {"kid": "newer", "use": "enc", "alg": "ECDH-ES"})
    published.publishes(newer, EC)

    token = partner.tokens()["id_token"]

    assert header(token)["kid"] == "newer"
    assert partner.verified(inside(token, newer))


UNUSABLE = {
    "signs only": ECKey.generate_key("P-256", {"use": "sig"}),
    "no use": ECKey.generate_key("P-256"),
    "other algorithm": ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES+A128KW"}),
    "other curve": ECKey.generate_key("P-384", {"use": "enc"}),
    "other kind": RSAKey.generate_key(2048, {"use": "enc"}),
}


@pytest.mark.parametrize("flaw", [*UNUSABLE, "down"])
def test_without_a_key_no_id_token_leaves_and_the_code_is_not_spent(
    app, a_partner, holder, published, flaw
):
    partner = a_partner(jwks_uri=published.address, **encrypted("id_token"))
    holder.logs_in()
    code = partner.code()
    published.status = "503 Busy" if flaw == "down" else "200 OK"
    published.publishes(UNUSABLE.get(flaw, EC))

    answer = partner.redeems(code)

    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert "token" not in answer.get_json()
    (event,) = events(app, "token.encryption.failed")
    assert (event["client_id"], event["outcome"]) == ("partenaire", "failure")
    assert event["reason_code"] == ("jwks_uri:http_503" if flaw == "down" else "no_key")
    assert events(app, "token.issued") == []
    assert events(app, "code.redeemed") == []


def test_a_client_whose_keys_never_come_is_answered_before_it_gives_up(a_partner, holder):
    """FranceConnect waits 6 seconds for a token answer."""
    leave = threading.Event()
    with a_peer(lambda _connection, _request: leave.wait(10)) as port:
        partner = a_partner(jwks_uri=f"http://localhost:{port}/", **encrypted("id_token"))
        holder.logs_in()
        code = partner.code()
        started = time.monotonic()
        answer = partner.redeems(code)
        waited = time.monotonic() - started
        leave.set()

    assert answer.get_json()["error"] == "server_error"
    assert waited < 6


def test_the_code_serves_once_the_key_is_there(a_partner, holder, published):
    partner = a_partner(jwks_uri=published.address, **encrypted("id_token"))
    holder.logs_in()
    code = partner.code()
    published.publishes(UNUSABLE["no use"])
    partner.redeems(code)
    published.publishes(EC)

    answer = partner.redeems(code)

    assert answer.status_code == 200
    assert inside(answer.get_json()["id_token"])


def test_without_a_key_no_userinfo_leaves(app, a_partner, holder, published):
    partner = a_partner(jwks_uri=published.address, **encrypted("userinfo"))
    holder.logs_in()
    access_token = partner.tokens(scope="openid email")["access_token"]
    published.publishes(UNUSABLE["signs only"])

    answer = partner.userinfo(access_token)

    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert "exemple.fr" not in answer.text
    assert len(events(app, "token.encryption.failed")) == 1
    assert events(app, "userinfo.read") == []


@pytest.fixture
def encrypting_partner(a_partner, holder):
    partner = a_partner(jwks=jwks(EC), **encrypted("id_token"))
    holder.logs_in()
    return partner


def test_the_signed_token_inside_is_a_logout_hint(encrypting_partner, holder):
    token = encrypting_partner.tokens()["id_token"]

    answer = holder.client.get(
        "/end-session",
        query_string={"id_token_hint": inside(token), "post_logout_redirect_uri": GOODBYE},
    )

    assert answer.location == GOODBYE


def test_the_encrypted_token_itself_is_no_logout_hint(encrypting_partner, holder):
    """RP-initiated logout §2: the client decrypts it first; nobody can encrypt for us."""
    token = encrypting_partner.tokens()["id_token"]

    answer = holder.client.get(
        "/end-session", query_string={"id_token_hint": token, "post_logout_redirect_uri": GOODBYE}
    )

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert encrypting_partner.code()  # nobody was logged out


def test_an_encrypted_hint_of_a_request_says_what_to_send(encrypting_partner):
    token = encrypting_partner.tokens()["id_token"]

    outer = encrypting_partner.receives(encrypting_partner.sends(id_token_hint=token))
    inner = encrypting_partner.receives(encrypting_partner.sends(id_token_hint=inside(token)))

    assert outer["error"] == "invalid_request"
    assert "send the signed ID Token" in outer["error_description"]
    assert inner["code"]


def test_discovery_says_which_encryption_there_is(client):
    metadata = client.get("/.well-known/openid-configuration").get_json()

    for answer in ("id_token", "userinfo"):
        assert metadata[f"{answer}_encryption_alg_values_supported"] == ["ECDH-ES", "RSA-OAEP-256"]
        assert metadata[f"{answer}_encryption_enc_values_supported"] == ["A256GCM"]
