"""The Config plan of a relying party: what FranceConnect publishes, and how its keys change."""

from tests.franceconnect.refusals import assert_each_accepted, assert_each_refused
from tests.franceconnect.test_faulty_answers import assert_explained
from tests.franceconnect.world import World


def test_oidcc_client_test_discovery_openid_config(world: World) -> None:
    world.upstream.calls.clear()

    address = world.depart()

    assert address.startswith(f"{world.upstream.issuer}/authorize?")
    assert world.upstream.calls == ["/.well-known/openid-configuration"]


def test_oidcc_client_test_discovery_jwks_uri_keys(world: World) -> None:
    assert world.round_trip().status_code == 303

    assert world.upstream.calls == ["/jwks", "/token", "/userinfo"]


def test_oidcc_client_test_discovery_issuer_mismatch(world: World) -> None:
    for fault in ("issuer_other", "issuer_longer", "issuer_missing"):
        world.order(f"discovery.{fault}")
        world.upstream.calls.clear()

        response = world.client.post(
            "/creation-compte/franceconnect",
            data=world.form_token(),
            base_url="http://localhost:8000",
        )

        assert_explained(response, "untrusted_answer", "/creation-compte")
        assert world.upstream.calls == ["/.well-known/openid-configuration"]


def test_oidcc_client_test_idtoken_sig_none(warm_world: World) -> None:
    assert_each_refused(warm_world, "id_token.alg_none", "userinfo.alg_none")


def test_oidcc_client_test_signing_key_rotation_just_before_signing(world: World) -> None:
    assert world.round_trip().status_code == 303

    assert_each_accepted(
        world,
        "lawful.key_rotated_just_before_signing",
        "lawful.key_rotated_just_before_signing_old_one_withdrawn",
    )


def test_oidcc_client_test_signing_key_rotation(world: World) -> None:
    assert world.round_trip().status_code == 303

    assert_each_accepted(
        world,
        "lawful.key_rotated_between_logins",
        "lawful.key_rotated_between_logins_old_one_withdrawn",
    )
