"""oidcc-backchannel-rp-initiated-logout-certification-test-plan, by the names of its modules."""

from tests.conformance.suite import ISSUER
from tests.support.logout_receiver import delivers
from tests.support.partner import header, parse

GOODBYE = "https://partenaire.test/au-revoir"
STATE = "t" * 128
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def test_oidcc_backchannel_logout_discovery_endpoint_verification(client):
    metadata = client.get("/.well-known/openid-configuration").get_json()

    assert metadata["backchannel_logout_supported"] is True
    assert metadata["backchannel_logout_session_supported"] is True
    assert metadata["end_session_endpoint"]


def test_oidcc_backchannel_rp_initiated_logout(a_suite, app, clock, receiver):
    suite = a_suite(
        backchannel_logout_uri=receiver.address, backchannel_logout_session_required=True
    )
    tokens = suite.tokens()
    claims = suite.claims(tokens)

    response = suite.partner.holder.client.get(
        "/end-session",
        query_string={
            "id_token_hint": tokens["id_token"],
            "post_logout_redirect_uri": GOODBYE,
            "state": STATE,
        },
    )
    delivers(app)

    assert parse(response.location) == {"state": STATE}
    assert [set(form) for form in receiver.forms] == [{"logout_token"}]
    token = receiver.tokens[0]
    told = suite.partner.verified(token)
    now = int(clock().timestamp())
    assert header(token)["typ"] == "logout+jwt"
    assert header(token)["alg"] == header(tokens["id_token"])["alg"]
    assert told == {
        "iss": ISSUER,
        "aud": suite.client_id,
        "iat": now,
        "exp": now + 120,
        "jti": told["jti"],
        "events": {EVENT: {}},
        "sub": claims["sub"],
        "sid": claims["sid"],
    }
    assert len(told["jti"]) == 43
    suite.is_refused_silently()
