"""oidcc-frontchannel-rp-initiated-logout-certification-test-plan, by the names of its modules."""

import re
from html import unescape

from tests.conformance.suite import ISSUER
from tests.support.partner import callback, parse

FRAME = "https://partenaire.test/fin-de-session"
GOODBYE = "https://partenaire.test/au-revoir"
STATE = "t" * 128


def test_oidcc_frontchannel_logout_discovery_endpoint_verification(client):
    metadata = client.get("/.well-known/openid-configuration").get_json()

    assert metadata["frontchannel_logout_supported"] is True
    assert metadata["frontchannel_logout_session_supported"] is True
    assert metadata["end_session_endpoint"]


def test_oidcc_frontchannel_rp_initiated_logout(a_suite):
    suite = a_suite(frontchannel_logout_uri=FRAME, frontchannel_logout_session_required=True)
    tokens = suite.tokens()

    page = suite.partner.holder.client.get(
        "/end-session",
        query_string={
            "id_token_hint": tokens["id_token"],
            "post_logout_redirect_uri": GOODBYE,
            "state": STATE,
        },
    )

    frames = re.findall(r'<iframe src="([^"]+)"', page.get_data(as_text=True))
    assert [unescape(frame).partition("?")[0] for frame in frames] == [FRAME]
    sid = suite.claims(tokens)["sid"]
    assert parse(unescape(frames[0])) == {"iss": ISSUER, "sid": sid}
    assert f"frame-src {FRAME};" in page.headers["Content-Security-Policy"] + ";"
    assert callback(page) == {"state": STATE}
    assert f'url={GOODBYE}?state={STATE}"' in page.get_data(as_text=True)
    suite.is_refused_silently()
