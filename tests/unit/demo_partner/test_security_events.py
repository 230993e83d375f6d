"""The provider pushes a security event: what is taken, what is refused, and how it is said."""

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

SID = "session-of-the-provider"
HEADER = "Bearer demo-only-evenements-Qx7mK2vR9tLw4NzB8cHy"
REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
DISABLED = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
CHANGED = "https://schemas.openid.net/secevent/caep/event-type/credential-change"


def person(provider, **changes):
    return {"format": "iss_sub", "iss": provider.issuer, "sub": "pairwise-subject", **changes}


def event(provider, *, typ="secevent+jwt", alg="RS256", key=None, **changes):
    """A right event, but for what *changes* says (None drops a claim)."""
    claims = {
        "iss": provider.issuer,
        "aud": provider.asked["client_id"],
        "iat": provider.now,
        "jti": "one",
        "txn": "cause",
        "sub_id": person(provider),
        "events": {DISABLED: {}},
        **changes,
    }
    key = key or (provider.rsa_key if alg == "RS256" else provider.key)
    header = {"alg": alg, "kid": key.kid, **({"typ": typ} if typ else {})}
    return jwt.encode(header, {n: v for n, v in claims.items() if v is not None}, key)


def pushes(visitor, token, *, header=HEADER, kind="application/secevent+jwt"):
    return visitor.browser.application.test_client().post(
        "/evenements-de-securite",
        data=token,
        headers={"Authorization": header, "Content-Type": kind},
    )


def is_logged_in(visitor):
    return "Vous êtes connecté" in visitor.browser.get("/").text


def test_a_suspended_person_is_out_and_the_page_shows_why(logged_in, provider):
    answer = pushes(logged_in, event(provider))

    assert answer.status_code == 202
    assert not is_logged_in(logged_in)
    assert "account-disabled" in logged_in.browser.get("/").text


def test_one_session_that_is_revoked_ends_alone(logged_in, provider):
    def revoked(sid):
        session = {"format": "opaque", "id": sid}
        return {"format": "complex", "user": person(provider), "session": session}

    pushes(logged_in, event(provider, events={REVOKED: {}}, sub_id=revoked("another")))
    goes_on = is_logged_in(logged_in)
    pushes(logged_in, event(provider, jti="two", events={REVOKED: {}}, sub_id=revoked(SID)))

    assert goes_on
    assert not is_logged_in(logged_in)


@pytest.mark.parametrize(
    ("sub", "uri"), [("another", DISABLED), ("pairwise-subject", CHANGED)], ids=["other", "mild"]
)
def test_other_people_and_milder_events_end_nothing(logged_in, provider, sub, uri):
    token = event(provider, events={uri: {}}, sub_id=person(provider, sub=sub))

    assert pushes(logged_in, token).status_code == 202
    assert is_logged_in(logged_in)


def test_an_event_that_comes_again_is_taken_and_has_one_effect(logged_in, provider):
    token = event(provider)
    pushes(logged_in, token)
    logged_in.logs_in("ameli")

    again = pushes(logged_in, token)

    assert again.status_code == 202
    assert is_logged_in(logged_in)


@pytest.mark.parametrize(
    ("flaw", "err"),
    [
        ({"iss": "https://another.example"}, "invalid_issuer"),
        ({"iss": None}, "invalid_issuer"),
        ({"aud": "another"}, "invalid_audience"),
        ({"aud": None}, "invalid_audience"),
        ({"iat": None}, "invalid_request"),
        ({"iat": 9_999_999_999}, "invalid_request"),
        ({"jti": None}, "invalid_request"),
        ({"events": None}, "invalid_request"),
        ({"events": {}}, "invalid_request"),
        ({"events": {DISABLED: "yes"}}, "invalid_request"),
        ({"events": {DISABLED: {}, REVOKED: {}}}, "invalid_request"),
        ({"sub_id": None}, "invalid_request"),
        ({"sub_id": {"format": "iss_sub", "iss": "x", "sub": "y"}}, "invalid_request"),
        ({"sub": "pairwise-subject"}, "invalid_request"),
        ({"exp": 9_999_999_999}, "invalid_request"),
        ({"typ": "logout+jwt"}, "invalid_request"),
        ({"typ": None}, "invalid_request"),
        ({"alg": "ES256"}, "invalid_key"),
        ({"key": RSAKey.generate_key(2048, {"kid": "rsa"})}, "invalid_key"),
    ],
    ids=str,
)
def test_one_flaw_is_enough_and_its_code_is_said(logged_in, provider, flaw, err):
    answer = pushes(logged_in, event(provider, **flaw))

    assert (answer.status_code, answer.get_json()["err"]) == (400, err)
    assert is_logged_in(logged_in)


def test_what_is_no_token_is_refused(logged_in):
    answer = pushes(logged_in, "no token")

    assert answer.status_code == 400
    assert answer.get_json()["err"] in {"invalid_request", "invalid_key"}


@pytest.mark.parametrize("header", ["", "Bearer wrong", HEADER + "x"])
def test_who_does_not_send_the_agreed_header_is_not_believed(logged_in, provider, header):
    answer = pushes(logged_in, event(provider), header=header)

    assert answer.status_code == 401
    assert answer.get_json()["err"] == "authentication_failed"
    assert is_logged_in(logged_in)


def test_another_type_of_content_is_refused(logged_in, provider):
    answer = pushes(logged_in, event(provider), kind="application/json")

    assert answer.status_code == 400
    assert is_logged_in(logged_in)
