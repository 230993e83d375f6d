"""Creation with FranceConnect: matched, judged, never through ameli itself."""

from datetime import timedelta

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.model import Channel, UpstreamIdentity
from broker.base.crypto import Secret, fingerprint
from broker.base.db import Database
from broker.franceconnect.model import Purpose, VerifiedIdentity
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.switches import CREATION, Switches
from broker.insured.proofs import Iban
from tests.unit.accounts.builders import NIR, a_new_account, claire
from tests.unit.signup.visitor import Visitor, goes_to, words

CLAIMS = {
    "family_name": "LE GALL",
    "given_name": "Claire Marie",
    "given_name_array": ["Claire", "Marie"],
    "birthdate": "1985-07-14",
    "idp_birthdate": "1985-07-14",
    "gender": "female",
    "birthplace": "29019",
    "birthcountry": "99100",
}
RETURN = "/creation-compte/franceconnect/retour?transaction=trip"
ISS = "https://fc.test/api/v2"


@pytest.fixture
def comes_back(bench, visitor, clock):
    """FranceConnect vouches for somebody in the visitor's browser, who comes back."""

    def come(claims=CLAIMS, **changes):
        visitor.opens("/creation-compte")
        browser = fingerprint(visitor.client.get_cookie("ameli_navigateur").value).hex()[:32]
        values = {
            "id": "trip",
            "purpose": Purpose.CREATION,
            "iss": ISS,
            "sub": "sub-claire",
            "acr": "eidas1",
            "auth_time": None,
            "idp_id": "impots",
            "claims": claims,
            "email": Secret("claire@impots.exemple.fr"),
            "verified_at": clock(),
        }
        with bench.of(Database).transaction():
            bench.of(FranceConnect).store.keep_identity(
                VerifiedIdentity(**{**values, **changes}), browser, clock() + timedelta(minutes=20)
            )
        return visitor.opens(RETURN)

    return come


def reason(bench, visitor):
    (event,) = bench.events("account.create.refused")
    assert event["txn"] == visitor.reference()
    assert event["upstream"]["iss"] == ISS
    return event["reason_code"]


@pytest.mark.usefixtures("insured_id")
def test_the_whole_journey_opens_an_account_tied_to_the_identity(bench, visitor, comes_back):
    assert goes_to(comes_back()) == "/conditions"
    assert "Étape 1 sur 3" in words(visitor.opens("/creation-compte/conditions"))
    assert goes_to(visitor.accepts_terms()) == "/mot-de-passe"
    assert goes_to(visitor.chooses_password()) == "/coordonnees"
    assert 'value="claire@impots.exemple.fr"' in visitor.opens("/creation-compte/coordonnees").text
    assert goes_to(visitor.gives_contact()) == "/terminee"

    account = bench.of(Accounts).by_upstream(ISS, "sub-claire")
    assert account == bench.of(Accounts).by_nir(NIR)
    assert account.channel is Channel.FRANCECONNECT
    (created,) = bench.events("account.created")
    assert "sub-claire" not in str(created)


@pytest.mark.usefixtures("insured_id")
def test_the_card_step_is_not_part_of_this_way(visitor, comes_back):
    comes_back()

    assert visitor.opens("/creation-compte/carte").status_code == 409


@pytest.mark.usefixtures("insured_id")
def test_who_comes_back_once_more_goes_on_with_the_journey(bench, visitor, comes_back):
    """FranceConnect's logout, where the first answer led, may be down."""
    comes_back()
    assert goes_to(visitor.opens(RETURN)) == "/conditions"

    visitor.accepts_terms()

    assert goes_to(visitor.opens(RETURN)) == "/mot-de-passe"
    assert len(bench.events("account.create.requested")) == 1


def test_who_was_refused_and_comes_back_once_more_reads_it_again(bench, visitor, comes_back):
    comes_back()

    assert goes_to(visitor.opens(RETURN)) == "/impossible"

    assert len(bench.events("account.create.refused")) == 1


