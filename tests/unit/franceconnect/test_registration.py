"""Settings that cannot work are refused when the service starts, not at the first login."""

import pytest

from broker.base.errors import ServiceNotReady
from broker.franceconnect.registration import Registration
from tests.conftest import test_settings

WHOLE = {
    "BROKER_FRANCECONNECT_ISSUER": "https://fc.test/api/v2",
    "BROKER_FRANCECONNECT_CLIENT_ID": "ameli-fs",
    "BROKER_FRANCECONNECT_CLIENT_SECRET": "a secret",
}


def registration(**changes: str) -> Registration | None:
    return Registration.of(test_settings("sqlite://", **(WHOLE | changes)))


def test_names_the_addresses_that_are_registered_with_franceconnect() -> None:
    read = registration(BROKER_ISSUER="https://ameli.test")

    assert read is not None
    assert read.redirect_uri == "https://ameli.test/franceconnect/callback"
    assert read.post_logout_redirect_uri == "https://ameli.test/franceconnect/logout-callback"
    assert not read.on_this_machine
    assert "a secret" not in repr(read)


@pytest.mark.parametrize(
    "issuer", ["http://localhost:8001/a", "http://127.0.0.1/", "http://[::1]"]
)
def test_knows_a_franceconnect_simulated_on_this_machine(issuer: str) -> None:
    read = registration(BROKER_FRANCECONNECT_ISSUER=issuer)

    assert read is not None
    assert read.on_this_machine


def test_there_is_none_without_settings() -> None:
    assert registration(**dict.fromkeys(WHOLE, "")) is None


@pytest.mark.parametrize("algorithm", ["ECDH-ES", "RSA-OAEP-256"])
def test_answers_may_be_encrypted_for_us(algorithm: str) -> None:
    read = registration(BROKER_FRANCECONNECT_JWE=algorithm)

    assert read is not None
    assert read.encryption == algorithm


@pytest.mark.parametrize(
    "changes",
    [
        {"BROKER_FRANCECONNECT_CLIENT_SECRET": ""},
        {"BROKER_FRANCECONNECT_ISSUER": ""},
        {"BROKER_FRANCECONNECT_ALGORITHM": "HS256"},
        {"BROKER_FRANCECONNECT_ALGORITHM": "none"},
        {"BROKER_FRANCECONNECT_ACR": "eidas4"},
        {"BROKER_FRANCECONNECT_JWE": "RSA-OAEP"},
        {"BROKER_FRANCECONNECT_JWE": "A256GCM"},
        {"BROKER_FRANCECONNECT_SCOPES": "birthdate"},
    ],
)
def test_refuses_what_cannot_work(changes: dict[str, str]) -> None:
    with pytest.raises(ServiceNotReady):
        registration(**changes)
