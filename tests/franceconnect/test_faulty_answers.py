"""Each faulty answer is refused: nobody is identified, nothing more is asked, and why is kept."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from demo.franceconnect.config import ServiceProvider
from demo.franceconnect.misbehaviour import MISBEHAVIOURS, Misbehaviour
from demo.franceconnect.tokens import SigningKeys
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.world import ROOT, Upstream, World, redirecting, text_answer

MESSAGES = tomllib.loads((ROOT / "templates/messages/franceconnect.toml").read_text())
UNTRUSTED = "franceconnect.untrusted_answer"
Claims = dict[str, Any]
BEFORE_TOKEN = ["/jwks"]
TOKEN = ["/jwks", "/token"]
USERINFO = ["/jwks", "/token", "/userinfo"]


def assert_refused(world: World, response: Any, page: str, reason: str, calls: list[str]) -> None:
    assert response.status_code >= 400
    assert MESSAGES["refusal"][page]["title"].replace("'", "&#39;") in response.text
    assert world.identities == 0
    assert world.upstream.calls == calls
    refused = world.events("fc.callback.refused")
    assert [event["reason_code"] for event in refused] == [reason]
    assert refused[0]["outcome"] == "failure"
    assert not world.events("fc.callback.ok")
    assert not world.franceconnect.logout_url(browser=world.browser, return_to="/")


@pytest.mark.parametrize(
    ("misbehaviour", "page", "reason", "calls"),
    [
        # The answer to the callback.
        ("wrong_iss_parameter", UNTRUSTED, "iss", []),
        ("missing_iss_parameter", UNTRUSTED, "iss_missing", []),
        ("missing_state", "franceconnect.round_trip_lost", "state_missing", []),
        ("wrong_state", "franceconnect.round_trip_lost", "state_unknown", []),
        ("callback_server_error", "franceconnect.server_error", "server_error", []),
        (
            "callback_temporarily_unavailable",
            "franceconnect.temporarily_unavailable",
            "temporarily_unavailable",
            [],
        ),
        # The token answer.
        ("missing_id_token", UNTRUSTED, "token.id_token", TOKEN),
        ("server_error", "franceconnect.temporarily_unavailable", "http_500", TOKEN),
        # The ID token.
        ("bad_iss", UNTRUSTED, "id_token.iss", TOKEN),
        ("bad_aud", UNTRUSTED, "id_token.aud", TOKEN),
        ("bad_nonce", UNTRUSTED, "id_token.nonce", TOKEN),
        ("missing_nonce", UNTRUSTED, "id_token.nonce", TOKEN),
        ("missing_sub", UNTRUSTED, "id_token.sub", TOKEN),
        ("missing_iat", UNTRUSTED, "id_token.iat", TOKEN),
        ("missing_acr", UNTRUSTED, "id_token.acr", TOKEN),
        ("low_acr", UNTRUSTED, "id_token.acr", TOKEN),  # eidas0 is no level at all
        ("expired", UNTRUSTED, "id_token.exp", TOKEN),
        ("issued_in_the_future", UNTRUSTED, "id_token.iat", TOKEN),
        ("bad_signature", UNTRUSTED, "signature", TOKEN),
        ("alg_none", UNTRUSTED, "alg", TOKEN),
        ("hs256_public_key", UNTRUSTED, "alg", TOKEN),
        ("jwk_in_header", UNTRUSTED, "key_unknown", [*TOKEN, "/jwks"]),
        ("unknown_key", UNTRUSTED, "key_unknown", [*TOKEN, "/jwks"]),
        # Userinfo.
        ("bad_sub", UNTRUSTED, "userinfo.sub", USERINFO),
        ("bad_userinfo_signature", UNTRUSTED, "signature", USERINFO),
        ("bad_userinfo_aud", UNTRUSTED, "userinfo.aud", USERINFO),
        ("wrong_content_type", UNTRUSTED, "userinfo.content_type", USERINFO),
        ("unsigned_userinfo", UNTRUSTED, "userinfo.content_type", USERINFO),
    ],
)
def test_refuses(
    world: World, misbehaviour: str, page: str, reason: str, calls: list[str]
) -> None:
    response = world.round_trip(misbehaviour)

    assert_refused(world, response, page, reason, calls)


def _id_token(**changes: object) -> Misbehaviour:
    return Misbehaviour(id_token_claims=lambda claims: claims | changes)


def _userinfo(**changes: object) -> Misbehaviour:
    return Misbehaviour(userinfo_claims=lambda claims: claims | changes)


def _shifted(**seconds: int) -> Misbehaviour:
    """Set instants relative to the time of issue."""
    return Misbehaviour(
        id_token_claims=lambda claims: (
            claims | {name: claims["iat"] + shift for name, shift in seconds.items()}
        )
    )


def _header(**members: object) -> Callable[[SigningKeys, Claims, ServiceProvider], str]:
    def seal(keys: SigningKeys, claims: Claims, _site: ServiceProvider) -> str:
        header = {"alg": "ES256", "kid": keys.ec.kid, **members}
        lenient = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
        return jwt.encode(header, claims, keys.ec, registry=lenient, default_type=None)

    return seal


def _foreign_key_with_known_kid(keys: SigningKeys, claims: Claims, _site: object) -> str:
    foreign = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "kid": keys.ec.kid}, claims, foreign, ["ES256"])


@pytest.mark.parametrize(
    ("fault", "reason", "calls"),
    [
        (_id_token(aud=["ameli-fs", "another-site"]), "id_token.aud", TOKEN),
        (_id_token(aud=["another-site"], azp="ameli-fs"), "id_token.aud", TOKEN),
        (_id_token(azp="another-site"), "id_token.azp", TOKEN),
        (_id_token(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "id_token.at_hash", TOKEN),
        (_id_token(c_hash="AAAAAAAAAAAAAAAAAAAAAA"), "id_token.c_hash", TOKEN),
        (_id_token(sub=""), "id_token.sub", TOKEN),
        (_id_token(sub=12), "id_token.sub", TOKEN),
        (_id_token(sub="é" * 10), "id_token.sub", TOKEN),
        (_id_token(sub="a" * 256), "id_token.sub", TOKEN),
        (_id_token(acr="eidas9"), "id_token.acr", TOKEN),
        (_id_token(exp="tomorrow"), "id_token.exp", TOKEN),
        (_id_token(exp=True), "id_token.exp", TOKEN),
        (_id_token(exp=float("inf")), "id_token.exp", TOKEN),
        (_id_token(nonce=["0"]), "id_token.nonce", TOKEN),
        (_shifted(exp=-11), "id_token.exp", TOKEN),
        (_shifted(iat=11), "id_token.iat", TOKEN),
        (_shifted(nbf=11), "id_token.nbf", TOKEN),
        (_shifted(auth_time=11), "id_token.auth_time", TOKEN),
        (_shifted(auth_time=-86_401), "id_token.auth_time", TOKEN),
        (Misbehaviour(id_token_seal=_header(crit=["b64"], b64=True)), "header", TOKEN),
        (Misbehaviour(id_token_seal=_header(typ="at+jwt")), "header", TOKEN),
        (Misbehaviour(id_token_seal=_foreign_key_with_known_kid), "signature", TOKEN),
        (Misbehaviour(id_token_seal=lambda *_: "a.b"), "jws", TOKEN),
        (Misbehaviour(id_token_seal=lambda *_: "a.b.c.d.e"), "jws", TOKEN),
        (Misbehaviour(id_token_seal=lambda *_: "W10.e30.AA"), "alg", TOKEN),
        (_id_token(padding="x" * 20_000), "jws", TOKEN),
        (Misbehaviour(token_answer=lambda t: t | {"token_type": "DPoP"}), "token.type", TOKEN),
        (
            Misbehaviour(token_answer=lambda t: t | {"access_token": "two words"}),
            "token.access_token",
            TOKEN,
        ),
        (_userinfo(iss="https://elsewhere.example"), "userinfo.iss", USERINFO),
        (_userinfo(exp=1), "userinfo.exp_if_present", USERINFO),
        (_userinfo(iat=9_999_999_999), "userinfo.iat_if_present", USERINFO),
        (_userinfo(nbf=9_999_999_999), "userinfo.nbf", USERINFO),
        (_userinfo(aud=["ameli-fs", "another-site"]), "userinfo.aud", USERINFO),
        (Misbehaviour(userinfo_seal=_header(typ="logout+jwt")), "header", USERINFO),
        (Misbehaviour(userinfo_seal=_foreign_key_with_known_kid), "signature", USERINFO),
    ],
)
def test_refuses_as_untrusted(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    fault: Misbehaviour,
    reason: str,
    calls: list[str],
) -> None:
    monkeypatch.setitem(MISBEHAVIOURS, "fault", fault)

    response = world.round_trip("fault")

    assert_refused(world, response, UNTRUSTED, reason, calls)


@pytest.mark.parametrize(
    "lawful",
    [
        _id_token(aud=["ameli-fs"]),
        _id_token(azp="ameli-fs"),
        _shifted(exp=-10),
        _shifted(nbf=10, iat=10),
        Misbehaviour(id_token_claims=lambda c: {k: c[k] for k in c.keys() - {"auth_time"}}),
        Misbehaviour(id_token_seal=_header(typ="JWT", jku="https://elsewhere.example/jwks")),
        Misbehaviour(id_token_seal=_header(unknown="is ignored")),
        Misbehaviour(
            id_token_seal=lambda keys, claims, _site: jwt.encode(
                {"alg": "ES256"}, claims, keys.ec, ["ES256"]
            )
        ),
        Misbehaviour(token_answer=lambda t: t | {"token_type": "bearer"}),
        Misbehaviour(token_answer=lambda t: {k: t[k] for k in t.keys() - {"expires_in"}}),
        Misbehaviour(
            userinfo_claims=lambda c: {k: c[k] for k in c.keys() - {"exp", "iat"}}
        ),
    ],
)  # fmt: skip
def test_accepts_what_the_standards_allow(
    world: World, monkeypatch: pytest.MonkeyPatch, lawful: Misbehaviour
) -> None:
    monkeypatch.setitem(MISBEHAVIOURS, "lawful", lawful)

    assert world.round_trip("lawful").status_code == 303


def test_refuses_a_level_below_the_one_asked(
    a_world: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MISBEHAVIOURS, "eidas1", _id_token(acr="eidas1"))
    with a_world(BROKER_FRANCECONNECT_ACR="eidas2") as world:
        response = world.round_trip("eidas1")

        assert_refused(world, response, "franceconnect.low_acr", "id_token.acr", TOKEN)


@pytest.mark.parametrize(
    ("path", "answer", "page", "reason", "calls"),
    [
        ("/token", redirecting("/api/v2/userinfo"), UNTRUSTED, "redirect", TOKEN),
        ("/token", text_answer(b"<html>"), UNTRUSTED, "token.json", TOKEN),
        ("/token", text_answer(b"[" * 60_000), UNTRUSTED, "token.json", TOKEN),
        ("/token", text_answer(b'["a"]', "application/json"), UNTRUSTED, "token.json", TOKEN),
        ("/token", text_answer(b"{}", status="404 Not Found"), UNTRUSTED, "token.status", TOKEN),
        ("/token", text_answer(b"{}", status="400 Bad"), UNTRUSTED, "token.status", TOKEN),
        ("/token", text_answer(b"x" * 65_537), UNTRUSTED, "too_large", TOKEN),
        (
            "/token",
            text_answer(b'{"error":"invalid_client"}', "application/json", "401 No"),
            "franceconnect.client_refused",
            "token.invalid_client",
            TOKEN,
        ),
        (
            "/token",
            text_answer(b'{"error":"invalid_grant"}', "application/json", "400 No"),
            "franceconnect.client_refused",
            "token.invalid_grant",
            TOKEN,
        ),
        (
            "/token",
            text_answer(b'{"error":"a name of theirs"}', "application/json", "400 No"),
            "franceconnect.server_error",
            "token.error",
            TOKEN,
        ),
        ("/userinfo", redirecting("/api/v2/jwks"), UNTRUSTED, "redirect", USERINFO),
        ("/userinfo", text_answer(b"x" * 65_537), UNTRUSTED, "too_large", USERINFO),
        (
            "/userinfo",
            text_answer(b"{}", status="401 No"),
            UNTRUSTED,
            "userinfo.status",
            USERINFO,
        ),
        (
            "/userinfo",
            text_answer("é".encode(), "application/jwt"),
            UNTRUSTED,
            "userinfo.content",
            USERINFO,
        ),
        (
            "/userinfo",
            text_answer(b"", status="503 Busy"),
            "franceconnect.temporarily_unavailable",
            "http_503",
            USERINFO,
        ),
        ("/jwks", text_answer(b"<html>"), UNTRUSTED, "jwks", BEFORE_TOKEN),
        ("/jwks", text_answer(b'{"keys":[]}'), UNTRUSTED, "jwks", BEFORE_TOKEN),
        ("/jwks", text_answer(b'{"keys":"none"}'), UNTRUSTED, "jwks", BEFORE_TOKEN),
        ("/jwks", redirecting("/api/v2/elsewhere"), UNTRUSTED, "redirect", BEFORE_TOKEN),
        ("/jwks", text_answer(b"", status="404 No"), UNTRUSTED, "jwks.status", BEFORE_TOKEN),
    ],
)
def test_refuses_an_endpoint_that_answers_badly(
    world: World, path: str, answer: Any, page: str, reason: str, calls: list[str]
) -> None:
    address = world.identify(world.depart())
    world.upstream.answers[path] = answer

    assert_refused(world, world.come_back(address), page, reason, calls)


def test_does_not_spend_the_code_while_the_keys_cannot_be_had(world: World) -> None:
    address = world.identify(world.depart())
    world.upstream.answers["/jwks"] = text_answer(b"", status="503 Busy")

    world.come_back(address)

    assert "/token" not in world.upstream.calls


def test_keeps_the_last_good_keys_while_new_ones_cannot_be_had(world: World) -> None:
    world.round_trip()
    world.upstream.answers["/jwks"] = text_answer(b"<html>")

    assert world.round_trip().status_code == 303


def test_unknown_keys_do_not_cause_a_storm_of_fetches(world: World, upstream: Upstream) -> None:
    for _ in range(3):
        world.round_trip("unknown_key")
        fetched = upstream.calls.count("/jwks")

    assert fetched == 0
