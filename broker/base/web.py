"""The edge: requests in, pages out; refusals explained; headers that every answer carries."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from flask import Flask, Request, Response, current_app, make_response, render_template, request
from flask.sansio.app import App
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed

from broker.base.application import Answer
from broker.base.browser import FORM_TOKEN, Browser
from broker.base.calls import asked_later, stopped_by
from broker.base.clock import Clock
from broker.base.context import CURRENT
from broker.base.engine import says_away
from broker.base.errors import Refusal, Throttled
from broker.base.flood import Traffic
from broker.base.messages import Messages
from broker.base.paris import clock_time, french_date
from broker.base.passage import MAX_BODY, POLICY, REFUSED, Passage
from broker.base.sent_body import discard, require_readable
from broker.base.settings import Settings
from broker.base.urlencoded import FORM

_Service = TypeVar("_Service")
_View = TypeVar("_View", bound=Callable[..., Any])
_DATABASE_BACK = 30  # seconds after which it is worth to ask again
_UNREAD = {411, 413, 415}  # what is said of a body without reading it
_OWN_REFUSALS = "broker_own_refusals"
OwnRefusals = Callable[[str, int, str | None], Response | None]
"""Shows a refusal by its code, its status and the time to wait for; None: it is of other pages."""
log = structlog.get_logger()


def use(service: type[_Service]) -> _Service:
    """Return the service of that type, built once by the composition root."""
    found = services()[service]
    if not isinstance(found, service):
        raise TypeError(service)
    return found


def services() -> Mapping[type, object]:
    """Return every service, by its type."""
    return current_app.extensions["broker"]  # type: ignore[no-any-return]


def protocol_endpoint(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that other programs call, from few addresses and without a form token."""
    view.broker_traffic = Traffic.PROGRAMS  # type: ignore[attr-defined]
    return app_endpoint(view)


