"""What the partner receives of a person who logged in, and the checks on the way."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from demo.partner.refusal import LoginRefused

_LEVELS = ("eidas1", "eidas2", "eidas3")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A finished login, as the provider described it."""

    provider: str
    id_token: str = field(repr=False)  # the compact form, needed as id_token_hint at logout
    claims: dict[str, Any] = field(repr=False)
    userinfo: dict[str, Any] = field(repr=False)
    token_type: str
    expires_in: int | None
    scope: str

    @classmethod
    def of(cls, provider: str, token: Mapping[str, Any], userinfo: dict[str, Any]) -> Self:
        """Keep what the site shows; the access token served its purpose and is dropped."""
        return cls(
            provider=provider,
            id_token=token["id_token"],
            claims=dict(token["userinfo"]),
            userinfo=userinfo,
            token_type=token.get("token_type", ""),
            expires_in=token.get("expires_in"),
            scope=token.get("scope", ""),
        )


def require_issuer(response: Mapping[str, str], issuer: str) -> None:
    """RFC 9207 section 2.4: both providers announce `iss`, so its absence is a refusal too."""
    if not hmac.compare_digest(response.get("iss", "").encode(), issuer.encode()):
        raise LoginRefused("iss_mismatch")


def require_assurance(claims: Mapping[str, Any], asked: str) -> None:
    """Look at the level obtained: acr_values binds nobody (OpenID Connect Core 5.5.1.1)."""
    if asked and claims.get("acr") not in _LEVELS[_LEVELS.index(asked) :]:
        raise LoginRefused("acr_too_low")
