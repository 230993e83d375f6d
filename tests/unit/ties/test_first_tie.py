"""The first tie: offered after FranceConnect, made by password and code, for the same person."""

import pytest

from broker.audit.model import Actor
from broker.base.crypto import Secret
from broker.franceconnect.switches import FRANCECONNECT, Switches
from broker.insured.lookup import Insured
from broker.insured.nir import Nir
from tests.unit.accounts.builders import claire
from tests.unit.signup.test_by_franceconnect import CLAIMS, ISS
from tests.unit.ties.conftest import OFFER, SUB, words


def test_whoever_has_no_tie_yet_is_offered_one(browser):
    identity = browser.is_offered()

    page = browser.client.get(f"{OFFER}?identite={identity}")

    assert page.status_code == 200
    assert "Relier FranceConnect à votre compte ameli" in words(page)
    assert "Claire Marie LE GALL" in words(page)
    assert "Possible jusqu'à 12:20" in words(page)
    assert "Je crée mon compte" in words(page)
    assert "S'identifier avec FranceConnect" not in words(page)


def test_password_and_code_tie_and_log_in(bench, browser, account, opened):
    asked = browser.accepts(browser.is_offered())
    page = browser.client.get(asked.location)
    done = browser.gives_code(asked)

    assert "Ce code relie FranceConnect à votre compte ameli." in words(page)
    assert done.location == "/mon-compte"
    assert opened() == account.id
    (event,) = bench.events("fc.linked")
    (mail,) = bench.mails("franceconnect_tied")
    assert event["auth_event_id"] == browser.session().auth_event_id
    assert browser.session().auth_event_id in mail
    assert SUB not in str(bench.events(""))


def test_the_next_time_franceconnect_is_enough(browser):
    browser.gives_code(browser.accepts(browser.is_offered()), se_souvenir="oui")

    back = browser.comes_back()

    assert back.location == "/mon-compte"
    assert browser.session().amr == ("fc",)


def test_the_mail_with_the_code_says_what_it_is_for(bench, browser):
    browser.accepts(browser.is_offered())

    (mail,) = bench.mails("code")

    assert "relier FranceConnect" in mail.replace("=\n", "").replace("=\r\n", "")


def test_a_code_is_asked_in_a_remembered_browser_too(browser, opened):
    browser.logs_in_here(se_souvenir="oui")

    asked = browser.accepts(browser.is_offered())

    assert asked.location.startswith("/connexion/code?tentative=")
    assert opened() is None


def test_the_request_of_a_partner_goes_on(browser):
    demande = browser.is_asked_by("demande-1")

    done = browser.ties(demande=demande)

    assert done.location == "/authorize/suite?demande=demande-1"
    assert browser.session().login_request_id == demande


@pytest.mark.parametrize("acr", ["eidas1", "eidas2"])
def test_the_session_has_the_level_that_franceconnect_answered(browser, acr):
    browser.ties(acr=acr)

    assert browser.session().acr == acr
    assert browser.session().amr == ("fc", "pwd", "otp")


def test_another_browser_cannot_use_the_identity(browser, another_browser, opened):
    identity = browser.is_offered()

    assert another_browser.client.get(f"{OFFER}?identite={identity}").status_code == 410
    assert another_browser.accepts(identity).status_code == 410
    assert opened() is None


@pytest.mark.parametrize(("seconds", "status"), [(1_199, 200), (1_200, 410)])
def test_an_identity_waits_twenty_minutes(browser, clock, seconds, status):
    identity = browser.is_offered()
    clock.advance(seconds=seconds)

    assert browser.client.get(f"{OFFER}?identite={identity}").status_code == status


def test_a_code_given_too_late_ties_nothing(bench, browser, clock, opened):
    identity = browser.is_offered()
    clock.advance(seconds=1_100)
    asked = browser.accepts(identity)
    clock.advance(seconds=100)

    answer = browser.gives_code(asked)

    assert answer.status_code == 409
    assert opened() is None
    assert not browser.is_logged_in()
    (event,) = bench.events("fc.link.refused")
    assert event["reason_code"] == "identity_expired"


OTHER = {**CLAIMS, "family_name": "MARTIN", "given_name": "Paul", "given_name_array": ["Paul"]}


@pytest.fixture
def paul(bench):
    return bench.registers(
        claire(
            nir=Nir("1850729019002"),
            birth_name="MARTIN",
            given_names="PAUL",
            usage_name="",
        )
    )


