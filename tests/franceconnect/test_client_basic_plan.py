"""The Basic plan of a relying party: the suite plays FranceConnect, as the simulator does here."""

from tests.conftest import FrozenClock
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.expected import EXPECTED
from tests.franceconnect.refusals import assert_each_accepted, assert_each_refused
from tests.franceconnect.test_faulty_answers import assert_refused
from tests.franceconnect.world import SECRET, Upstream, World, transaction_of


def test_oidcc_client_test(warm_world: World) -> None:
    response = warm_world.round_trip()

    assert transaction_of(response)
    assert warm_world.upstream.calls == ["/token", "/userinfo"]


def test_oidcc_client_test_invalid_iss(warm_world: World) -> None:
    assert_each_refused(
        warm_world, "id_token.iss_other", "id_token.iss_longer", "id_token.iss_missing"
    )


def test_oidcc_client_test_missing_sub(warm_world: World) -> None:
    assert_each_refused(warm_world, "id_token.sub_missing", "id_token.sub_empty")


def test_oidcc_client_test_invalid_aud(warm_world: World) -> None:
    assert_each_refused(
        warm_world, "id_token.aud_other", "id_token.aud_missing", "id_token.aud_secondary"
    )


def test_oidcc_client_test_missing_iat(warm_world: World) -> None:
    assert_each_refused(warm_world, "id_token.iat_missing")


def test_oidcc_client_test_kid_absent_single_jwks(world: World) -> None:
    assert_each_accepted(world, "lawful.kid_absent", "lawful.kid_absent_in_userinfo")


def test_oidcc_client_test_kid_absent_multiple_jwks(world: World) -> None:
    response = world.round_trip("id_token.kid_absent_among_several")

    assert_refused(world, response, EXPECTED["id_token.kid_absent_among_several"])
    assert world.identities == 0


def test_oidcc_client_test_idtoken_sig_rs256(
    a_world: Worlds, upstream: Upstream, clock: FrozenClock
) -> None:
    upstream.renew(lambda: clock().timestamp(), algorithm="RS256")
    with a_world(BROKER_FRANCECONNECT_ALGORITHM="RS256") as world:
        assert world.round_trip().status_code == 303


def test_oidcc_client_test_idtoken_sig_none(warm_world: World) -> None:
    assert_each_refused(
        warm_world, "id_token.alg_none", "id_token.alg_none_in_capitals", "id_token.alg_missing"
    )


def test_oidcc_client_test_invalid_sig_rs256(
    a_world: Worlds, upstream: Upstream, clock: FrozenClock
) -> None:
    upstream.renew(lambda: clock().timestamp(), algorithm="RS256")
    with a_world(BROKER_FRANCECONNECT_ALGORITHM="RS256") as world:
        assert world.round_trip().status_code == 303

        assert_each_refused(world, "id_token.signature_broken", "id_token.signature_empty")


def test_oidcc_client_test_userinfo_invalid_sub(warm_world: World) -> None:
    assert_each_refused(warm_world, "userinfo.sub_other", "userinfo.sub_missing")


def test_oidcc_client_test_nonce_invalid(warm_world: World) -> None:
    assert_each_refused(
        warm_world, "id_token.nonce_other", "id_token.nonce_missing", "id_token.nonce_array"
    )


def test_oidcc_client_test_scope_userinfo_claims(warm_world: World) -> None:
    transaction = transaction_of(warm_world.round_trip())

    identity = warm_world.claim(transaction)

    assert identity.claims["family_name"] == "DUBOIS"
    assert identity.claims["birthdate"] == "1962-08-24"


def test_oidcc_client_test_client_secret_post(world: World) -> None:
    """FranceConnect announces this method; the suite's plan has Basic authentication here."""
    sent = []
    simulator = world.upstream.simulator
    assert simulator is not None

    def token(environ, start_response):
        sent.append((environ.get("HTTP_AUTHORIZATION"), environ["CONTENT_TYPE"]))
        return simulator.wsgi_app(environ, start_response)

    world.upstream.answers["/token"] = token

    assert world.round_trip().status_code == 303
    ((authorization, content_type),) = sent
    assert authorization is None
    assert content_type.startswith("application/x-www-form-urlencoded")
    assert SECRET not in " ".join(world.upstream.calls)
