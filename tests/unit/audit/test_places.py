"""The operator's file of places: the longest prefix holds, and a file that is none is refused."""

from pathlib import Path

import pytest

from broker.audit.questions.places import Places, PlacesUnreadable

PLACES = Path(__file__).with_name("places.csv")


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.7", "FR"),
        ("203.0.113.127", "FR"),
        ("203.0.113.128", "BE"),
        ("203.0.113.255", "BE"),
        ("203.0.112.255", "CH"),
        ("203.0.114.0", "CH"),
        ("202.255.255.255", None),
        ("203.1.0.0", None),
        ("2001:db8::1", "JP"),
        ("2001:db9::1", None),
        (None, None),
    ],
)
def test_an_address_is_where_its_longest_prefix_is(address, country):
    place = Places(PLACES).of(address)

    assert (place.country if place else None) == country


def test_without_a_file_no_address_has_a_place():
    assert not Places().known
    assert Places().of("203.0.113.7") is None


def test_a_distance_is_that_of_the_great_circle():
    paris, tokyo = Places(PLACES).of("203.0.113.7"), Places(PLACES).of("2001:db8::1")

    assert paris
    assert tokyo
    assert paris.kilometres_to(tokyo) == pytest.approx(9_710, rel=0.01)
    assert paris.kilometres_to(paris) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prefix,country\n203.0.113.0/24,FR\n",
        "prefix,country,lat,lon,asn\n203.0.113.9/24,FR,48,2,1\n",
        "prefix,country,lat,lon,asn\n203.0.113.0/24,FR,north,2,1\n",
        "prefix,country,lat,lon,asn\n203.0.113.0/24,FR,48\n",
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, text):
    file = tmp_path / "places.csv"
    file.write_text(text)

    with pytest.raises(PlacesUnreadable):
        Places(file).of("203.0.113.7")
