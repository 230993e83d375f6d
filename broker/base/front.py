"""Stands ahead of Flask, and answers programs that ask in the usual form (decision 0041)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from werkzeug.exceptions import ClientDisconnected, HTTPException
from werkzeug.sansio.utils import get_host

from broker.base.calls import Call, Table
from broker.base.flood import Traffic
from broker.base.passage import MAX_BODY, REFUSED, Passage
from broker.base.proxies import Wsgi
from broker.base.sent_body import media_of
from broker.base.urlencoded import FORM, lists_of

# Each needs something that Flask's side alone knows: pages of other origins, nonces, browsers.
_UNUSUAL = ("HTTP_ORIGIN", "HTTP_DPOP", "HTTP_COOKIE", "HTTP_TRANSFER_ENCODING")


@dataclass(frozen=True)
class Front:
    """Answers what stands in the table, without Flask's context, routing and objects.

    All else is Flask's, with the same functions at the same addresses: what comes in another
    form, and every refusal and fault. These are carried over in the environment and raised there,
    so that they are explained in one place only.
    """

    app: Wsgi
    passage: Passage
    table: Table
    services: Mapping[type, object]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, or leave it to Flask."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        program = self.table.get((method, path))
        if program is None or not self._is_usual(environ):
            return self.app(environ, start_response)
        length = _length(environ) if method == "POST" else 0
        if length is None:
            return self.app(environ, start_response)
        try:
            self.passage.begin(environ, path, None, Traffic.PROGRAMS)
            said = program(self._call(environ, method, path, length))
        except Exception as error:  # noqa: BLE001 - Flask's side explains it, or logs it as a fault
            environ[REFUSED] = error
            return self.app(environ, start_response)
        headers = [*said.headers, ("Content-Length", str(len(said.body)))]
        headers += self.passage.end(environ, path, int(said.status), headers)
        start_response(f"{said.status:d} {said.status.phrase.upper()}", headers)
        return [said.body]

    def _call(self, environ: dict[str, Any], method: str, path: str, length: int) -> Call:
        return Call(
            services=self.services,
            method=method,
            path=path,
            authorization=environ.get("HTTP_AUTHORIZATION"),
            proof=None,
            form=partial(lists_of, _body(environ, length)),
        )

    def _is_usual(self, environ: dict[str, Any]) -> bool:
        settings = self.passage.settings
        return (
            not environ.get("SCRIPT_NAME")
            and not any(name in environ for name in _UNUSUAL)
            and _is_for_programs(
                environ["wsgi.url_scheme"],
                environ.get("HTTP_HOST"),
                settings.answered_hosts,
                settings.console_host,
            )
        )


@lru_cache(maxsize=64)
def _is_for_programs(
    scheme: str, host: str | None, answered: tuple[str, ...], console: str | None
) -> bool:
    """Tell whether the host is one of ours, and not the one that the console has to itself."""
    try:
        found = get_host(scheme, host, trusted_hosts=answered or None)
    except HTTPException:
        return False
    return found not in {"", console}


def _length(environ: dict[str, Any]) -> int | None:
    """Return the length of a form; None where Flask should judge what was sent instead."""
    length = environ.get("CONTENT_LENGTH", "")
    is_form = media_of(environ.get("CONTENT_TYPE", "")) == FORM
    if not is_form or not (length.isascii() and length.isdigit()):
        return None
    return int(length) if int(length) <= MAX_BODY else None


def _body(environ: dict[str, Any], length: int) -> bytes:
    body: bytes = environ["wsgi.input"].read(length)
    if len(body) < length:
        raise ClientDisconnected
    return body
