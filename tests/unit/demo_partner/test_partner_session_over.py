"""The provider says that a session is over: every check of a logout token."""

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

EVENT = "http://schemas.openid.net/event/backchannel-logout"
SID = "session-of-the-provider"


def logout_token(provider, *, typ="logout+jwt", alg="ES256", **changes):
    """A right logout token, but for what *changes* says (None drops a claim)."""
    claims = {
        "iss": provider.issuer,
        "aud": provider.asked["client_id"],
        "iat": provider.now,
        "exp": provider.now + 120,
        "jti": "one",
        "events": {EVENT: {}},
        "sub": "pairwise-subject",
        "sid": SID,
        **changes,
    }
    key = provider.flaws.get("logout_key", provider.key if alg == "ES256" else provider.rsa_key)
    header = {"alg": alg, "kid": key.kid, **({"typ": typ} if typ else {})}
    return jwt.encode(header, {n: v for n, v in claims.items() if v is not None}, key)


def tells(visitor, token):
    return visitor.browser.application.test_client().post(
        "/fin-de-session", data={"logout_token": token}
    )


def is_logged_in(visitor):
    return "Vous êtes connecté" in visitor.browser.get("/").text


def test_the_session_is_over_at_once(logged_in, provider):
    answer = tells(logged_in, logout_token(provider))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert not is_logged_in(logged_in)


def test_a_person_without_a_session_named_is_out_everywhere(logged_in, provider):
    answer = tells(logged_in, logout_token(provider, sid=None))

    assert answer.status_code == 200
    assert not is_logged_in(logged_in)


@pytest.mark.parametrize(
    "changes", [{"sid": "another"}, {"sub": "another"}, {"sid": "another", "sub": None}]
)
def test_sessions_of_others_go_on(logged_in, provider, changes):
    answer = tells(logged_in, logout_token(provider, **changes))

    assert answer.status_code == 200
    assert is_logged_in(logged_in)


def test_a_token_ends_something_once(logged_in, provider):
    token = logout_token(provider)
    tells(logged_in, token)
    logged_in.logs_in("ameli")

    again = tells(logged_in, token)

    assert again.status_code == 400
    assert is_logged_in(logged_in)


@pytest.mark.parametrize(
    "flaw",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"iss": None},
        {"aud": None},
        {"iat": None},
        {"exp": None},
        {"jti": None},
        {"events": None},
        {"events": {}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"events": {EVENT: "yes"}},
        {"events": [EVENT]},
        {"nonce": "n"},
        {"sub": None, "sid": None},
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "at+jwt"},
        {"alg": "RS256"},
    ],
    ids=str,
)
def test_one_flaw_is_enough_to_end_nothing(logged_in, provider, flaw):
    answer = tells(logged_in, logout_token(provider, **flaw))

    assert answer.status_code == 400
    assert is_logged_in(logged_in)


@pytest.mark.parametrize("age", [151, 86_400])
def test_an_old_token_ends_nothing(logged_in, provider, age):
    token = logout_token(provider, iat=provider.now - age, exp=provider.now - age + 120)

    assert tells(logged_in, token).status_code == 400
    assert is_logged_in(logged_in)


def test_a_token_that_somebody_else_signed_ends_nothing(logged_in, provider):
    provider.flaws["logout_key"] = ECKey.generate_key("P-256", {"kid": "one"})

    assert tells(logged_in, logout_token(provider)).status_code == 400
    assert is_logged_in(logged_in)


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "a" * 50_000])
def test_what_is_no_token_ends_nothing(logged_in, token):
    assert tells(logged_in, token).status_code == 400
    assert is_logged_in(logged_in)


def test_an_id_token_is_no_logout_token(logged_in, provider):
    claims = {**provider.id_token_claims(), "jti": "1", "events": {EVENT: {}}, "nonce": None}
    token = provider.signed({n: v for n, v in claims.items() if v is not None}, "ES256")

    assert tells(logged_in, token).status_code == 400
    assert is_logged_in(logged_in)
