"""What ``broker doctor`` says of partners: met by a strong one, missed by a flaw."""

from datetime import date, timedelta

import pytest
from joserfc.jwk import ECKey

from broker.base.grades import Standard
from broker.clients.files import FileReader
from broker.clients.grades import CRITERIA, grades_of
from tests.support.partner import a_registration

LENIENT = FileReader(lenient=True)


def lacking(**changes):
    key = ECKey.generate_key("P-256")
    strong = {
        "redirect_uris": ["https://partenaire.test/retour"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "id_token_signed_response_alg": "ES256",
        "require_pushed_authorization_requests": True,
        "dpop_bound_access_tokens": True,
        "ameli": {},
    }
    document = a_registration(**strong | changes)
    client = LENIENT.judge(document).registration.client()
    return {(item.standard, item.rule) for item in grades_of(client) if not item.met}


def test_a_strong_registration_lacks_nothing():
    assert lacking() == set()


def test_the_profile_implies_pushed_requests_and_bound_tokens():
    assert (
        lacking(
            require_pushed_authorization_requests=False,
            dpop_bound_access_tokens=False,
            ameli={"profile": "fapi2"},
        )
        == set()
    )


@pytest.mark.parametrize(
    ("flaw", "count"),
    [
        (
            {
                "ameli": {
                    "compatibility": [
                        {"name": "no_pkce", "until": str(date.today() + timedelta(days=9))}
                    ]
                }
            },
            2,
        ),
        ({"ameli": {"profile": "franceconnect"}}, 2),
        ({"redirect_uris": ["http://partenaire.test/retour"]}, 2),
        ({"redirect_uris": ["http://localhost/retour"], "application_type": "native"}, 1),
        ({"require_pushed_authorization_requests": False}, 1),
        ({"dpop_bound_access_tokens": False}, 1),
        ({"token_endpoint_auth_method": "client_secret_post"}, 1),
        ({"id_token_signed_response_alg": "RS256"}, 1),
        ({"userinfo_signed_response_alg": "RS256"}, 1),
    ],
)
def test_one_flaw_lacks_its_own_rules_alone(flaw, count):
    assert len(lacking(**flaw)) == count


def test_every_rule_can_be_missed():
    weak = lacking(
        redirect_uris=["http://partenaire.test/retour"],
        token_endpoint_auth_method="client_secret_basic",
        id_token_signed_response_alg="RS256",
        require_pushed_authorization_requests=False,
        dpop_bound_access_tokens=False,
        ameli={"profile": "franceconnect"},
    )

    assert weak == {(item.standard, item.rule) for item in CRITERIA}
    assert {standard for standard, _rule in weak} == set(Standard)