@pytest.mark.usefixtures("insured_id")
def test_the_identity_is_used_once(visitor, comes_back):
    comes_back()
    visitor.accepts_terms()
    stranger = Visitor(visitor.app)

    assert stranger.opens(RETURN).status_code == 410
    assert visitor.opens(f"{RETURN}s").status_code == 410
    assert visitor.opens("/creation-compte/franceconnect/retour").status_code == 410

    visitor.client.delete_cookie("ameli_creation")

    assert visitor.opens(RETURN).status_code == 410


@pytest.mark.usefixtures("insured_id")
def test_an_identity_of_another_journey_does_not_lead_into_the_one_by_card(visitor, comes_back):
    comes_back()
    visitor.identifies()

    assert visitor.opens(RETURN).status_code == 410


@pytest.mark.usefixtures("insured_id")
@pytest.mark.parametrize(
    "change",
    [{"family_name": "FAVREAU"}, {"birthdate": "1985-07-15"}, {"given_name": "X", "gender": "x"}],
)
def test_whoever_is_not_found_sees_the_neutral_page(bench, visitor, comes_back, change):
    assert goes_to(comes_back({**CLAIMS, **change})) == "/impossible"

    assert reason(bench, visitor) == "unknown"


@pytest.mark.parametrize(
    ("flaw", "expected"),
    [
        ({"rights_open": False}, "excluded:rights"),
        ({"regime": "MSA"}, "excluded:regime"),
        ({"certified": False}, "excluded:nir_status"),
        (
            {
                "ibans": (
                    Iban("FR7630004004573690852496284"),
                    Iban("FR7616598039298998096929713"),
                )
            },
            "excluded:two_ibans",
        ),
    ],
)
def test_an_excluded_person_sees_the_neutral_page(bench, visitor, comes_back, flaw, expected):
    bench.registers(claire(**flaw))

    assert goes_to(comes_back()) == "/impossible"

    assert reason(bench, visitor) == expected


@pytest.mark.parametrize("flaw", [{"ibans": ()}, {"vitale_serial": None}])
def test_neither_iban_nor_card_is_asked_of_this_way(bench, comes_back, flaw):
    bench.registers(claire(**flaw))

    assert goes_to(comes_back()) == "/conditions"


@pytest.mark.usefixtures("insured_id")
def test_an_identity_of_ameli_itself_creates_nothing(bench, visitor, comes_back):
    assert goes_to(comes_back(idp_id="ameli")) == "/impossible"

    assert reason(bench, visitor) == "account_exists"


@pytest.mark.usefixtures("insured_id")
def test_our_own_provider_can_be_switched_off_too(bench, comes_back):
    bench.of(Switches).disable("ameli", operator="alice")

    assert comes_back(idp_id="ameli").status_code == 403
    (refused,) = bench.events("fc.callback.refused")
    assert (refused["reason_code"], refused["upstream"]["idp"]) == ("provider_disabled", "ameli")


def test_an_existing_account_is_told_to_its_holder_alone(bench, insured_id, visitor, comes_back):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    bench.of(Activation).confirm(bench.link("activation"))

    assert goes_to(comes_back()) == "/impossible"

    assert reason(bench, visitor) == "account_exists"
    assert len(bench.mails("account_exists")) == 1


def test_an_identity_tied_to_another_account_creates_nothing(bench, insured_id, comes_back):
    other = a_new_account(
        "row",
        nir=type(NIR)("1850729019002"),
        upstream=UpstreamIdentity(ISS, "sub-claire"),
    )
    assert insured_id
    bench.of(Creation).open_pending(other)
    bench.of(Activation).confirm(bench.link("activation"))

    assert goes_to(comes_back()) == "/impossible"


@pytest.mark.usefixtures("insured_id")
def test_a_switched_off_creation_refuses_those_in_flight(bench, comes_back):
    bench.of(Switches).disable(CREATION, operator="alice")

    answer = comes_back()

    assert answer.status_code == 503
    assert "Création via France Connect impossible pour le moment" in words(answer)
