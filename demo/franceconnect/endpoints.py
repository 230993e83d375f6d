"""The protocol addresses that sites know from discovery."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo.franceconnect import authorization, discovery
from demo.franceconnect.answers import Answer
from demo.franceconnect.browser import browser_of, new_browser, remember
from demo.franceconnect.config import Config
from demo.franceconnect.logins import Logins
from demo.franceconnect.logouts import Logouts
from demo.franceconnect.misbehaviour.orders import Orders
from demo.franceconnect.provider import Provider
from demo.franceconnect.tokens import SigningKeys


@dataclass(frozen=True)
class Endpoints:
    """Parses HTTP, calls one service, formats the answer."""

    config: Config
    keys: SigningKeys
    provider: Provider
    logins: Logins
    logouts: Logouts
    orders: Orders
    sleep: Callable[[float], None]

    def blueprint(self) -> Blueprint:
        """Return the routes, under the path of the issuer."""
        routes = Blueprint("oidc", __name__, url_prefix=self.config.path)
        routes.add_url_rule("/.well-known/openid-configuration", view_func=self.discovery)
        routes.add_url_rule("/jwks", view_func=self.jwks)
        routes.add_url_rule("/authorize", view_func=self.authorize, methods=["GET", "POST"])
        routes.add_url_rule("/token", view_func=self.token, methods=["POST"])
        routes.add_url_rule("/token/revocation", view_func=self.revocation, methods=["POST"])
        routes.add_url_rule("/userinfo", view_func=self.userinfo, methods=["GET", "POST"])
        routes.add_url_rule("/session/end", view_func=self.end_session)
        routes.add_url_rule("/client/logout-callback", view_func=self.logout_callback)
        routes.add_url_rule("/session/end/confirm", view_func=self.confirm_logout)
        return routes

    def discovery(self) -> Response:
        """OpenID Connect Discovery §4."""
        faulty = self.orders.fetched("discovery")
        answer = Answer.of(faulty.discovery(discovery.metadata(self.config)))
        return faulty.delivered("discovery", answer).sent(self.sleep)

    def jwks(self) -> Response:
        """Publish the public keys; caches may keep them ten minutes."""
        faulty = self.orders.fetched("jwks")
        keys = faulty.jwks(self.keys.published())
        answer = Answer.of(keys, Cache_Control="public, max-age=600")
        return faulty.delivered("jwks", answer).sent(self.sleep)

    def authorize(self) -> BaseResponse:
        """Check the request, then show the choice of an account."""
        sent = request.form if request.method == "POST" else request.args
        asked = authorization.check(authorization.read(sent), self.config)
        browser = browser_of(request) or new_browser()
        interaction = self.logins.start(asked, browser)
        answer = Response(status=303)
        answer.location = f"{self.config.path}/interaction/{interaction.id}"
        return remember(answer, browser, secure=self.config.is_secure)

    def token(self) -> Response:
        """RFC 6749 §4.1.3."""
        return self.provider.exchange(request.form).sent(self.sleep)

    def revocation(self) -> Response:
        """RFC 7009 §2."""
        self.provider.revoke(request.form)
        return Response(status=200)

    def userinfo(self) -> Response:
        """Answer the claims of the bearer as a signed JWT."""
        _, _, access_token = request.headers.get("Authorization", "").partition("Bearer ")
        return self.provider.userinfo(access_token).sent(self.sleep)

    def end_session(self) -> str:
        """RP-initiated logout: the first hop."""
        return _hop(self.logouts.start(request.args, browser_of(request) or ""))

    def logout_callback(self) -> str:
        """Come back from the logout of the identity provider."""
        return _hop(self.logouts.returned(request.args.get("state", "")))

    def confirm_logout(self) -> str:
        """Go back to the site, the last hop."""
        return _hop(self.logouts.confirm(request.args.get("state", "")))


def _hop(address: str) -> str:
    """Render a page that goes on by itself, without a script."""
    return render_template("hop.html", address=address)
