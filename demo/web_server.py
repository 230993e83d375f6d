"""Serves one small WSGI application on loopback, and keeps codes and tokens out of its log."""

import logging
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)


class _DiscreetHandler(WSGIRequestHandler):
    """Logs the path alone: query strings carry authorization codes and states."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del size
        logger.info("%s %s %s", self.command, self.path.partition("?")[0], code)


def serve(application: "WSGIApplication", port: int) -> None:
    """Answer on 127.0.0.1:*port* until the process is stopped."""
    # Only our own lines: aiosmtpd, for one, logs the addresses of each mail at this level.
    logging.basicConfig(format="%(message)s")
    logger.setLevel(logging.INFO)
    server = make_server(
        "127.0.0.1", port, application, threaded=True, request_handler=_DiscreetHandler
    )
    server.serve_forever()
