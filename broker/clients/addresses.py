"""Addresses that a partner registers: exact strings, read by one strict reader."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import Field

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Printable ASCII without spaces, quotes, angle brackets, backslash: what no parser reads twice.
_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_ON_LOOPBACK = re.compile(
    r"(?P<host>http://(?:localhost|127\.0\.0\.1|\[::1\]))(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<rest>(?:[/?].*)?)"
)
_HIGHEST_PORT = 65_535
_LONGEST = 2_000
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}

# What an address may be depends on the profile and the kind of client: files.py judges it.
Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class AddressRefused(ValueError):
    """The address is none that anybody may be sent to; the message says why."""


def checked_address(address: str, *, http_on_loopback: bool, http_anywhere: bool) -> str:
    """Return *address* when a browser may be sent there (RFC 9700 §2.1, RFC 8252 §7.3).

    Raises AddressRefused. A fragment, user information or a character that parsers read
    differently are refused everywhere.
    """
    if len(address) > _LONGEST or not _CHARACTERS.fullmatch(address):
        raise AddressRefused("only printable ASCII characters of URLs are allowed")
    parts = _split(address)
    if "#" in address:
        raise AddressRefused("a fragment is not allowed")
    if "@" in parts.netloc:
        raise AddressRefused("user information is not allowed")
    if not parts.hostname:
        raise AddressRefused("the host is missing")
    if parts.scheme == "https" or (parts.scheme == "http" and http_anywhere):
        return address
    if parts.scheme == "http" and http_on_loopback and is_loopback(address):
        return address
    raise AddressRefused("https is required (http only on loopback, for native clients)")


def checked_resource(resource: str) -> str:
    """Return *resource* when it is an absolute URI without fragment (RFC 8707 §2)."""
    if len(resource) > _LONGEST or not _CHARACTERS.fullmatch(resource) or "#" in resource:
        raise AddressRefused("only the characters of a URI are allowed, without fragment")
    parts = _split(resource)
    if not parts.scheme or not (parts.netloc or parts.path):
        raise AddressRefused("it is not an absolute URI")
    return resource


def host(address: str) -> str:
    """Return the host of a checked address, in lower case."""
    return urlsplit(address).hostname or ""


def is_loopback(address: str) -> bool:
    """Tell whether the address is one of the person's own machine."""
    return host(address) in _LOOPBACK


def origin(address: str) -> str:
    """Return scheme, host and port as browsers write them: lower case, no default port."""
    parts = urlsplit(address)
    host_and_port = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))
    return f"{parts.scheme}://{host_and_port}"


def same_but_port(registered: str, asked: str) -> bool:
    """Tell whether two http loopback addresses differ by their port alone (RFC 8252 §7.3)."""
    left, right = _ON_LOOPBACK.fullmatch(registered), _ON_LOOPBACK.fullmatch(asked)
    if left is None or right is None or int(right["port"] or 0) > _HIGHEST_PORT:
        return False
    return left.group("host", "rest") == right.group("host", "rest")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # refuses a port that is no number
    except ValueError:
        raise AddressRefused("it is not a URL") from None
    return parts
