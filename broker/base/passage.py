"""How each request begins and ends: context, limits, headers, figures, line of the log."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import structlog

from broker.base.context import CURRENT, RequestContext
from broker.base.crypto import new_reference
from broker.base.flood import FloodGate, Traffic
from broker.base.metrics import Metrics
from broker.base.settings import Settings
from broker.base.trace_context import ANSWERED, HEADER, trace_of

REFUSED = "broker.refused"
"""Key of the WSGI environment: the exception of a request that was begun ahead of Flask."""
_STARTED = "broker.started"
MAX_BODY = 65_536  # bytes
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; manifest-src 'self'; form-action {targets}; base-uri 'none';"
    " frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: under it browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
_OVER_HTTPS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
Header = tuple[str, str]
_Usual = tuple[tuple[str, Header], ...]
"""Headers by their names in small letters."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Passage:
    """Begins and ends each request."""

    settings: Settings
    metrics: Metrics
    flood: FloodGate

    def begin(
        self,
        environ: dict[str, Any],
        route: str | None,
        browser: str | None,
        traffic: Traffic | None,
    ) -> None:
        """Give the request its reference and context, and count it against its address."""
        environ[_STARTED] = time.perf_counter()
        address = environ.get("REMOTE_ADDR")
        CURRENT.set(
            RequestContext(
                request_id=new_reference(),
                trace_id=trace_of(environ.get(HEADER, "")),
                address=address,
                port=_port(environ.get("REMOTE_PORT")),
                user_agent=environ.get("HTTP_USER_AGENT", "")[:256] or None,
                browser=browser,
                method=environ["REQUEST_METHOD"],
                route=route,
            )
        )
        if traffic is not None:
            self.flood.enter(traffic, address)

    def end(
        self, environ: dict[str, Any], route: str | None, status: int, given: Iterable[Header]
    ) -> tuple[Header, ...]:
        """Count and log the answer; return the headers that it needs besides those given."""
        html, names = False, set()
        for name, value in given:
            names.add(name.lower())
            html = html or (name == "Content-Type" and value.startswith("text/html"))
        self._log(environ, route or "none", status)
        usual = self._of_pages if html else self._of_all
        return tuple([header for name, header in usual if name not in names])

    @cached_property
    def _of_all(self) -> _Usual:
        return _by_name({**_HEADERS, **(_OVER_HTTPS if self.settings.secure_cookies else {})})

    @cached_property
    def _of_pages(self) -> _Usual:
        policy = {"Content-Security-Policy": POLICY.format(targets="'self'")}
        return (*self._of_all, *_by_name(policy))

    def _log(self, environ: dict[str, Any], route: str, status: int) -> None:
        method, reference = environ["REQUEST_METHOD"], CURRENT.get().request_id
        seconds = time.perf_counter() - environ[_STARTED]
        self.metrics.request(route, method, status, seconds)
        environ[ANSWERED] = {"route": route, "status": status, "reference": reference}
        log.info(
            "request",
            # The rule, never the path or the query: these may hold codes and links.
            route=route,
            method=method,
            status=status,
            ms=round(seconds * 1000, 1),
            reference=reference,
        )


def _by_name(headers: Mapping[str, str]) -> _Usual:
    return tuple((name.lower(), (name, value)) for name, value in headers.items())


def _port(value: object) -> int | None:
    written = str(value)  # development servers give a number
    return int(written) if written.isascii() and written.isdigit() else None
