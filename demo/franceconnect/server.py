"""Composition root: builds the simulator once from its configuration."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
from flask import Flask, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo.franceconnect.citizens import Citizens
from demo.franceconnect.config import Config
from demo.franceconnect.controls import Controls
from demo.franceconnect.encryption import OpeningKeys, Sealing
from demo.franceconnect.endpoints import Endpoints
from demo.franceconnect.errors import CallbackError, JsonError, PageError
from demo.franceconnect.identification import Identification
from demo.franceconnect.labels import Labels
from demo.franceconnect.logins import SESSION_LIFETIME, Logins
from demo.franceconnect.logouts import Logouts
from demo.franceconnect.memory import Clock, Shelf
from demo.franceconnect.misbehaviour.orders import Orders
from demo.franceconnect.model import with_parameters
from demo.franceconnect.pages import Pages
from demo.franceconnect.provider import Memory, Provider
from demo.franceconnect.relying_party import RelyingParty
from demo.franceconnect.remote_pages import RemotePages
from demo.franceconnect.tokens import SigningKeys

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; frame-ancestors 'none'"
)


def create_app(
    config: Config,
    *,
    clock: Clock = time.time,
    http: requests.Session | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Flask:
    """Return the simulator; *http* is how it calls remote identity providers."""
    app = Flask(__name__)
    keys = SigningKeys.generate(config)
    orders = Orders()
    logins = Logins.empty(clock)
    citizens = Citizens.load(config.citizens, config.pivots)
    identification = Identification(citizens, clock)
    calls, opening = http or outgoing(config), OpeningKeys()
    sealing = Sealing(config.issuer, calls)
    provider = Provider(config, keys, sealing, Memory.empty(clock), orders, clock)
    pages = Pages(config, provider, logins, identification, citizens, Labels.load())
    remote_pages = RemotePages(
        config=config,
        pages=pages,
        logins=logins,
        identification=identification,
        relying_party=RelyingParty(f"{config.issuer}/oidc-callback", calls, clock, opening),
        departures=Shelf(clock, SESSION_LIFETIME),
        orders=orders,
    )
    logouts = Logouts(config, keys, logins, Shelf(clock, SESSION_LIFETIME))
    for part in (
        Endpoints(config, keys, provider, logins, logouts, orders, sleep),
        pages,
        remote_pages,
        Controls(config, keys, orders),
    ):
        app.register_blueprint(part.blueprint())
    app.register_blueprint(opening.blueprint(config.path))
    Answers(config, logins).register(app)
    return app


def outgoing(config: Config) -> requests.Session:
    """Return what calls remote identity providers: no cookie kept, no proxy or netrc obeyed."""
    http = requests.Session()
    http.trust_env = False
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if config.ca_bundle:
        http.verify = str(config.ca_bundle)
    return http


@dataclass(frozen=True)
class Answers:
    """What every answer has in common: headers, and how a refusal is told."""

    config: Config
    logins: Logins

    def register(self, app: Flask) -> None:
        """Make *app* answer this way."""
        app.register_error_handler(PageError, self.page_error)
        app.register_error_handler(CallbackError, self.callback_error)
        app.register_error_handler(JsonError, self.json_error)
        app.context_processor(lambda: {"prefix": self.config.path})
        app.after_request(self.protected)

    def page_error(self, error: PageError) -> tuple[str, int]:
        """Show FranceConnect's own error page."""
        interaction = self.logins.interactions.get(error.interaction or "")
        return render_template("error.html", error=error, interaction=interaction), error.status

    def callback_error(self, error: CallbackError) -> BaseResponse:
        """Tell the site, with `iss` (RFC 9207)."""
        parameters = error.parameters | {"iss": self.config.issuer}
        address = with_parameters(error.redirect_uri, parameters, in_fragment=error.in_fragment)
        return redirect(address, 303)

    def json_error(self, error: JsonError) -> tuple[Response, int]:
        """Tell a program."""
        answer = {"error": error.error, "error_description": error.description}
        if error.error == "invalid_client":
            answer["error_uri"] = f"{self.config.issuer}/errors/invalid_client"
        response = jsonify(answer)
        if error.error == "invalid_token":
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response, error.status

    def protected(self, response: Response) -> Response:
        """Add the headers that every answer carries."""
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if request.endpoint not in ("oidc.jwks", "static"):
            response.headers["Cache-Control"] = "no-store"
        return response
