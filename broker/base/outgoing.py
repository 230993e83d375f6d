"""Every call to an address that a file or setting names: to public places, within limits."""

import re
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from broker.base.capped_http import BadAnswer, Call, CappedAdapter
from broker.base.db import Database
from broker.base.turns import Turns

_TOTAL = 4.0  # seconds: FranceConnect waits 6 for our own answer, in which such a call may be
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])")
_UNICAST = IPv6Network("2000::/3")  # all that is given out (RFC 4291 §2.4)
_RELAYED = IPv6Network("2002::/16")  # 6to4, given up: its end is any IPv4 address
_TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1: an IPv4 address in its last 32 bits
_LOW_BITS = 0xFFFF_FFFF
Content = Mapping[str, str] | bytes | None
"""A form, a text as it is, or nothing."""
Resolve = Callable[..., Iterable[tuple[Any, ...]]]


@dataclass(frozen=True)
class Answer:
    """What came back; what its headers say of the content is not believed, hence not told."""

    status: int
    body: bytes = field(repr=False)
    max_age: int | None
    """Seconds for which the peer says that the answer may be kept (RFC 9111 §5.2.2.1)."""


@dataclass(frozen=True)
class Outgoing:
    """The client of partners' addresses.

    ``lenient``: the demo and test profiles, where partners stand on this machine, over http. At
    most its *turns* at once: slow partners never hold all threads of the server. Proxies of the
    environment are not used: they would resolve the name again, out of our sight.
    """

    lenient: bool
    db: Database
    turns: Turns
    total: float = _TOTAL
    resolve: Resolve = socket.getaddrinfo

    @classmethod
    def of(cls, db: Database, *, lenient: bool, threads: int) -> "Outgoing":
        """Return the client of a server of that many threads."""
        return cls(lenient, db, Turns.of(threads))

    def get(self, address: str) -> Answer:
        """Return the answer, whatever its status below 300 or in the 400s; or raise CallFailed."""
        return self._call("GET", address, None, {})

    def post(self, address: str, form: Mapping[str, str]) -> Answer:
        """Post a form; otherwise as ``get``."""
        return self._call("POST", address, form, {})

    def post_json(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post a JSON text, byte for byte; otherwise as ``get``."""
        return self.post_bytes(address, body, {**headers, "Content-Type": "application/json"})

    def post_bytes(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post a content whose type is in the headers; otherwise as ``get``."""
        return self._call("POST", address, body, headers)

    def _call(
        self, method: str, address: str, content: Content, headers: Mapping[str, str]
    ) -> Answer:
        if self.db.in_transaction:
            raise RuntimeError("no call to others while a transaction holds its locks")
        if urlsplit(address).scheme != "https" and not self.lenient:
            raise BadAnswer("not_https")
        with self.turns.turn():
            call = Call(self.total, self._connect)
            return call.run(lambda: _exchange(method, address, content, headers))

    def _connect(self, host: str, port: int, patience: Callable[[], float]) -> socket.socket:
        """Resolve the name once, judge every address, connect to one that was judged.

        Asking again when connecting would let the name change in between (DNS rebinding). A name
        that leads inside as well as outside is nobody's public address.
        """
        try:
            found = list(self.resolve(host, port, type=socket.SOCK_STREAM))
        except UnicodeError:
            raise BadAnswer("address") from None
        if not self.lenient and not all(is_public(entry[4][0]) for entry in found):
            raise BadAnswer("not_public")
        failure: OSError = OSError("no address")
        for family, kind, protocol, _, place in found:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(patience())
            try:
                connection.connect(place)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure


def _exchange(method: str, address: str, content: Content, headers: Mapping[str, str]) -> Answer:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", CappedAdapter())
        session.mount("http://", CappedAdapter())
        try:
            response = session.request(
                method, address, data=content, headers=headers, allow_redirects=False
            )
        except requests.RequestException:  # not of the adapter: the address cannot be read
            raise BadAnswer("address") from None
    kept = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
    return Answer(response.status_code, response.content, int(kept[1]) if kept else None)


def is_public(written: str) -> bool:
    """Tell whether everybody reaches the same machine there: not this one, not its network."""
    address = ip_address(written.partition("%")[0])
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if carried is None:
            return address in _UNICAST and address not in _RELAYED and address.is_global
        address = carried
    return address.is_global and not address.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address inside an IPv6 one that only carries it to its destination."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & _LOW_BITS)
    return address.ipv4_mapped
