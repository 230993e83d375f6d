"""The page for what may not be sent to any partner."""

from flask import Response, url_for

from broker.base.errors import Refusal
from broker.base.web import (
    page,
    request_reference,
)
from broker.clients.model import Client


def explain(error: Refusal) -> Response:
    """Explain on a page what may not be sent to any partner; name it where it is known."""
    client: Client | None = getattr(error, "client", None)
    again = getattr(error, "restart", None)
    return page(
        "oidc/error.html",
        error.status,
        refusal=error.code,
        reference=request_reference(),
        requester=client.client_name if client else None,
        restart_url=url_for("oidc.restart", demande=again) if again else None,
        back_url=client.client_uri if client else None,
    )