@pytest.mark.usefixtures("paul")
def test_somebody_elses_identity_is_refused_and_explained(bench, browser, opened):
    asked = browser.accepts(browser.is_offered(claims=OTHER))
    code = browser.mailed_code()

    answer = browser.gives_code(asked, code)

    assert answer.status_code == 409
    assert "n'est pas celle que l'Assurance Maladie connaît pour ce compte" in words(answer)
    assert opened() is None
    assert not browser.is_logged_in()
    (event,) = bench.events("fc.link.refused")
    assert event["reason_code"] == "other_person"
    assert event["txn"] in answer.text
    record = bench.of(Insured).read_decision(event["txn"], Actor(kind="admin", ref="alice"))
    assert record["tie"] == "other_person"
    assert not bench.mails("franceconnect_tied")


@pytest.mark.usefixtures("paul")
def test_the_same_code_again_is_refused_in_the_same_words(bench, browser):
    asked = browser.accepts(browser.is_offered(claims=OTHER))
    code = browser.mailed_code()

    first, second = (browser.gives_code(asked, code) for _ in range(2))

    assert (first.status_code, second.status_code) == (409, 409)
    assert words(first).split("<main")[1] == words(second).split("<main")[1]
    assert len(bench.events("fc.link.refused")) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"birthdate": "1985-07-15", "idp_birthdate": "1985-07-15"}, "none"),
        ({"family_name": "FAVREAU"}, "none"),
        ({"gender": "x"}, "invalid"),
    ],
)
def test_neither_name_nor_address_stands_for_the_civil_identity(
    bench, browser, opened, change, reason
):
    answer = browser.ties(claims={**CLAIMS, **change}, email=Secret("claire@exemple.fr"))

    assert answer.status_code == 409
    assert opened() is None
    (event,) = bench.events("fc.link.refused")
    assert event["reason_code"] == reason


def test_a_wrong_password_leaves_the_identity_for_another_try(browser, account, opened):
    identity = browser.is_offered()

    wrong = browser.accepts(identity, password="Autre&Violon7")
    unknown = browser.accepts(identity, nir="1850729019009")

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "Votre numéro de sécurité sociale ou votre mot de passe est incorrect." in words(wrong)
    browser.gives_code(browser.accepts(identity))
    assert opened() == account.id


def test_an_identity_of_our_own_provider_is_not_tied(bench, browser, opened):
    answer = browser.comes_back(idp_id="ameli")

    assert answer.status_code == 400
    assert "Connectez-vous directement avec votre compte ameli" in words(answer)
    assert opened() is None
    (event,) = bench.events("fc.login.refused")
    assert event["reason_code"] == "not_tied"


@pytest.mark.parametrize("switch", [FRANCECONNECT, "impots"])
def test_a_switch_stops_a_tie_at_each_step(bench, browser, opened, switch):
    identity = browser.is_offered()
    asked = browser.accepts(identity)
    bench.of(Switches).disable(switch, operator="alice")

    page = browser.client.get(f"{OFFER}?identite={identity}")
    posted = browser.accepts(identity)
    coded = browser.gives_code(asked)

    assert {page.status_code, posted.status_code, coded.status_code} <= {403, 503}
    assert opened() is None
    assert not browser.is_logged_in()


def test_giving_up_forgets_the_identity_and_goes_back_to_the_partner(browser):
    demande = browser.is_asked_by("demande-1")
    identity = browser.is_offered(demande=demande)

    left = browser.posts("/connexion/franceconnect/annuler", identite=identity, demande=demande)

    assert left.location == "/authorize/annulation?demande=demande-1"
    assert browser.client.get(f"{OFFER}?identite={identity}").status_code == 410


def test_going_back_to_the_way_it_came_by_leaves_the_offer_alone(browser):
    identity = browser.is_offered()

    again = browser.client.get("/connexion/franceconnect/retour?transaction=trip-1")

    assert again.status_code == 410
    assert browser.client.get(f"{OFFER}?identite={identity}").status_code == 200


def test_an_offer_is_no_login_by_itself(browser):
    identity = browser.is_offered()

    answer = browser.client.get(f"/connexion/franceconnect/retour?transaction={identity}")

    assert answer.status_code == 410
    assert not browser.is_logged_in()


def test_the_code_of_a_login_ties_nothing(browser, clock, opened):
    asked = browser.accepts(browser.is_offered())
    clock.advance(seconds=1)
    browser.gives_password(nir="2850729019001")
    code_of_login = browser.mailed_code()

    answer = browser.gives_code(asked, code_of_login)

    assert answer.status_code == 422
    assert opened() is None


def test_a_tie_made_in_two_tabs_is_one(bench, browser, account, opened):
    first, second = browser.is_offered(), browser.is_offered()
    browser.accepts(first)
    later = browser.accepts(second)
    browser.gives_code(later)
    again = browser.accepts(first)

    done = browser.gives_code(again)

    assert done.location == "/mon-compte"
    assert opened() == account.id
    assert len(bench.events("fc.linked")) == 1
    assert len(bench.mails("franceconnect_tied")) == 1
    assert bench.events("fc.linked")[0]["upstream"]["iss"] == ISS
