"""Where the present act comes from: the request, or the system itself."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What the trail and the limits know of a request; empty for background work."""

    request_id: str | None = None
    trace_id: str | None = None
    address: str | None = None
    port: int | None = None
    user_agent: str | None = None
    browser: str | None = None  # pseudonym of the browser's anonymous cookie
    app: str | None = None  # name of the app of our own that stands in the browser's place
    method: str | None = None
    route: str | None = None

    @property
    def prefix(self) -> str:
        """Network prefix for limits: /24 of IPv4, /64 of IPv6; ``none`` without an address."""
        return network_prefix(self.address)

    @property
    def site(self) -> str | None:
        """The /48 of IPv6, of which one customer may have all 65,536 prefixes; None elsewhere."""
        prefix = network_prefix(self.address)
        return str(ip_network(prefix).supernet(new_prefix=48)) if ":" in prefix else None


def network_prefix(address: str | None) -> str:
    """Return the prefix of the neighbourhood: /24 of IPv4, /64 of IPv6."""
    return _network(address, ipv4_bits=24)


def address_line(address: str | None) -> str:
    """Return what one household or company usually sends from: an IPv4 address, a /64 of IPv6."""
    return _network(address, ipv4_bits=32)


@lru_cache(
    maxsize=4_096
)  # most requests come from few lines: partners, and networks of many people
def _network(address: str | None, *, ipv4_bits: int) -> str:
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return "none"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network(f"{parsed}/{ipv4_bits if parsed.version == 4 else 64}", strict=False))  # noqa: PLR2004 - IP versions


Here = Callable[[], RequestContext]
"""Returns the context of the present act; injected like the clock."""

_SYSTEM = RequestContext()
CURRENT: ContextVar[RequestContext] = ContextVar("request_context", default=_SYSTEM)


def here() -> RequestContext:
    """Return the context set by the web edge, or an empty one outside a request."""
    return CURRENT.get()


def act_in(browser: str, app: str) -> None:
    """Go on with the present request in an app: under its pseudonym, and known by its name."""
    CURRENT.set(replace(CURRENT.get(), browser=browser, app=app))
