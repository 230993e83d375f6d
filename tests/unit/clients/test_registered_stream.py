"""What a client file says of its stream of security events, and what is kept of it."""

import json

import pytest

from broker.clients.administration import ClientAdministration
from broker.clients.delivery_secrets import DeliverySecrets
from broker.clients.effects import effects
from broker.clients.model import RegistrationRefused
from broker.clients.shared_signals import USUAL, EventKind
from tests.support.partner import PUBLIC, a_registration, register
from tests.unit.clients.test_registration import STRICT, client

ADDRESS = "https://partenaire.test/evenements"
HEADER = "Bearer a-header-of-the-receiver-0123456789"


def a_stream(**changes):
    return {"ameli": {"ssf": {"endpoint_url": ADDRESS, **changes}}}


@pytest.mark.parametrize(
    "changes",
    [
        a_stream(endpoint_url="http://partenaire.test/evenements"),
        a_stream(endpoint_url="https://partenaire.test/evenements#f"),
        a_stream(endpoint_url=None),
        a_stream(events=[]),
        a_stream(events=["session-ended"]),
        a_stream(authorization_header="Bearer " + "x" * 24),
        a_stream(authorization_header="Bearer " + "x" * 40 + "\r\nX-Other: 1"),
        a_stream(authorization_header="Bearer  " + "x" * 40),
        a_stream(other="x"),
        {**PUBLIC, **a_stream()},
        {**a_stream(endpoint_url="http://localhost/e"), "application_type": "native"},
    ],
    ids=str,
)
def test_a_stream_that_breaks_a_rule_is_refused(changes):
    with pytest.raises(RegistrationRefused):
        client(**changes)


@pytest.mark.parametrize("length", [32, 1_024])
def test_a_flaw_never_tells_the_header(length):
    assert STRICT.judge(a_registration(**a_stream(authorization_header="x" * length)))
    secret = "y" * 31
    with pytest.raises(RegistrationRefused) as refused:
        STRICT.judge(a_registration(**a_stream(authorization_header=secret)))

    assert secret not in str(refused.value)


def test_without_a_wish_the_usual_events_are_sent():
    stream = client(**a_stream()).shared_signals

    assert stream.events == USUAL
    assert set(EventKind) - set(USUAL) == {"sessions-revoked", "identifier-changed"}


def test_the_header_stands_in_no_document():
    file = STRICT.judge(a_registration(**a_stream(authorization_header=HEADER)))

    assert file.delivery_secret.reveal() == HEADER
    assert HEADER not in json.dumps(file.document)
    assert HEADER not in repr(file)
    assert file.document["ameli"]["ssf"] == {"endpoint_url": ADDRESS}
    assert file.registration.client().shared_signals.authorization_header is None


def test_where_events_go_and_which_is_an_effect():
    before, after = client(), client(**a_stream(events=["account-disabled"]))

    assert effects(before, after) == (f"sent security events at {ADDRESS}: account-disabled",)
    assert effects(after, after) == ()
    assert effects(after, before) == (
        "no longer sent security events: what waits for it is dropped",
    )


def test_a_file_without_the_header_leaves_the_one_that_is_kept(app, tmp_path):
    register(app, **a_stream(authorization_header=HEADER))
    administration = app.extensions["broker"][ClientAdministration]
    secrets = app.extensions["broker"][DeliverySecrets]

    def plan(**changes):
        file = tmp_path / "partenaire.json"
        file.write_text(json.dumps(a_registration(client_secret=None, **changes)))
        return administration.plan(file)[0]

    same = plan(**a_stream())
    again = plan(**a_stream(authorization_header=HEADER))
    other = plan(**a_stream(authorization_header=HEADER + "x"))

    assert not same.changes
    assert not again.changes
    assert other.effects == ("new authorization header for the receiver of security events",)
    assert secrets.of("partenaire").reveal() == HEADER


def test_the_header_of_one_host_is_never_sent_to_another(app):
    register(app, **a_stream(authorization_header=HEADER))
    elsewhere = "https://autre.test/evenements"

    with pytest.raises(RegistrationRefused):
        register(app, client_secret=None, **a_stream(endpoint_url=elsewhere))
    register(app, client_secret=None, **a_stream(endpoint_url=ADDRESS + "/2"))
    register(
        app,
        client_secret=None,
        **a_stream(endpoint_url=elsewhere, authorization_header=HEADER + "2"),
    )

    kept = app.extensions["broker"][DeliverySecrets].of("partenaire")
    assert kept.reveal() == HEADER + "2"
