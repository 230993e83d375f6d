"""Client files that ask for encrypted answers, or name the address of their keys."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from broker.clients.effects import effects
from broker.clients.files import FileReader
from broker.clients.model import RegistrationRefused
from tests.support.partner import a_registration

STRICT = FileReader(lenient=False)
URI = "https://partenaire.test/jwks"


def a_key(kind="EC", **members):
    key = ECKey.generate_key("P-256") if kind == "EC" else RSAKey.generate_key(2048)
    return {**key.as_dict(private=False), **members}


def keys(*items):
    return {"jwks": {"keys": list(items)}}


def encrypted(answer="id_token", alg="ECDH-ES", enc="A256GCM"):
    asked = {f"{answer}_encrypted_response_alg": alg, f"{answer}_encrypted_response_enc": enc}
    return {name: value for name, value in asked.items() if value}


def flaws(**changes):
    with pytest.raises(RegistrationRefused) as refusal:
        STRICT.judge(a_registration(**changes))
    return " ".join(refusal.value.flaws)


def client(**changes):
    return STRICT.judge(a_registration(**changes)).registration.client()


@pytest.mark.parametrize("answer", ["id_token", "userinfo"])
@pytest.mark.parametrize(
    ("alg", "key"),
    [("ECDH-ES", a_key(use="enc")), ("RSA-OAEP-256", a_key("RSA", use="enc", alg="RSA-OAEP-256"))],
    ids=["ECDH-ES", "RSA-OAEP-256"],
)
def test_both_algorithms_serve_both_answers(answer, alg, key):
    partner = client(**encrypted(answer, alg), **keys(key))

    assert getattr(partner, f"{answer}_encrypted_response_alg") == alg


@pytest.mark.parametrize("alg", ["RSA-OAEP", "RSA1_5", "dir", "A256KW", "ECDH-ES+A256KW", "none"])
def test_another_algorithm_is_refused_by_its_name(alg):
    told = flaws(**encrypted(alg=alg), jwks_uri=URI)

    assert "id_token_encrypted_response_alg" in told
    assert "ECDH-ES" in told


@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A128GCM", "A256CBC-HS512"])
def test_another_content_encryption_is_refused_by_its_name(enc):
    assert "userinfo_encrypted_response_enc" in flaws(
        **encrypted("userinfo", enc=enc), jwks_uri=URI
    )


@pytest.mark.parametrize("answer", ["id_token", "userinfo"])
def test_the_default_of_the_standard_is_not_taken_for_ours(answer):
    """alg alone would mean A128CBC-HS256; enc alone is refused by the standard itself."""
    assert f"{answer}_encrypted_response_enc" in flaws(**encrypted(answer, enc=None), jwks_uri=URI)
    assert f"{answer}_encrypted_response_enc" in flaws(**encrypted(answer, alg=None), jwks_uri=URI)


@pytest.mark.parametrize(
    "given",
    [{}, keys(a_key()), keys(a_key(use="sig")), keys(a_key("RSA", use="enc")),
     keys(a_key(use="enc", alg="ECDH-ES+A256KW"))],
    ids=["none", "no use", "sig", "other kind", "other alg"],
)  # fmt: skip
def test_an_encrypted_answer_needs_a_key_to_encrypt_for(given):
    assert "jwks: a key of use enc" in flaws(**encrypted(), **given)


def test_keys_stand_in_the_file_or_behind_an_address_not_both():
    assert "jwks: not beside jwks_uri" in flaws(jwks_uri=URI, **keys(a_key()))
    assert client(jwks_uri=URI).jwks_uri == URI


def test_an_operator_reads_who_speaks_for_the_partner_and_what_is_no_longer_encrypted():
    before = client(**encrypted(), **keys(a_key(use="enc", kid="old")))
    after = client(**encrypted("userinfo"), jwks_uri=URI)

    assert effects(before, after) == (
        "a key ends at once: old",
        "ID Tokens encrypted: no longer (was ECDH-ES)",
        "userinfo encrypted: ECDH-ES (was not)",
        f"who holds this address speaks for the partner: {URI}",
    )
    assert effects(after, after) == ()


def test_userinfo_may_be_encrypted_without_being_signed():
    """OpenID registration §2: what is not asked is not done."""
    partner = client(**encrypted("userinfo"), **keys(a_key(use="enc")))

    assert partner.userinfo_signed_response_alg is None


def test_published_keys_cannot_tell_the_algorithm_of_assertions():
    by_key = {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None}

    assert "token_endpoint_auth_signing_alg" in flaws(jwks_uri=URI, **by_key)
    partner = client(jwks_uri=URI, token_endpoint_auth_signing_alg="PS256", **by_key)
    assert partner.token_endpoint_auth_signing_alg == "PS256"


def test_a_key_kept_for_encryption_proves_no_client_and_says_no_algorithm():
    by_key = {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None}

    assert "a key that signs" in flaws(**keys(a_key(use="enc")), **by_key)
    both = keys(a_key("RSA", use="enc"), a_key(use="sig"))
    assert client(**both, **by_key).token_endpoint_auth_signing_alg == "ES256"
