"""Where an address is, by the operator's own file: the product knows no map of the network."""

import csv
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

_EARTH = 6_371.0  # kilometres
_FIELDS = ("prefix", "country", "lat", "lon", "asn")


class PlacesUnreadable(Exception):
    """The file of places is none: which line, and why."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a prefix is announced, and by whom."""

    country: str
    lat: float
    lon: float
    asn: int

    def kilometres_to(self, other: "Place") -> float:
        """Return the length of the great circle between the two."""
        lat, beyond = radians(self.lat), radians(other.lat)
        half = sin((beyond - lat) / 2) ** 2
        turn = sin(radians(other.lon - self.lon) / 2) ** 2
        return 2 * _EARTH * asin(sqrt(half + cos(lat) * cos(beyond) * turn))


@dataclass(frozen=True)
class Places:
    """The file, read when the first question needs it; without one no address has a place."""

    file: Path | None = None

    @property
    def known(self) -> bool:
        """Tell whether the operator gave a file."""
        return self.file is not None

    def of(self, address: str | None) -> Place | None:
        """Return the place of the longest prefix that holds the address."""
        if address is None or not self._lines:
            return None
        try:
            wanted = _key(ip_address(address))
        except ValueError:  # somebody wrote that into the trail
            return None
        at = bisect_right(self._lines, (*wanted, float("inf")), key=lambda line: line[0]) - 1
        while at >= 0:
            (version, _, _), last, place = self._lines[at]
            if version == wanted[0] and wanted[1] <= last:
                return place
            if at == 0 or version != wanted[0]:
                return None
            at = self._above[at]
        return None

    @cached_property
    def _lines(self) -> list[tuple[tuple[int, int, int], int, Place]]:
        """The prefixes in order of their first address, the wider before the narrower."""
        return read_places(self.file) if self.file else []

    @cached_property
    def _above(self) -> list[int]:
        """For each line the nearest one before it whose prefix holds its own, or -1."""
        above, open_ones = [], list[int]()
        for number, ((version, first, _), last, _) in enumerate(self._lines):
            while open_ones and not _holds(self._lines[open_ones[-1]], version, first, last):
                open_ones.pop()
            above.append(open_ones[-1] if open_ones else -1)
            open_ones.append(number)
        return above


def read_places(file: Path) -> list[tuple[tuple[int, int, int], int, Place]]:
    """Read lines of ``prefix,country,lat,lon,asn`` below such a header, or PlacesUnreadable."""
    with file.open(encoding="utf-8", newline="") as text:
        lines = csv.DictReader(text)
        if tuple(lines.fieldnames or ()) != _FIELDS:
            raise PlacesUnreadable(f"the header is not {','.join(_FIELDS)}")
        return sorted(_read(lines), key=lambda line: line[0])


def _read(
    lines: "csv.DictReader[str]",
) -> Iterable[tuple[tuple[int, int, int], int, Place]]:
    for line in lines:
        try:
            network = ip_network(line["prefix"])
            place = Place(
                country=line["country"],
                lat=float(line["lat"]),
                lon=float(line["lon"]),
                asn=int(line["asn"]),
            )
        except (TypeError, ValueError) as error:
            raise PlacesUnreadable(f"line {lines.line_num}: {error}") from error
        first = _key(network.network_address)
        yield (*first, network.prefixlen), int(network.broadcast_address), place


def _key(address: IPv4Address | IPv6Address) -> tuple[int, int]:
    return address.version, int(address)


def _holds(
    line: tuple[tuple[int, int, int], int, Place], version: int, first: int, last: int
) -> bool:
    (of_line, beginning, _), end, _ = line
    return of_line == version and beginning <= first and last <= end
