"""Sector files (OpenID registration §5): read by the guarded client, at registration alone."""

import json

import pytest

from broker.base.outgoing import Outgoing
from broker.clients.administration import ClientAdministration
from broker.clients.directory import Clients
from broker.clients.files import FileReader
from broker.clients.model import RegistrationRefused
from broker.clients.sectors import SectorFiles
from broker.foundation import Foundation
from tests.support.key_publisher import a_key_publisher
from tests.support.partner import OPERATOR, a_registration

SITES = ["https://un.test/retour", "https://deux.test/retour"]


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def sector():
    with a_key_publisher() as publisher:
        publisher.body = json.dumps([*SITES, "https://trois.test/"]).encode()
        yield publisher


@pytest.fixture
def registers(app, sector):
    """Return a function that registers a partner of that sector."""
    administration = app.extensions["broker"][ClientAdministration]

    def register(**changes):
        document = a_registration(
            **{"redirect_uris": SITES, "sector_identifier_uri": sector.address, **changes}
        )
        return administration.register(document, OPERATOR)

    return register


def test_the_host_of_the_file_is_the_sector(app, registers, sector):
    registers()
    registers(client_id="autre", redirect_uris=["https://trois.test/"])

    clients = app.extensions["broker"][Clients]
    assert {clients.get(name).sector for name in ("partenaire", "autre")} == {"localhost"}
    assert sector.asked == 2


def test_the_file_is_not_read_again_for_what_does_not_change(registers, sector):
    registers()
    sector.status = "500 Broken"

    assert not registers().changes
    assert sector.asked == 1


@pytest.mark.parametrize(
    ("body", "status", "flaw"),
    [
        (b"[]", "200 OK", "the file does not name every redirect URI"),
        (json.dumps(SITES[:1]).encode(), "200 OK", "the file does not name every redirect URI"),
        (json.dumps([f"{site}/" for site in SITES]).encode(), "200 OK", "name every redirect URI"),
        (b"{}", "200 OK", "a JSON array of addresses"),
        (b"[1]", "200 OK", "a JSON array of addresses"),
        (b"<html>", "200 OK", "a JSON array of addresses"),
        (b"[" * 100_000, "200 OK", "cannot be read|a JSON array"),
        (json.dumps(SITES).encode(), "404 Not Found", "a JSON array of addresses"),
        (json.dumps(SITES).encode(), "302 Found", "cannot be read|a JSON array"),
        (json.dumps(SITES).encode(), "503 Busy", "cannot be read"),
    ],
)
def test_a_partner_that_the_sector_does_not_name_is_refused(
    app, registers, sector, body, status, flaw
):
    sector.body, sector.status = body, status

    with pytest.raises(RegistrationRefused, match=flaw):
        registers()

    assert app.extensions["broker"][ClientAdministration].every() == ()


def test_an_address_inside_is_never_called(app, sector):
    db = app.extensions["broker"][Foundation].db
    guarded = SectorFiles(Outgoing.of(db, lenient=False, threads=4))
    document = a_registration(
        redirect_uris=SITES, sector_identifier_uri=sector.address.replace("http:", "https:")
    )

    with pytest.raises(RegistrationRefused, match="cannot be read: not_public"):
        guarded.require(FileReader(lenient=False).judge(document).registration)

    assert sector.asked == 0
