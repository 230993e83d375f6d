"""Refusals as problem details (RFC 9457): a stable code, a French sentence, a reference."""

from collections.abc import Mapping
from typing import Any

from broker.base.messages import Messages


def problem(messages: Messages, code: str, status: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of JSON
    """Return the document that explains that code; *more* are extension members (§3.2)."""
    explained = messages.explain(code)
    return {
        # Relative (§3.1.1): the description of the API names every code.
        "type": f"/api/openapi.json#{code}",
        "title": explained.title,
        "status": int(status),
        "detail": " ".join(filter(None, (explained.sentence, explained.next))),
        "code": code,
        **more,
    }


def wrong_fields(messages: Messages, errors: Mapping[str, str]) -> list[dict[str, str]]:
    """Return what is wrong with each member, in the words of the pages."""
    return [
        {"pointer": f"/{name}", "code": code, "detail": messages.sentence(code)}
        for name, code in errors.items()
    ]
