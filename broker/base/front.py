"""Stands ahead of Flask, and answers programs that ask in the usual form (decision 0041)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.sansio.utils import get_host

from broker.base.calls import Call, Table
from broker.base.flood import Traffic
from broker.base.passage import MAX_BODY, REFUSED, Passage
from broker.base.proxies import Wsgi
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
        body = _body(environ) if method == "POST" else b""
        if body is None:
            return self.app(environ, start_response)
        call = Call(
            services=self.services,
            method=method,
            path=path,
            authorization=environ.get("HTTP_AUTHORIZATION"),
            proof=None,
            form=partial(lists_of, body),
        )
        try:
            self.passage.begin(environ, path, None, Traffic.PROGRAMS)
            said = program(call)
        except Exception as error:  # noqa: BLE001 - Flask's side explains it, or logs it as a fault
            environ[REFUSED] = error
            return self.app(environ, start_response)
        headers = [*said.headers, ("Content-Length", str(len(said.body)))]
        headers += self.passage.end(environ, path, int(said.status), headers)
        start_response(f"{said.status:d} {said.status.phrase.upper()}", headers)
        return [said.body]

    def _is_usual(self, environ: dict[str, Any]) -> bool:
        return (
            not environ.get("SCRIPT_NAME")
            and not any(name in environ for name in _UNUSUAL)
            and _is_ours(
                environ["wsgi.url_scheme"],
                environ.get("HTTP_HOST"),
                self.passage.settings.answered_hosts,
            )
        )


@lru_cache(maxsize=64)
def _is_ours(scheme: str, host: str | None, answered: tuple[str, ...]) -> bool:
    try:
        return bool(get_host(scheme, host, trusted_hosts=answered or None))
    except HTTPException:
        return False


def _body(environ: dict[str, Any]) -> bytes | None:
    """Read a form of known length; None where Flask should judge what was sent instead."""
    length = environ.get("CONTENT_LENGTH", "")
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0]  # a charset is UTF-8, or ignored
    if kind.rstrip().lower() != FORM or not (length.isascii() and length.isdigit()):
        return None
    if int(length) > MAX_BODY:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) == int(length):
        return body
    environ["wsgi.input"] = BytesIO(body)  # cut short: Flask says so
    return None
