"""The pages of the account, to which alone a login goes on at the wish of a browser."""

import re
from dataclasses import dataclass

ACCOUNT = "/mon-compte"
_FORM = re.compile(r"(?P<path>/[a-z/-]{1,100})(?:\?[A-Za-z0-9._~%=&+-]{1,200})?")


@dataclass(frozen=True)
class AccountPages:
    """Knows the addresses of the account's pages among all that can be opened."""

    addresses: frozenset[str]

    def asked(self, address: str) -> str | None:
        """Return the address where it is that of a page of the account; None for every other.

        The browser brings it, so a stranger may have written it: nothing in it is repaired.
        """
        found = _FORM.fullmatch(address)
        path = found["path"] if found else ""
        known = path in self.addresses and path.startswith(f"{ACCOUNT}/")
        return address if known else None

    def left(self, referrer: str, posted_to: str) -> str | None:
        """Return the page whose form was posted; None: none but the account's first one.

        The query of the *referrer* names what the page was about; where no browser told it, the
        form's own address has to do. The site that it names does not count: all lead to ours.
        """
        shown = "/" + referrer.partition("://")[2].partition("/")[2]
        return self.asked(shown) or self.asked(posted_to)
