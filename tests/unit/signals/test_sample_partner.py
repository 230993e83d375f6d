"""What the service sends is what the sample partner takes."""

import pytest

from broker.accounts.administration import Administration
from broker.signals.signals import Signals
from broker.signals.streams import Streams
from demo.partner.security_event import read_event
from demo.partner.settings import ProviderSettings
from tests.support.set_receiver import delivers


class PublishedKeys:
    """The keys of the service, as the partner's library fetches them."""

    def __init__(self, app) -> None:
        self._app = app

    def fetch_jwk_set(self, *, force=False):
        del force
        return self._app.test_client().get("/jwks").get_json()


@pytest.fixture
def agreed(app):
    """What the partner agreed with the service."""
    return ProviderSettings(
        name="ameli",
        issuer=app.extensions["broker"][Streams].issuer,
        client_id="partenaire",
        client_secret="",
        token_endpoint_auth_method="client_secret_basic",
        redirect_path="/retour",
        scope="openid",
        signing_algorithm="ES256",
        pkce=True,
        signed_userinfo=False,
    )


def test_the_sample_partner_takes_every_event_and_knows_whose_session_ends(
    app, listener, holder, receiver, agreed, clock
):
    sub = listener.id_token(listener.tokens())["sub"]
    signals = app.extensions["broker"][Signals]
    administration = app.extensions["broker"][Administration]

    signals.verify(signals.clients.get("partenaire"), "an opaque state")
    administration.disable(holder.account_id, operator="test", reason="fraude")
    delivers(app)
    now = clock().timestamp()
    read = [read_event(PublishedKeys(app), token, agreed, now) for token in receiver.tokens]

    assert [(event.name, event.sub) for event in read] == [
        ("verification", None),
        ("account-disabled", sub),
        ("session-revoked", sub),
        ("sessions-revoked", sub),
    ]
    assert [event.ended is not None for event in read] == [False, True, True, True]
