"""Whose word counts on where a request comes from: trusted proxies alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from broker.base.settings import Network
from broker.base.trace_context import HEADER, STATE

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class TrustedProxies:
    """Takes the client's address and scheme from X-Forwarded-For and -Proto; lets traceparent in.

    Only when the peer is a trusted proxy: the address is the last one that no trusted proxy has;
    what a client itself writes in the header stands before it and is never believed.
    """

    app: Wsgi
    trusted: tuple[Network, ...]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Correct the environment of a request that came through a trusted proxy."""
        if not self._is_trusted(environ.get("REMOTE_ADDR", "")):
            # A stranger would put requests into traces, and trace ids into the trail.
            for header in (HEADER, STATE):
                environ.pop(header, None)
        else:
            hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            client = next((hop for hop in reversed(hops) if not self._is_trusted(hop)), hops[0])
            if client:
                environ["REMOTE_ADDR"] = client
                environ["REMOTE_PORT"] = environ.get("HTTP_X_FORWARDED_PORT", "")
            if environ.get("HTTP_X_FORWARDED_PROTO") in {"http", "https"}:
                environ["wsgi.url_scheme"] = environ["HTTP_X_FORWARDED_PROTO"]
        return self.app(environ, start_response)

    def _is_trusted(self, address: str) -> bool:
        return _is_among(self.trusted, address)


@lru_cache(maxsize=4_096)  # the same proxies, and people who ask again
def _is_among(networks: tuple[Network, ...], address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
