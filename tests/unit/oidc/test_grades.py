"""What ``broker doctor`` says of the server, judged by the document that it publishes."""

import pytest

from broker.base.limits import Limits
from broker.oidc.discovery import metadata
from broker.oidc.grades import Published, grades_of

LIMITS = Limits()


def lacking(document, limits=LIMITS):
    return [item.rule for item in grades_of(Published(document, limits)) if not item.met]


def test_an_https_server_lacks_nothing():
    assert lacking(metadata("https://compte.example")) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"response_types_supported": ["code", "token"]}, "the code flow is the only one"),
        ({"grant_types_supported": ["implicit"]}, "no password or implicit grant"),
        ({"code_challenge_methods_supported": ["S256", "plain"]}, "the only PKCE method"),
        ({"token_endpoint": "http://compte.example/token"}, "every address is https"),
        ({"authorization_response_iss_parameter_supported": False}, "every answer names"),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, "clients may prove"),
        ({"dpop_signing_alg_values_supported": []}, "access tokens may be bound"),
    ],
)
def test_a_weaker_document_lacks_the_rule(change, rule):
    missed = lacking(metadata("https://compte.example") | change)

    assert [item for item in missed if item.startswith(rule)]


@pytest.mark.parametrize(
    ("longer", "rule"),
    [
        ({"authorization_code_life": 61}, "a code lives"),
        ({"pushed_request_life": 600}, "a pushed request lives"),
    ],
)
def test_a_longer_life_lacks_the_rule(longer, rule):
    missed = lacking(metadata("https://compte.example"), LIMITS.model_copy(update=longer))

    assert [item for item in missed if item.startswith(rule)]
