"""The trail keeps nothing that a stranger typed into an address."""

import json

from tests.support.partner import events

NIR = "2640531555982"


def test_an_unknown_scope_is_kept_nowhere(app, partner):
    partner.sends(scope=f"openid {NIR}")
    partner.calls("/par", partner.request(scope=f"openid profile {NIR}"))

    recorded = sorted(event["scopes"] for event in events(app, "authz."))

    assert recorded == [["openid"], ["openid", "profile"]]
    assert NIR not in json.dumps(events(app, ""))
