"""Where the provider is called; and an address with more in its query."""

from collections.abc import Mapping
from urllib.parse import urlencode

AUTHORIZE = "/authorize"
TOKEN = "/token"  # noqa: S105 - a path
USERINFO = "/userinfo"
JWKS = "/jwks"
PAR = "/par"
CHALLENGE = "/authorize-challenge"
INTROSPECT = "/introspect"
REVOKE = "/revoke"
TOKEN_EVIDENCE = "/token-evidence"  # noqa: S105 - a path
END_SESSION = "/end-session"


def with_query(address: str, fields: Mapping[str, str]) -> str:
    """Return the address with the fields added; a query it has is kept (RFC 6749 §3.1.2)."""
    if not fields:
        return address
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode(fields)}"
