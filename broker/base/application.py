"""Flask, cut to what this service uses: no asynchronous view, answers that are bytes in memory."""

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from flask.ctx import RequestContext

from broker.base.url_rule import UrlRule

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_Function = Callable[..., Any]
_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")  # RFC 3986 §2
_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class Answer(Response):
    """An answer, and the headers that the edge adds to it without looking at each again."""

    usual: tuple[tuple[str, str], ...] = ()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Send the headers as they are where Werkzeug would have none to work out."""
        if self.status_code in _WITHOUT_BODY or not self._is_ready():
            self.headers.extend(self.usual)
            return super().__call__(environ, start_response)
        start_response(self.status, [*self.headers, *self.usual])
        if environ["REQUEST_METHOD"] == "HEAD" or self.direct_passthrough:  # a file
            return self.get_app_iter(environ)
        return [self.get_data()]  # Granian sends a list at once, an iterator through a queue

    def _is_ready(self) -> bool:
        location = self.headers.get("Location", "")
        return "Content-Length" in self.headers and _URI.fullmatch(location) is not None


class Application(Flask):
    """Flask as this service uses it."""

    url_rule_class = UrlRule
    response_class = Answer

    def request_context(self, environ: "WSGIEnvironment") -> RequestContext:
        """Believe the length that was announced, and read nothing without one.

        The server ends a body that was cut short as if it were whole: half a form is refused.
        """
        environ.pop("wsgi.input_terminated", None)
        return super().request_context(environ)

    def ensure_sync(self, func: _Function) -> _Function:
        """Return the function: none here is a coroutine, and Flask asks seven times a request."""
        return func
