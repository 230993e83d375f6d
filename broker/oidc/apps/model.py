"""A login on an app's own screens, as it is kept between two steps."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class AuthSession:
    """A login on an app's own screens: what a browser is to the others.

    ``browser`` stands in for a browser's pseudonym, which is hexadecimal: no browser can be it.
    """

    interaction_id: str
    browser: str
    client_id: str
    confirmation: str
    """Thumbprint of the key that each of its requests proves."""
    attempt_id: str | None = None
    """The login that waits for its code."""
    expires_at: datetime
