"""The mailbox page, and the same content as JSON for tests."""

import re
from dataclasses import asdict

from flask import Flask, Response, jsonify, render_template, request
from markupsafe import Markup, escape

from demo.mailbox.memory import Mailbox

_REFRESH_SECONDS = 5
_LINK = re.compile(r"https?://[^\s<>\"']+")
_AFTER_A_LINK = ".,;:!?)»"  # punctuation of the sentence, not of the address

# srcdoc frames inherit this policy: mails may bring their own style and inline images, but load
# nothing and run nothing.
_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(mailbox: Mailbox) -> Flask:
    """Build the pages over *mailbox*."""
    app = Flask(__name__)
    # A site elsewhere whose name is made to point here reads nothing.
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
    app.jinja_env.filters["with_links"] = with_links

    @app.get("/")
    def inbox() -> str:
        refresh = _REFRESH_SECONDS if request.args.get("auto") == "1" else 0
        return render_template("inbox.html", messages=mailbox.newest_first(), refresh=refresh)

    @app.get("/api/messages")
    def messages() -> Response:
        return jsonify([asdict(message) for message in mailbox.newest_first()])

    @app.delete("/api/messages")
    def clear() -> tuple[str, int]:
        mailbox.clear()
        return "", 204

    @app.after_request
    def with_headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    return app


def with_links(text: str) -> Markup:
    """Escape *text* and make its web addresses clickable."""
    pieces: list[str] = []
    end = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_AFTER_A_LINK)
        pieces += [
            escape(text[end : found.start()]),
            Markup('<a href="{0}">{0}</a>').format(address),
        ]
        end = found.start() + len(address)
    return Markup("").join([*pieces, escape(text[end:])])
