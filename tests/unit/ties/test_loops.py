"""Whoever FranceConnect has sent here is not sent to FranceConnect again, from any page."""

import pytest

from broker.sessions.requests import LoginRequests
from tests.unit.ties.conftest import OFFER, words

PAGES = (
    "/",
    "/connexion",
    "/creation-compte",
    "/mot-de-passe-oublie",
    "/creation-compte/renvoyer",
)
BUTTON = "S'identifier avec FranceConnect"


@pytest.fixture
def sent_by_franceconnect(browser):
    return browser.is_asked_by(
        "demande-fc",
        requester="FranceConnect",
        client_id="franceconnect",
        from_franceconnect=True,
        offers_franceconnect=False,
    )


def offers(browser) -> set[str]:
    return {path for path in PAGES if "FranceConnect" in main(browser.client.get(path))}


def main(response) -> str:
    return words(response).split("<main")[1].split("</main")[0]


def test_pages_offer_franceconnect_to_everybody_else(browser):
    assert offers(browser) == {"/", "/connexion", "/creation-compte"}


@pytest.mark.usefixtures("sent_by_franceconnect")
def test_no_page_offers_it_to_whoever_comes_from_there(browser, another_browser):
    neutral = browser.posts("/creation-compte", nom="X", nir="1850729019009",
                            date_naissance="01/01/1985", code_postal="29200")  # fmt: skip

    assert neutral.location == "/creation-compte/impossible"
    assert BUTTON not in words(browser.client.get(neutral.location))
    assert offers(browser) == set()
    assert "/connexion" in offers(another_browser)


@pytest.mark.usefixtures("sent_by_franceconnect")
@pytest.mark.parametrize("path", ["/connexion/franceconnect", "/creation-compte/franceconnect"])
def test_nobody_leaves_for_franceconnect_from_there(bench, browser, path):
    answer = browser.posts(path)

    assert answer.status_code == 409
    assert "retournez sur FranceConnect" in words(answer)
    (event,) = bench.events("fc.start")
    assert (event["outcome"], event["reason_code"]) == ("failure", "answer_awaited")


def test_its_own_request_is_never_answered_by_a_tie(browser, sent_by_franceconnect, opened):
    identity = browser.is_offered(acr="eidas3")

    answer = browser.accepts(identity, demande=sent_by_franceconnect)

    assert answer.status_code == 410
    assert opened() is None


def test_its_own_request_is_never_answered_by_a_callback(browser, sent_by_franceconnect):
    browser.ties()
    demande = browser.is_asked_by("demande-2", from_franceconnect=True, offers_franceconnect=False)

    assert browser.comes_back(demande=demande).status_code == 410
    assert browser.comes_back(demande=sent_by_franceconnect).status_code == 410


def test_it_is_offered_again_once_the_person_has_logged_in(browser, sent_by_franceconnect):
    browser.gives_code(browser.gives_password(nir="2850729019001", demande=sent_by_franceconnect))

    assert BUTTON in words(browser.client.get("/creation-compte"))


def test_it_is_offered_again_once_the_person_has_gone_back(browser, sent_by_franceconnect):
    browser.posts("/connexion/annuler", demande=sent_by_franceconnect)

    assert "/connexion" in offers(browser)


@pytest.mark.usefixtures("sent_by_franceconnect")
def test_it_is_offered_again_to_whoever_comes_from_elsewhere_since(browser, clock):
    clock.advance(seconds=1)
    browser.is_asked_by("demande-2")

    assert "/connexion" in offers(browser)


@pytest.mark.usefixtures("sent_by_franceconnect")
@pytest.mark.parametrize(("seconds", "waits"), [(3_599, True), (3_600, False)])
def test_it_waits_no_longer_than_the_request(browser, clock, seconds, waits):
    clock.advance(seconds=seconds)

    assert browser.of(LoginRequests).awaited_by_franceconnect(browser.ref()) is waits


def test_a_round_trip_begun_before_still_comes_back(browser, sent_by_franceconnect):
    """The person chose ameli at FranceConnect by mistake, went back, and chose another account."""
    assert sent_by_franceconnect

    assert browser.client.get(f"{OFFER}?identite={browser.is_offered()}").status_code == 200


def test_our_own_provider_logs_in_but_neither_creates_nor_ties(browser, another_browser):
    browser.gives_code(browser.accepts(browser.is_offered()), se_souvenir="oui")

    assert browser.comes_back(idp_id="ameli").location == "/mon-compte"
    assert another_browser.comes_back(idp_id="ameli", sub="another").status_code == 400
