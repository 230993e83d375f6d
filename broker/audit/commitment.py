"""What the leaf of an event commits to: its body, or what a partner may see and a digest."""

import base64
import hashlib
import json
import secrets
from typing import Any

from broker.audit.tree import leaf_hash

SALT = "salt"
SHOWN = ("acr", "audience", "client_id", "event_id", "outcome", "scopes", "subject_pairwise",
         "time", "token", "type", "v")  # fmt: skip
"""What the partner sees of an event about it. Leaves depend on it: never change it."""
_SALTED = f'"{SALT}":'  # the canonical body has this text in no other place: quotes are escaped
Body = dict[str, Any]


def new_salt() -> str:
    """Return 128 bits of chance: what an event withholds can't be guessed from its digest."""
    return secrets.token_urlsafe(16)


def leaf_of(body: str) -> bytes:
    """Return the leaf of an event (RFC 6962 §2.1); a salted one's hides what is not SHOWN.

    Any text has one, also what the service would never write: it must not stop the sealer.
    """
    event = _salted(body) if _SALTED in body else None
    return leaf_hash((canonical(for_partner(event)) if event else body).encode())


def _salted(body: str) -> Body | None:
    """Return the event; None where the text is none, or another spelling: that is another leaf."""
    try:
        event = json.loads(body)
        return event if isinstance(event, dict) and canonical(event) == body else None
    except (ValueError, RecursionError):
        return None


def for_partner(event: Body) -> Body:
    """Return what a salted event's leaf commits to, which its partner may have."""
    withheld = {name: value for name, value in event.items() if name not in SHOWN}
    digest = hashlib.sha256(canonical(withheld).encode()).digest()
    shown = {name: event[name] for name in shown_of(event)}
    return {**shown, "withheld": base64.b64encode(digest).decode()}


def shown_of(event: Body) -> list[str]:
    """Return the names of the members that the leaf of a salted event holds in clear."""
    return [name for name in SHOWN if name in event]


def canonical(body: Body) -> str:
    """Return the one JSON text of a body: sorted keys, no spaces, so that it can be hashed."""
    return _ENCODER.encode(body)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
