"""Modules of other relying-party plans that concern a site of FranceConnect."""

from urllib.parse import parse_qs, urlsplit

from tests.franceconnect.refusals import assert_each_accepted, assert_each_refused
from tests.franceconnect.world import World


def test_oidcc_client_test_invalid_sig_es256(warm_world: World) -> None:
    assert_each_refused(
        warm_world,
        *("id_token.signature_broken", "id_token.signature_empty"),
        "id_token.signature_of_a_stranger",
    )


def test_oidcc_client_test_invalid_sig_hs256(warm_world: World) -> None:
    assert_each_refused(warm_world, "id_token.hs256_public_key", "id_token.hs256_client_secret")


def test_oidcc_client_test_missing_athash(warm_world: World) -> None:
    """In the code flow it is optional (OpenID Connect Core §3.1.3.6): FranceConnect has none."""
    assert warm_world.round_trip().status_code == 303


def test_oidcc_client_test_invalid_athash(warm_world: World) -> None:
    assert_each_refused(warm_world, "id_token.at_hash_other")
    assert_each_accepted(warm_world, "lawful.at_hash_right")


def test_oidcc_client_test_invalid_chash(warm_world: World) -> None:
    assert_each_refused(warm_world, "id_token.c_hash_other")


def test_oidcc_client_test_userinfo_signed(warm_world: World) -> None:
    assert_each_refused(
        warm_world,
        *("userinfo.signature_broken", "userinfo.alg_none", "userinfo.hs256_public_key"),
        *("userinfo.plain_json", "userinfo.other_content_type"),
    )


def test_oidcc_client_test_nonce_unless_code_flow(warm_world: World) -> None:
    sent = parse_qs(urlsplit(warm_world.depart()).query)

    assert len(sent["nonce"][0]) >= 32
    assert len(sent["state"][0]) >= 32


def test_fapi2_client_test_authorization_response_state(warm_world: World) -> None:
    assert_each_refused(warm_world, "callback.state_other", "callback.state_missing")


def test_fapi2_client_test_authorization_response_iss(warm_world: World) -> None:
    assert_each_refused(warm_world, "callback.iss_other", "callback.iss_missing")


def test_fapi2_client_test_id_token(warm_world: World) -> None:
    assert_each_refused(
        warm_world,
        *("id_token.alg_of_another_key", "id_token.exp_missing", "id_token.exp_past"),
        *("id_token.aud_secondary", "id_token.nonce_missing"),
    )
    assert_each_accepted(warm_world, "lawful.aud_in_an_array")


def test_fapi2_client_test_token_answer(warm_world: World) -> None:
    assert_each_accepted(warm_world, "lawful.expires_in_missing", "lawful.token_type_lower_case")


def test_oidcc_client_test_rp_init_logout(world: World) -> None:
    leaving, state = _leaving(world)

    assert leaving.path.endswith("/session/end")
    assert world.franceconnect.logged_out(state) == "/suite"


def test_oidcc_client_test_rp_init_logout_other_state(world: World) -> None:
    _leaving(world)

    assert world.franceconnect.logged_out("0" * 64) == "/"


def test_oidcc_client_test_rp_init_logout_no_state(world: World) -> None:
    _leaving(world)

    assert world.franceconnect.logged_out("") == "/"


def _leaving(world: World):
    """Log in, then out again as far as FranceConnect; return the address and its state."""
    assert world.round_trip().status_code == 303
    address = world.franceconnect.logout_url(browser=world.browser, return_to="/suite")
    assert address is not None
    parts = urlsplit(address)
    return parts, parse_qs(parts.query)["state"][0]
