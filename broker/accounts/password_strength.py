"""How hard a password is to guess: an indication on the page, never a rule."""

from zxcvbn import zxcvbn

_LONGEST_JUDGED = 72  # characters; zxcvbn refuses more
_LEVELS = ("faible", "faible", "moyen", "élevé", "élevé")  # by zxcvbn's score, 0 to 4


def strength(password: str) -> str:
    """Return ``faible``, ``moyen`` or ``élevé``; empty for an empty password."""
    if not password:
        return ""
    return _LEVELS[zxcvbn(password[:_LONGEST_JUDGED])["score"]]
