"""Numbers and codes as people type or paste them."""

import re

# Every space, hyphen and dash, and marks that nobody sees: soft hyphens, zero widths, directions.
_BETWEEN = re.compile(r"[\s\u00ad\u200b-\u2015\u2028-\u202e\u2060-\u2064\u2212\ufeff-]")


def bare(text: str) -> str:
    """Return the text without what people, mails and documents put between its characters."""
    return _BETWEEN.sub("", text)
