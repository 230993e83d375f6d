"""A login and all that came of it, on the real provider, with a thief at the end."""

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Flask

from tests.conftest import FrozenClock
from tests.support.partner import (
    API,
    PUBLIC,
    Holder,
    Partner,
    callback,
    events,
    register,
    sample_account,
)

_SCOPE = "openid profile offline_access"


@dataclass(frozen=True)
class LoginStory:
    """What the parties had in their hands."""

    sid: str
    partner_sid: str
    """The same session as the partner calls it."""
    login: str
    request_uri: str
    code: str
    access: str
    """Of the second generation, bound to nothing: a resource server asked about it."""
    refresh: tuple[str, str, str]
    """One of each generation."""

    @classmethod
    def happens(cls, app: Flask, clock: FrozenClock) -> "LoginStory":
        """Log in, push, get a code, refresh twice; then the code and a token come back."""
        holder = Holder(app, sample_account(app))
        partner = Partner(app, holder, register(app, **PUBLIC))
        server = Partner(app, holder, _resource_server(app))
        sid = holder.logs_in()
        clock.advance(seconds=1)
        request = partner.request(scope=_SCOPE, resource=API)
        request_uri = partner.calls("/par", request).get_json()["request_uri"]
        clock.advance(seconds=1)
        address = {"client_id": "partenaire", "request_uri": request_uri}
        code = callback(holder.client.get("/authorize", query_string=address))["code"]
        clock.advance(seconds=1)
        tokens = [partner.redeems(code).get_json()]
        for _ in range(2):
            clock.advance(seconds=1)
            tokens.append(partner.refreshes(tokens[-1]["refresh_token"]).get_json())
        clock.advance(seconds=1)
        assert server.introspects(tokens[2]["access_token"])["active"]
        clock.advance(seconds=11)
        assert partner.refreshes(tokens[0]["refresh_token"]).status_code == 400
        clock.advance(seconds=1)
        assert partner.redeems(code).status_code == 400
        (opened,) = events(app, "session.created")
        return cls(
            sid=sid,
            partner_sid=partner.id_token(tokens[0])["sid"],
            login=opened["auth_event_id"],
            request_uri=request_uri,
            code=code,
            access=tokens[2]["access_token"],
            refresh=tuple(each["refresh_token"] for each in tokens),
        )


def _resource_server(app: Flask) -> dict[str, Any]:
    """Register one whose access tokens are signed, so that each has a jti."""
    signed = {"access_token_signed_response_alg": "ES256"}
    return register(
        app,
        client_id="api",
        redirect_uris=None,
        post_logout_redirect_uris=None,
        ameli={"introspects": True, "resource": API, **signed},
    )


def digest(secret: str) -> str:
    """Return the SHA-256 of a code or token, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
