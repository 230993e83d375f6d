"""private_key_jwt with keys behind a jwks_uri (OpenID Connect Core §9 and §10.1.1)."""

import pytest
from joserfc.jwk import ECKey

from tests.support.key_partner import KeyPartner
from tests.support.key_publisher import a_key_publisher
from tests.support.partner import events

ONE, TWO = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("one", "two"))


@pytest.fixture
def published():
    with a_key_publisher() as publisher:
        publisher.publishes(ONE)
        yield publisher


@pytest.fixture
def partner(app, holder, a_partner, published):
    registered = a_partner(
        client_secret=None,
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg="ES256",
        jwks_uri=published.address,
    ).registered
    return KeyPartner(app, holder, registered)


def pushes(partner, key, kid):
    return partner.pushes(partner.assertion(key=key, header={"kid": kid})).status_code


def test_a_published_key_proves_the_client(partner, holder):
    holder.logs_in()
    partner.key = ONE

    assert partner.redeems(partner.code()).status_code == 200


def test_a_new_key_proves_it_at_once_and_the_withdrawn_one_no_more(partner, published):
    before = pushes(partner, ONE, "one")
    published.publishes(TWO)

    assert (before, pushes(partner, TWO, "two"), pushes(partner, ONE, "one")) == (201, 201, 401)
    assert published.asked == 3  # once, for the new name, for the withdrawn one


def test_forged_names_cause_no_storm_and_are_told_apart(app, partner, published):
    for _ in range(5):
        assert pushes(partner, TWO, "forged") == 401

    assert published.asked == 2
    assert {event["reason_code"] for event in events(app, "client.auth.failed")} == {"no_key"}


def test_an_address_that_cannot_be_had_proves_nobody(app, partner, published):
    published.status = "503 Busy"

    assert pushes(partner, ONE, "one") == 401
    assert events(app, "client.auth.failed")[-1]["reason_code"] == "jwks_uri:http_503"
