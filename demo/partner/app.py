"""The pages of the sample partner site."""

import hmac
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

from flask import Flask, Response, abort, redirect, render_template, request, session
from werkzeug.wrappers import Response as WerkzeugResponse

from demo.partner.answer import Answer
from demo.partner.logout_token import EndedSession, LogoutTokenRefused
from demo.partner.provider import Provider
from demo.partner.refusal import LoginRefused
from demo.partner.security_event import MEDIA_TYPE, EventRefused, ReceivedEvents
from demo.partner.sessions import MemorySessions, PartnerSession
from demo.partner.settings import PartnerSettings

# No form-action: Chromium also applies it to the redirects that follow a form, and logout
# wanders through several sites before it comes back.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def create_app(settings: PartnerSettings, now: Callable[[], float] = time.monotonic) -> Flask:
    """Build the site with one way in per configured provider; *now* counts seconds."""
    app = Flask(__name__)
    sessions = app.session_interface = MemorySessions(secure=settings.is_secure)
    app.jinja_env.filters["instant"] = _instant
    site = Site(settings, sessions, now)
    app.add_url_rule("/", view_func=site.home)
    app.add_url_rule("/deconnexion", view_func=site.log_out, methods=["POST"])
    app.add_url_rule("/deconnecte", view_func=site.logged_out)
    app.add_url_rule("/connexion/<name>", view_func=site.log_in, methods=["GET", "POST"])
    for name, provider in settings.providers.items():
        app.add_url_rule(
            provider.redirect_path, f"callback_{name}", site.callback, defaults={"name": name}
        )
        if provider.events_path:
            app.add_url_rule(
                provider.events_path,
                f"security_event_{name}",
                site.security_event,
                defaults={"name": name},
                methods=["POST"],
            )
        if provider.logout_path:
            app.add_url_rule(
                provider.logout_path,
                f"session_over_{name}",
                site.session_over,
                defaults={"name": name},
                methods=["POST"],
            )
    app.register_error_handler(LoginRefused, _explain)
    app.register_error_handler(EventRefused, _refuse_event)
    app.after_request(_with_headers)
    return app


class Site:
    """Each method is one page; what a browser may do next is in its session."""

    def __init__(
        self, settings: PartnerSettings, sessions: MemorySessions, now: Callable[[], float]
    ) -> None:
        self._sessions = sessions
        self._events = ReceivedEvents()
        self._logged_out_url = settings.public_url + "/deconnecte"
        self._providers = {
            name: Provider(provider, settings, now)
            for name, provider in settings.providers.items()
        }

    def home(self) -> str:
        """Offer the ways in, or show what the present login brought."""
        answer = session.get("answer")
        if answer is None:
            return render_template("home.html", events=self._events.newest())
        return render_template("received.html", answer=answer, events=self._events.newest())

    def log_in(self, name: str) -> WerkzeugResponse:
        """Leave for the provider."""
        return self._provider(name).start()

    def callback(self, name: str) -> WerkzeugResponse:
        """Come back from the provider."""
        answer = self._provider(name).finish(request.args)
        _renew_session()
        session["answer"] = answer
        return redirect("/")

    def log_out(self) -> WerkzeugResponse:
        """End the session here first, then at the provider."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(403)
        answer: Answer | None = session.get("answer")
        if answer is None:
            return redirect("/")
        state = secrets.token_urlsafe(32)
        session.clear()
        _renew_session()
        session["logout_state"] = state
        provider = self._provider(answer.provider)
        return redirect(provider.logout_url(answer.id_token, self._logged_out_url, state))

    def logged_out(self) -> tuple[str, int]:
        """Say whether this answers a logout that was asked for here."""
        expected: str = session.pop("logout_state", "")
        returned = request.args.get("state", "")
        confirmed = bool(expected) and hmac.compare_digest(expected.encode(), returned.encode())
        page = render_template("logged_out.html", confirmed=confirmed)
        return page, 200 if confirmed else 400

    def session_over(self, name: str) -> tuple[str, int]:
        """Take the provider's word, without any browser, that a session has ended."""
        try:
            ended = self._provider(name).ended_session(request.form.get("logout_token", ""))
        except LogoutTokenRefused:
            return "", 400
        self._sessions.end(lambda kept: _has_ended(kept, ended))
        return "", 200  # §2.8; a certification test takes no 204

    def security_event(self, name: str) -> tuple[str, int]:
        """Take an event that the provider pushes; one that comes again is taken, to no effect."""
        if request.mimetype != MEDIA_TYPE:
            raise EventRefused("invalid_request", f"Content-Type must be {MEDIA_TYPE}")
        event = self._provider(name).security_event(
            request.get_data(as_text=True), request.headers.get("Authorization", "")
        )
        ended = event.ended
        if self._events.add(event) and ended is not None:
            self._sessions.end(lambda kept: _has_ended(kept, ended))
        return "", HTTPStatus.ACCEPTED

    def _provider(self, name: str) -> Provider:
        return self._providers.get(name) or abort(404)


def _has_ended(kept: PartnerSession, ended: EndedSession) -> bool:
    answer: Answer | None = kept.get("answer")
    return answer is not None and answer.provider == ended.provider and ended.is_of(answer.claims)


def _renew_session() -> None:
    cast("PartnerSession", session).renew()


def _explain(refusal: LoginRefused) -> tuple[str, int]:
    return render_template("refused.html", refusal=refusal), refusal.status


def _refuse_event(refusal: EventRefused) -> tuple[dict[str, str], int]:
    return {"err": refusal.err, "description": refusal.description}, refusal.status


def _instant(epoch_seconds: float) -> str:
    """Write an instant of a token as people read it."""
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%d/%m/%Y %H:%M:%S UTC")


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
