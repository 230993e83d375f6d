"""FranceConnect in front of its identity provider, as it was recorded: no PKCE, prompt=login."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.support.partner import Holder, Partner, callback, parse

CALLBACK = "https://fc.test/api/v2/oidc-callback"
OTHER_CALLBACK = "https://fc.test/api/v2/oidc-callback/ameli"
LOGOUT_CALLBACK = "https://fc.test/api/v2/client/logout-callback"
STATE, NONCE = "5e" * 32, "a1" * 32
SCOPES = {
    "of the running platform": "openid profile email birth",
    "of the documentation": "openid profile email preferred_username birthplace birthcountry",
}
REGISTRATION: dict[str, Any] = {
    "client_id": "franceconnect",
    "client_name": "FranceConnect",
    "redirect_uris": [CALLBACK, OTHER_CALLBACK],
    "post_logout_redirect_uris": [LOGOUT_CALLBACK],
    "token_endpoint_auth_method": "client_secret_post",
    "scope": "openid profile email birth preferred_username birthplace birthcountry",
    "ameli": {"profile": "franceconnect"},
}


@dataclass
class IdentityHub(Partner):
    """What FranceConnect sends and receives."""

    def leaves(self, **changes: Any) -> TestResponse:
        """Send the browser with the recorded request; None takes a parameter out."""
        request = {
            "client_id": "franceconnect",
            "scope": SCOPES["of the running platform"],
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "acr_values": "eidas1",
            "nonce": NONCE,
            "state": STATE,
            "prompt": "login",
            **changes,
        }
        sent = {name: value for name, value in request.items() if value is not None}
        return self.holder.client.get("/authorize", query_string=sent)

    def comes_back(self, **changes: Any) -> dict[str, str]:
        """Return the parameters of the callback, after the person has logged in."""
        return callback(self.logs_in(**changes))

    def logs_in(self, **changes: Any) -> TestResponse:
        return self.holder.goes_on(self.leaves(**changes), amr=("pwd", "otp"))

    def exchanges(self, code: str, **changes: Any) -> TestResponse:
        """Redeem a code as FranceConnect does: in the form, without a verifier."""
        return self.redeems(code, code_verifier=None, **changes)

    def receives_tokens(self, **changes: Any) -> dict[str, Any]:
        answer = self.exchanges(self.comes_back(**changes)["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def receives_identity(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of userinfo, whose signature was checked."""
        tokens = self.receives_tokens(**changes)
        return self.verified(self.asks_userinfo(tokens["access_token"]).text)

    def asks_userinfo(self, access_token: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/jwt"}
        return self.app.test_client().get("/userinfo", headers=headers)


def demande(response: TestResponse) -> str:
    """Return the id of the request that waits for the login."""
    return parse(response.location)["demande"]


def in_front_of(hub: IdentityHub, account_id: str) -> IdentityHub:
    """Return the same FranceConnect in front of somebody else."""
    return IdentityHub(hub.app, Holder(hub.app, account_id), hub.registered)
