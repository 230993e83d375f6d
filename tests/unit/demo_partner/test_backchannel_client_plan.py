"""The back-channel part of the plan for relying parties' logout, by the names of its modules."""

import base64
import json

from tests.unit.demo_partner.test_partner_session_over import (
    EVENT,
    is_logged_in,
    logout_token,
    tells,
)


def is_refused(visitor, token):
    answer = tells(visitor, token)

    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "no-store"
    assert is_logged_in(visitor)


def test_oidcc_client_test_rp_backchannel_rpinitlogout(logged_in, provider):
    assert is_logged_in(logged_in)

    answer = tells(logged_in, logout_token(provider))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert not is_logged_in(logged_in)


def test_oidcc_client_test_rp_backchannel_rpinitlogout_alg_none(logged_in, provider):
    _, payload, _ = logout_token(provider).split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "logout+jwt"}).encode())

    is_refused(logged_in, f"{head.rstrip(b'=').decode()}.{payload}.")


def test_oidcc_client_test_rp_backchannel_rpinitlogout_no_event(logged_in, provider):
    is_refused(logged_in, logout_token(provider, events=None))


def test_oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce(logged_in, provider):
    is_refused(logged_in, logout_token(provider, nonce=provider.asked["nonce"]))


def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg(logged_in, provider):
    is_refused(logged_in, logout_token(provider, alg="RS256"))


def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud(logged_in, provider):
    is_refused(logged_in, logout_token(provider, aud=f"{provider.asked['client_id']}1"))


def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event(logged_in, provider):
    is_refused(logged_in, logout_token(provider, events={EVENT.replace("back", "front"): {}}))


def test_oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss(logged_in, provider):
    is_refused(logged_in, logout_token(provider, iss=f"{provider.issuer}/"))
