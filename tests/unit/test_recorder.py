"""What a test records is judged: the judge itself can say no."""

import json

import pytest

from broker.foundation import Foundation
from broker.keys.events import KeyRotated
from tests.support.recorder import bodies_in, require_documented

EVENT = {
    "v": 1,
    "event_id": "019cae34-7780-7003-ab09-b0b182720191",
    "type": "account.contact.changed",
    "time": "2026-03-02T11:00:05.250000Z",
    "outcome": "success",
    "retention": "security",
    "actor": {"kind": "user"},
    "fields": ["phone"],
}


def test_a_documented_event_passes():
    require_documented([json.dumps(EVENT)])


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"type": "account.painted"}, "account.painted: not documented"),
        ({"colour": "blue"}, "the event breaks"),
        ({"actor": {"kind": "user", "name": "x"}}, "actor breaks"),
        ({"v": 2}, "v breaks"),
        ({"retention": "federation"}, "retention breaks"),
        ({"outcome": "maybe"}, "outcome breaks"),
        ({"txn": ""}, "txn breaks"),
        ({"session_ref": None}, "session_ref breaks"),
        ({"fields": ["phone: +33 6 12 34 56 78"]}, "fields.0 breaks"),
        ({"src": {"ip": "somewhere"}}, "src.ip breaks"),
    ],
)
def test_an_event_that_says_what_is_not_documented_fails(change, flaw):
    with pytest.raises(AssertionError, match=flaw):
        require_documented([json.dumps(EVENT | change)])


@pytest.mark.parametrize("missing", sorted(EVENT.keys() - {"type", "fields"}))
def test_an_event_without_what_every_event_has_fails(missing):
    event = {name: value for name, value in EVENT.items() if name != missing}

    with pytest.raises(AssertionError, match="required"):
        require_documented([json.dumps(event)])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2470541043403", "number of a test person"),
        ("802500000289726948452", "serial of a test person"),
        ("annie.brisson945@exemple.fr", "e-mail address"),
        ("FR7616598039298998096929713", "IBAN"),
        ("BRISSON", "name of a test person"),
        ("Romain", "name of a test person"),
        ("1947-05-23", "birth date of a test person"),
        ("Tulipes&Violon7", "secret of the tests"),
        ("a-secret-of-the-partner-0123456789", "secret of the tests"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJz", "a token"),
    ],
)
def test_an_event_that_holds_a_personal_datum_or_a_secret_fails(value, kind):
    event = EVENT | {"src": {"ua": f"said {value}"}}

    with pytest.raises(AssertionError, match=kind):
        require_documented([json.dumps(event)])


def test_the_events_of_a_database_are_found(app, database_url):
    app.extensions["broker"][Foundation].audit.record(KeyRotated(after="ES256 one"))

    (body,) = bodies_in(database_url)

    assert json.loads(body)["after"] == "ES256 one"
