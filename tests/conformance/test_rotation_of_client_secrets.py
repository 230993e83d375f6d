"""A partner replaces its secret or its keys: right at once on every node, two side by side."""

import pytest
from joserfc.jwk import ECKey

from broker.app import create_app
from broker.clients.administration import ClientAdministration
from broker.clients.directory import Clients
from broker.foundation import Foundation
from tests.conformance.test_par_and_assertions import KeyPartner
from tests.support.partner import OPERATOR, SECRET, Partner, error_of

NEXT = "the-next-secret-of-the-partner-0123456789"
ONE, TWO = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("one", "two"))


@pytest.fixture
def other_node(app, settings, clock):
    """A second process on the same database, which believes what it has just looked up."""
    other = create_app(settings, clock=clock)
    other.extensions["clock"] = app.extensions["clock"] = clock
    yield other
    other.extensions["broker"][Foundation].db.engine.dispose()


def changes(app, registered, **members):
    document = {**registered, **members}
    app.extensions["broker"][ClientAdministration].register(document, OPERATOR)


def pushes(partner, secret):
    return partner.calls("/par", partner.request(), secret=secret)


def test_a_new_secret_is_good_at_once_on_every_node_beside_the_old_one(
    app, other_node, a_partner, clock
):
    partner = a_partner()
    there = Partner(other_node, partner.holder, partner.registered)
    assert pushes(there, SECRET).status_code == 201

    changes(app, partner.registered, client_secret=NEXT)

    assert pushes(there, NEXT).status_code == 201
    assert pushes(there, SECRET).status_code == 201
    clock.advance(days=30)
    assert pushes(there, NEXT).status_code == 201
    assert error_of(pushes(there, SECRET)) == (401, "invalid_client")


def test_a_new_key_of_the_file_is_good_at_once_on_every_node(app, other_node, a_partner):
    registered = a_partner(
        client_secret=None,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [ONE.as_dict(private=False)]},
    ).registered
    there = KeyPartner(other_node, None, registered, new=True)

    def signs(key):
        assertion = there.assertion(key=key, header={"kid": key.kid})
        return there.pushes(assertion).status_code

    assert (signs(ONE), signs(TWO)) == (201, 401)

    both = {"keys": [key.as_dict(private=False) for key in (ONE, TWO)]}
    changes(app, registered, jwks=both)
    assert (signs(TWO), signs(ONE)) == (201, 201)

    changes(app, registered, jwks={"keys": [TWO.as_dict(private=False)]})
    other_node.extensions["broker"][Clients].snapshot.forget()  # as half a second does
    assert (signs(TWO), signs(ONE)) == (201, 401)


def test_a_wrong_secret_stays_wrong(other_node, a_partner):
    partner = a_partner()
    there = Partner(other_node, partner.holder, partner.registered)
    assert pushes(there, SECRET).status_code == 201

    assert [error_of(pushes(there, NEXT)) for _ in range(3)] == [(401, "invalid_client")] * 3
