"""The sample partner as a careful client: what it asks, what it accepts, what it refuses."""

from http import HTTPStatus

import pytest
from joserfc.jwk import ECKey

FRANCECONNECT_PARAMETERS = {
    "client_id", "redirect_uri", "scope", "response_type", "state", "nonce", "acr_values", "claims"
}  # fmt: skip


def test_direct_login_asks_with_pkce_s256(visitor):
    asked = visitor.leaves("ameli")

    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["redirect_uri"] == "http://localhost:8002/callback"


def test_franceconnect_is_asked_with_its_closed_list_of_parameters(visitor):
    asked = visitor.leaves("franceconnect")

    assert set(asked) == FRANCECONNECT_PARAMETERS
    assert asked["acr_values"] == "eidas1"


@pytest.mark.parametrize("name", ["ameli", "franceconnect"])
def test_state_and_nonce_are_long_and_never_the_same(visitor, name):
    first = visitor.leaves(name)
    second = visitor.leaves(name)

    values = {first["state"], first["nonce"], second["state"], second["nonce"]}
    assert len(values) == 4
    assert min(map(len, values)) >= 32


def test_direct_login_shows_what_the_site_received(visitor):
    page = visitor.logs_in("ameli")

    assert "Vous êtes connecté" in page
    assert "pairwise-subject" in page
    assert "pwd, otp" in page
    assert "60\u00a0secondes" in page
    assert "an-access-token" not in page


def test_received_names_are_escaped(visitor):
    page = visitor.logs_in("ameli")

    assert "Angela &lt;b&gt;" in page


def test_direct_login_redeems_the_code_with_its_verifier_and_basic_authentication(
    visitor, provider, code_challenge
):
    visitor.logs_in("ameli")

    sent = provider.token_request
    assert code_challenge(sent["code_verifier"]) == provider.asked["code_challenge"]
    assert sent["basic"] == "partner:direct-secret"
    assert "client_secret" not in sent


def test_franceconnect_login_reads_signed_userinfo_and_posts_its_secret(visitor, provider):
    page = visitor.logs_in("franceconnect")

    assert "par FranceConnect" in page
    assert "DUBOIS" in page
    assert provider.token_request["client_secret"] == "federated-secret"
    assert "code_verifier" not in provider.token_request


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": None}, "iss_mismatch"),
        ({"iss": "https://elsewhere.test"}, "iss_mismatch"),
        ({"state": None}, "state_unknown"),
        ({"state": "somebody-else's"}, "state_unknown"),
    ],
)
def test_one_flaw_of_the_response_is_enough_to_refuse(visitor, changes, code):
    visitor.leaves("ameli")

    page = visitor.returns(**changes)

    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert f"<code>{code}</code>" in page.text


@pytest.mark.parametrize(
    ("flaws", "code"),
    [
        ({"drop": ["id_token"]}, "id_token_missing"),
        ({"id_token": {"iss": "https://elsewhere.test"}}, "invalid_claim"),
        ({"id_token": {"aud": "another-client"}}, "invalid_claim"),
        ({"id_token": {"aud": ["another-client"], "azp": "partner-fs"}}, "invalid_claim"),
        ({"id_token": {"nonce": "replayed"}}, "invalid_claim"),
        ({"id_token": {"exp": 1_000_000_000}}, "expired_token"),
        ({"id_token": {"sub": ""}}, "invalid_claim"),
        ({"id_token": {"acr": "eidas0"}}, "acr_too_low"),
        ({"id_token": {"acr": None}}, "acr_too_low"),
        ({"alg": "RS256"}, "unsupported_algorithm"),
        ({"userinfo": {"sub": "somebody-else"}}, "userinfo_subject_mismatch"),
        ({"plain": True}, "userinfo_form_unexpected"),
        ({"signed": {"aud": "another-client"}}, "invalid_claim"),
        ({"signed": {"iss": "https://elsewhere.test"}}, "invalid_claim"),
        ({"token_error": "invalid_grant"}, "invalid_grant"),
    ],
)
def test_one_flaw_of_the_tokens_is_enough_to_refuse(visitor, provider, flaws, code):
    provider.flaws = flaws
    visitor.leaves("franceconnect")

    page = visitor.returns()

    assert f"<code>{code}</code>" in page.text
    assert "Vous êtes connecté" not in visitor.browser.get("/").text


def test_a_response_serves_once(visitor):
    visitor.leaves("ameli")
    visitor.returns()

    again = visitor.returns()

    assert "<code>state_unknown</code>" in again.text


def test_two_tabs_may_log_in_at_once(visitor, provider):
    first = dict(visitor.leaves("ameli"))
    visitor.leaves("ameli")
    visitor.returns()

    provider.asked = first
    page = visitor.returns()

    assert page.status_code == HTTPStatus.FOUND


def test_an_error_of_the_provider_is_shown_with_its_code_and_description(visitor):
    visitor.leaves("franceconnect")

    page = visitor.returns(
        code=None, error="access_denied", error_description="User <auth> aborted"
    )

    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert "<code>access_denied</code>" in page.text
    assert "User &lt;auth&gt; aborted" in page.text


def test_an_error_that_answers_no_request_is_not_repeated(visitor):
    page = visitor.browser.get("/callback?error=oops&error_description=Call+this+number&state=x")

    assert "Call this number" not in page.text


def test_a_withdrawn_key_is_no_longer_trusted_an_hour_later(visitor, provider, clock):
    visitor.logs_in("ameli")
    provider.flaws = {"signing_key": provider.key}
    provider.key = ECKey.generate_key("P-256", {"kid": "two"})
    visitor.leaves("ameli")
    clock.seconds = 3601

    page = visitor.returns()

    assert "<code>invalid_key_id</code>" in page.text


def test_a_new_key_is_found_without_a_restart(visitor, provider):
    visitor.logs_in("franceconnect")
    provider.key = ECKey.generate_key("P-256", {"kid": "three"})

    page = visitor.logs_in("franceconnect")

    assert "Vous êtes connecté" in page


def test_a_provider_under_another_name_is_refused(visitor, provider):
    provider.flaws = {"discovered_issuer": "https://elsewhere.test"}

    page = visitor.browser.post("/connexion/ameli")

    assert "<code>discovery_issuer_mismatch</code>" in page.text


def test_an_unknown_way_in_is_not_found(visitor):
    page = visitor.browser.post("/connexion/unknown")

    assert page.status_code == HTTPStatus.NOT_FOUND
