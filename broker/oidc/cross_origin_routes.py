"""Which pages of other sites may read the provider's answers (CORS, in the Fetch standard)."""

from flask import Response, request

from broker.base.web import use
from broker.clients.directory import Clients
from broker.oidc.addresses import PAR, REVOKE, TOKEN, USERINFO

# What a client in the browser calls by script. Never where cookies speak for the person: at the
# authorization endpoint (RFC 9700 §2.6), at logout, on pages.
_CALLED_BY_SCRIPTS = {PAR, TOKEN, USERINFO, REVOKE}
VARIES = ("Vary", "Origin")
"""What every answer there says, whoever asked: caches may not give it to another page."""
_MAY_SEND = "Authorization, Content-Type, DPoP"
_MAY_READ = "WWW-Authenticate, DPoP-Nonce, Retry-After"
_REMEMBERED = "600"  # seconds: how long a browser keeps what it was told it may send


def share_with_pages(response: Response) -> Response:
    """Let the registered pages of browser clients read the answer; credentials never count."""
    if request.path not in _CALLED_BY_SCRIPTS:
        return response
    name, value = VARIES
    response.headers[name] = value
    origin = request.headers.get("Origin")
    if origin is None or not use(Clients).has_page_at(origin):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _MAY_READ
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = _MAY_SEND
        response.headers["Access-Control-Max-Age"] = _REMEMBERED
    return response
