"""A new address is confirmed where it leads; the former one is told, and may take it back."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.address_change import AddressChange
from broker.accounts.creation import Creation
from broker.accounts.email_address import EmailAddress
from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret
from broker.base.errors import Throttled
from broker.insured.nir import Nir
from tests.unit.accounts.builders import NIR, a_new_account, claire
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

PAGE = "/mon-compte/adresse-e-mail"
NEW = "claire.nouvelle@exemple.fr"


@pytest.fixture
def asks(browser):
    """Return a function that asks for a new address."""
    browser.logs_in_here()

    def post(email=NEW, again=None, password=PASSWORD):
        return browser.posts(
            PAGE,
            email=email,
            email_confirmation=email if again is None else again,
            mot_de_passe_actuel=password,
        )

    return post


@pytest.fixture
def address(bench, account):
    """Return a function that tells the present address of the account."""

    def tell() -> str:
        return bench.of(Accounts).get(account.id).email.reveal()

    return tell


@pytest.fixture
def follows(bench, another_browser):
    """Return a function that follows the link of the newest mail and presses its button."""

    def follow(kind, path, client=another_browser):
        token = bench.links(kind)[-1].reveal()
        landed = client.client.get(f"{path}/{token}")
        assert landed.location == path
        assert client.client.get(path).status_code == 200
        return client.posts(path)

    return follow


@pytest.fixture
def confirms(follows):
    return lambda: follows("address_confirm", "/adresse-e-mail")


@pytest.fixture
def takes_back(follows):
    return lambda: follows("address_changed", "/pas-moi")


def test_nothing_changes_before_the_new_address_has_answered(bench, browser, asks, address):
    former = address()

    answer = asks()

    assert answer.location == f"{PAGE}/envoye"
    assert "Confirmez votre nouvelle adresse" in words(browser.client.get(answer.location))
    assert address() == former
    assert bench.mails("address_changed") == []


def test_opening_the_link_changes_nothing_and_its_button_does_once(
    bench, another_browser, asks, address, confirms
):
    former = address()
    asks()
    token = bench.link("address_confirm").reveal()
    another_browser.client.get(f"/adresse-e-mail/{token}")
    page = words(another_browser.client.get("/adresse-e-mail"))
    assert "c***@e***.fr" in page
    assert NEW not in page
    assert address() == former

    assert confirms().location == "/adresse-e-mail-confirmee"
    assert address() == NEW
    assert another_browser.client.get(f"/adresse-e-mail/{token}").status_code == 410
    (event,) = bench.events("identifier.email.changed")
    assert event["outcome"] == "success"
    assert f"To: {former}" in bench.mails("address_changed")[0]


def test_the_link_to_confirm_works_for_a_day(bench, another_browser, asks, clock):
    asks()
    token = bench.link("address_confirm").reveal()
    clock.advance(days=1)
    assert another_browser.client.get(f"/adresse-e-mail/{token}").status_code == 303

    clock.advance(seconds=1)
    assert another_browser.client.get(f"/adresse-e-mail/{token}").status_code == 410


def test_a_link_to_choose_a_password_dies_with_the_address_that_it_was_mailed_to(
    bench, another_browser, asks, confirms
):
    another_browser.posts("/mot-de-passe-oublie", nir=NIR.value, date_naissance="14/07/1985")
    token = bench.link("reset").reveal()
    asks()
    assert another_browser.client.get(f"/mot-de-passe-oublie/{token}").status_code == 303

    confirms()

    assert another_browser.client.get(f"/mot-de-passe-oublie/{token}").status_code == 410


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"password": "Autre&Violon7"}, "Ce mot de passe n'est pas le bon."),
        ({"email": "claire"}, "L'adresse e-mail est invalide."),
        ({"again": "autre@exemple.fr"}, "Les deux adresses e-mail sont différentes."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(bench, asks, given, says):
    answer = asks(**given)

    assert answer.status_code == 422
    assert says in words(answer)
    assert bench.mails("address_confirm") == []


def test_the_present_address_is_no_change(bench, asks, address):
    answer = asks(email=address().upper())

    assert "est déjà celle de votre compte" in words(answer)
    assert bench.mails("address_confirm") == []


@pytest.fixture
def somebody_else(bench):
    """Return a function that opens another account with that address."""

    def opens(email):
        nir = "1850729019002"
        insured_id = bench.registers(claire(nir=Nir(nir)))
        new = a_new_account(insured_id, email=email, nir=Nir(nir))
        bench.of(Creation).open_pending(new)

    return opens


def test_an_address_of_another_account_is_said_plainly(bench, asks, somebody_else):
    somebody_else(NEW)

    answer = asks()

    assert answer.status_code == 409
    assert "déjà utilisée par un autre compte" in words(answer)
    (event,) = bench.events("identifier.email.requested")
    assert (event["outcome"], event["reason_code"]) == ("failure", "email_used")
    assert bench.mails("address_confirm") == []


def test_an_address_that_was_taken_meanwhile_changes_nothing(
    bench, asks, address, confirms, somebody_else
):
    former = address()
    asks()
    somebody_else(NEW)

    answer = confirms()

    assert answer.status_code == 409
    assert "La vôtre n'a pas changé." in words(answer)
    assert address() == former
    assert bench.mails("address_changed") == []


def test_the_former_address_takes_the_account_back(
    bench, browser, account, asks, address, confirms, takes_back, another_browser
):
    former = address()
    asks()
    confirms()

    answer = takes_back()

    assert answer.location == "/nouveau-mot-de-passe"
    assert address() == former
    assert not browser.is_logged_in()
    assert not bench.of(Passwords).verify(bench.of(Accounts).get(account.id), Secret(PASSWORD))
    done = another_browser.posts(
        "/nouveau-mot-de-passe",
        mot_de_passe="Cerises&Piano8",
        mot_de_passe_confirmation="Cerises&Piano8",
    )
    assert done.location == "/mot-de-passe-change"
    found = bench.of(Accounts).get(account.id)
    assert bench.of(Passwords).verify(found, Secret("Cerises&Piano8"))


def test_an_intruder_neither_kills_the_way_back_nor_has_one(
    bench, another_browser, asks, address, confirms, clock
):
    former = address()
    asks()
    confirms()
    way_back = bench.link("address_changed").reveal()
    clock.advance(minutes=1)
    asks(email="intrus@exemple.fr")
    confirms()
    clock.advance(minutes=1)
    intruders = bench.links("address_changed")[-1].reveal()
    another_browser.posts("/mot-de-passe-oublie", nir=NIR.value, date_naissance="14/07/1985")
    assert intruders != way_back

    another_browser.client.get(f"/pas-moi/{way_back}")
    assert another_browser.posts("/pas-moi").status_code == 303

    assert address() == former
    gone = another_browser.client.get(f"/pas-moi/{intruders}")
    assert gone.status_code == 410


def test_the_way_back_is_open_for_a_week(bench, another_browser, asks, confirms, clock):
    asks()
    confirms()
    token = bench.link("address_changed").reveal()
    clock.advance(days=7)
    assert another_browser.client.get(f"/pas-moi/{token}").status_code == 303

    clock.advance(seconds=1)
    assert another_browser.client.get(f"/pas-moi/{token}").status_code == 410


def test_a_former_address_that_is_somebody_elses_by_now_still_stops_the_intruder(
    browser, asks, address, confirms, takes_back, somebody_else
):
    former = address()
    asks()
    confirms()
    somebody_else(former)

    answer = takes_back()

    assert answer.status_code == 409
    assert "Votre compte est protégé" in words(answer)
    assert address() == ""
    assert not browser.is_logged_in()


def test_the_sixth_request_of_a_day_waits(bench, account):
    built = bench.of(AddressChange)
    limits = built.limits.model_copy(update={"address_change_count": 5})
    limited = AddressChange(**{**vars(built), "limits": limits})
    for number in range(5):
        limited.request(account.id, EmailAddress(f"claire{number}@exemple.fr"), "login")

    with pytest.raises(Throttled):
        limited.request(account.id, EmailAddress("claire6@exemple.fr"), "login")

    told = bench.events("identifier.email.requested")[-1]
    assert (told["outcome"], told["reason_code"]) == ("failure", "limited")
    assert told["auth_event_id"] == "login"