def app_endpoint(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that apps call for whoever holds them: counted as people, told as programs."""
    view.broker_program = True  # type: ignore[attr-defined]
    return foreign_form(view)


def foreign_form(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that a form on a partner's page may post to: it cannot know our form token."""
    view.broker_foreign = True  # type: ignore[attr-defined]
    return view


def reads(media: str) -> Callable[[_View], _View]:
    """Mark a view that is sent no form, but that type."""

    def marked(view: _View) -> _View:
        view.broker_media = media  # type: ignore[attr-defined]
        return view

    return marked


def unlimited(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that answers monitors and balancers, however often they ask."""
    view.broker_traffic = None  # type: ignore[attr-defined]
    return view


def show_refusals(app: App, show: OwnRefusals) -> None:
    """Let refusals of some pages be shown in a frame of their own."""
    app.extensions.setdefault(_OWN_REFUSALS, []).append(show)


def page(template: str, status: int = HTTPStatus.OK, **context: object) -> Response:
    """Render a page; the template also gets its ``status``."""
    return make_response(render_template(template, status=int(status), **context), status)


def json_answer(document: Mapping[str, Any], status: int = HTTPStatus.OK) -> Response:
    """Answer a program; its members keep the order that they were given in."""
    return Response(json.dumps(document), status, content_type="application/json")


def see_other(location: str) -> Response:
    """Redirect with 303, so that nothing that was posted is posted again (RFC 9700 §4.12)."""
    return Response(
        status=HTTPStatus.SEE_OTHER, headers={"Location": location, "Content-Length": "0"}
    )


def allow_form_to(response: Response, origin: str) -> Response:
    """Let the page post its form to a partner (response_mode=form_post)."""
    response.headers["Content-Security-Policy"] = POLICY.format(targets=f"'self' {origin}")
    return response


def allow_frames(response: Response, addresses: Iterable[str]) -> Response:
    """Let the page show exactly these addresses in frames (front-channel logout)."""
    # A query cannot stand in a policy, and these two characters would end a source or a rule.
    places = (a.partition("?")[0].replace(";", "%3B").replace(",", "%2C") for a in addresses)
    if sources := " ".join(places):
        policy = f"{POLICY}; frame-src {{sources}}"
        response.headers["Content-Security-Policy"] = policy.format(
            targets="'self'", sources=sources
        )
    return response


def asked_address() -> str:
    """Return path and query of the present request, whatever bytes somebody put there."""
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path


def view_at(path: str) -> Callable[..., Any] | None:
    """Return what answers a GET of that path; None where nothing does."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    try:
        endpoint, _ = adapter.match(path, method="GET")
    except HTTPException:
        return None
    return current_app.view_functions[endpoint]


def request_reference() -> str:
    """Return the short reference of the present request, shown on pages of errors."""
    return CURRENT.get().request_id or ""


@dataclass(frozen=True)
class Edge:
    """Opens and closes each request."""

    settings: Settings
    browser: Browser
    messages: Messages
    clock: Clock
    passage: Passage

    def install(self, app: Flask) -> None:
        """Give the application its context, form tokens, headers and explanations."""
        app.config.update(
            MAX_CONTENT_LENGTH=MAX_BODY,
            MAX_FORM_MEMORY_SIZE=MAX_BODY,
            TRUSTED_HOSTS=list(self.settings.answered_hosts) or None,
        )
        self._prepare_templates(app)
        app.before_request(self._open)
        app.after_request(self._close)
        app.register_error_handler(Refusal, self.explain)
        app.register_error_handler(HTTPException, self._explain_http)
        app.register_error_handler(Exception, self._explain_fault)

    def explain(self, refusal: Refusal) -> Response:
        """Turn a refusal into the general page of refusals."""
        if not isinstance(refusal, Throttled):
            return self._refused(refusal.code, refusal.status)
        again = self.clock() + timedelta(seconds=refusal.retry_after)
        if _asked_by_program():
            response = make_response(asked_later(again), refusal.status)
        else:
            response = self._refused(refusal.code, refusal.status, wait_until=clock_time(again))
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def _refused(self, code: str, status: int, wait_until: str | None = None) -> Response:
        for show in current_app.extensions.get(_OWN_REFUSALS, ()):
            own: Response | None = show(code, status, wait_until)
            if own is not None:
                return own
        return page(
            "errors/refused.html",
            status,
            refusal=code,
            reference=request_reference(),
            wait_until=wait_until,
        )

    def _explain_http(self, error: HTTPException) -> Response:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        if status < HTTPStatus.BAD_REQUEST:
            return make_response(error.get_response())
        response = self._stopped(status)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
        return response

    def _explain_fault(self, error: Exception) -> Response:
        # The type and place only: the message of an exception may hold what a person typed.
        log.error(
            "fault", kind=type(error).__name__, at=_place(error), reference=request_reference()
        )
        if not says_away(error):
            return self._stopped(HTTPStatus.INTERNAL_SERVER_ERROR)
        response = self._stopped(HTTPStatus.SERVICE_UNAVAILABLE)
        response.headers["Retry-After"] = str(_DATABASE_BACK)
        return response

    def _stopped(self, status: int) -> Response:
        """Say what no view has said: to a program in the form that its library reads."""
        if _asked_by_program():
            return json_answer(stopped_by(status), status)
        return self._refused(f"http-{status}", status)

    def _prepare_templates(self, app: Flask) -> None:
        app.jinja_env.undefined = StrictUndefined
        app.jinja_env.globals.update(
            message=self.messages.sentence,
            refusal=self.messages.explain,
            csrf_field=self._csrf_field,
            request_reference=request_reference,
            static_url=lambda name: f"/static/{name}",
            issuer_host=self.settings.issuer.split("://", 1)[1],
            service_name="compte ameli",
        )
        app.jinja_env.filters.update(clock_time=clock_time, french_date=french_date)

    def _csrf_field(self) -> Markup:
        token = escape(self.browser.form_token())
        return Markup(f'<input type="hidden" name="{FORM_TOKEN}" value="{token}">')  # noqa: S704 - escaped above

    def _open(self) -> None:
        asked = _present_request()
        refused = asked.environ.pop(REFUSED, None)
        if refused is not None:
            raise refused
        rule, view = asked.url_rule, current_app.view_functions.get(asked.endpoint or "")
        browser, traffic = self.browser.ref(), _traffic_of(asked, view)
        self.passage.begin(asked.environ, rule.rule if rule else None, browser, traffic)
        if view is None:
            return
        if asked.method == "POST":
            require_readable(asked.environ, getattr(view, "broker_media", FORM))
        if hasattr(view, "broker_foreign"):
            return
        if _holds_nul(asked):
            raise BadRequest  # nobody types a NUL, and PostgreSQL cannot hold one
        if asked.method == "POST":
            self.browser.check(asked)

    def _close(self, response: Answer) -> Answer:
        asked, status = _present_request(), response.status_code
        if status in _UNREAD:
            discard(asked.environ["wsgi.input"])
        self.browser.save(response)
        rule = asked.url_rule
        route = rule.rule if rule else None
        response.usual = self.passage.end(asked.environ, route, status, response.headers)
        return response


def _view() -> Callable[..., Any] | None:
    return current_app.view_functions.get(request.endpoint or "")


def _view_by_another_method() -> Callable[..., Any] | None:
    """Return what answers at this address to a method that it knows."""
    refused = request.routing_exception
    if not isinstance(refused, MethodNotAllowed) or not refused.valid_methods:
        return None
    adapter = current_app.create_url_adapter(request)  # refuses a host that is not ours
    if adapter is None:
        return None
    endpoint, _ = adapter.match(method=next(iter(refused.valid_methods)))
    return current_app.view_functions.get(endpoint)


def _present_request() -> Request:
    """Return the request itself: ``request`` looks it up again at each use."""
    return request._get_current_object()  # type: ignore[attr-defined, no-any-return]  # noqa: SLF001 - documented by Werkzeug


def _holds_nul(asked: Request) -> bool:
    query = asked.environ.get("QUERY_STRING", "")
    if "\x00" in asked.path:
        return True
    if not asked.environ.get("CONTENT_TYPE") and "%00" not in query and "\x00" not in query:
        return False
    return any("\x00" in text for text in (*asked.args.values(), *asked.form.values()))


def _traffic_of(asked: Request, view: Callable[..., Any] | None) -> Traffic | None:
    """Return how the request counts against its address; None where it does not."""
    if asked.endpoint == "static":
        return None
    return getattr(view, "broker_traffic", Traffic.PEOPLE)


def _asked_by_program() -> bool:
    """Tell a request that wants no page: a browser's says text/html."""
    program = hasattr(_view() or _view_by_another_method(), "broker_program")
    return program and "text/html" not in request.headers.get("Accept", "")


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "unknown"
