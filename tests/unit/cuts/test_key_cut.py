"""The cut of a key: the trail knows what it signed, so that the cut counts what it ends."""

import pytest
from joserfc import jws

from broker.cuts.model import Counts, Kind
from broker.keys.encryption import EncryptionKeys
from broker.keys.rotation import Keys
from tests.conftest import test_settings
from tests.support.partner import API, Partner, callback, events, register
from tests.unit.cuts.conftest import RITA, ROSE

OFFLINE = {"scope": "openid offline_access"}


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_FRANCECONNECT_JWE="ECDH-ES")


@pytest.fixture
def kid_of(app):
    """Return a function that names the key which signs with an algorithm."""
    return lambda algorithm: app.extensions["broker"][Keys].signing(algorithm).kid


def issued(app, kind: str) -> list[dict]:
    return [
        event["token"] for event in events(app, "token.issued") if event["token"]["kind"] == kind
    ]


def test_the_trail_says_which_key_signed_a_token_and_nothing_of_opaque_ones(app, partner, kid_of):
    tokens = partner.tokens(**OFFLINE)

    (told,) = issued(app, "id")
    assert told["kid"] == jws.extract_compact(tokens["id_token"].encode()).headers()["kid"]
    assert told["kid"] == kid_of("ES256")
    assert ["kid" in each for each in issued(app, "access") + issued(app, "refresh")] == [
        False
    ] * 2


def test_a_preview_counts_what_the_key_signed_until_it_runs_out(cuts, partner, kid_of, clock):
    partner.tokens(**OFFLINE)
    life = cuts.effects[Kind.KEY].signed.longest

    _, counts = cuts.preview(Kind.KEY, kid_of("ES256"))
    assert counts == Counts(id_tokens=1, access_tokens=0, doors=1)
    _, other = cuts.preview(Kind.KEY, kid_of("RS256"))
    assert other == Counts(id_tokens=0, access_tokens=0, doors=1)

    clock.advance(seconds=life.total_seconds() - 1)
    assert cuts.preview(Kind.KEY, kid_of("ES256"))[1].id_tokens == 1
    clock.advance(seconds=1)
    assert cuts.preview(Kind.KEY, kid_of("ES256"))[1].id_tokens == 0


def test_signed_access_tokens_count_by_the_key_of_their_own_algorithm(app, cuts, holder, kid_of):
    register(
        app,
        client_id="api",
        redirect_uris=None,
        post_logout_redirect_uris=None,
        ameli={"introspects": True, "resource": API, "access_token_signed_response_alg": "RS256"},
    )
    partner = Partner(app, holder, register(app))

    partner.redeems(callback(partner.sends(resource=API))["code"])

    assert cuts.preview(Kind.KEY, kid_of("RS256"))[1].access_tokens == 1
    assert cuts.preview(Kind.KEY, kid_of("ES256"))[1] == Counts(
        id_tokens=1, access_tokens=0, doors=1
    )


def test_the_proof_of_the_cut_says_how_many_tokens_it_made_worthless(app, cuts, partner, kid_of):
    partner.tokens(**OFFLINE)
    kid = kid_of("ES256")

    cut = cuts.approve(cuts.plan(Kind.KEY, kid, "copie", RITA).reference, ROSE)

    assert cut.before == Counts(id_tokens=1, access_tokens=0, doors=1)
    assert cut.after == Counts(id_tokens=0, access_tokens=0, doors=0)
    (done,) = events(app, "cut.done")
    assert (done["before"]["id_tokens"], done["after"]["id_tokens"]) == (1, 0)
    partner.tokens(**OFFLINE)
    assert issued(app, "id")[-1]["kid"] != kid


def test_a_key_that_decrypts_signed_nothing(app, cuts):
    (key,) = app.extensions["broker"][EncryptionKeys].rotate(RITA)

    assert cuts.preview(Kind.KEY, key.kid)[1] == Counts(doors=1)
