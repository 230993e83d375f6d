"""The page of the console that somebody opened without a session: the login goes on to it."""

import re

from broker.base.web import view_at

_FORM = re.compile(
    r"(?P<path>/audit(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}){1,3})"
    r"(?:\?[A-Za-z0-9._~!$'()*,/:;?@%=&+-]{1,1000})?"
)


def asked(address: str) -> str | None:
    """Return the address where it is that of a page behind the login; None for every other.

    The browser brings it, so a stranger may have written it: nothing in it is repaired. The first
    page needs none: every login leads there.
    """
    found = _FORM.fullmatch(address)
    behind_login = found and hasattr(view_at(found["path"]), "console_role")
    return address if behind_login else None
