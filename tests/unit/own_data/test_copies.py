"""The copy of one's data: asked with the password, complete, in French, the number masked."""

import json

import pytest

from broker.audit.model import Event
from broker.base.messages import Messages
from broker.own_data import copies
from broker.signup.contact import APP_QUESTION, WEB_QUESTION
from tests.architecture.code import subclasses
from tests.conftest import ROOT
from tests.support.partner import Holder, Partner, register
from tests.unit.accounts.builders import NIR
from tests.unit.sessions.conftest import PASSWORD
from tests.unit.ties.conftest import words

PAGE = "/mon-compte/mes-donnees"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SENTENCES = Messages.load(ROOT / "templates/messages").sentences


@pytest.fixture
def visited(app, browser, account):
    """Claire is logged in, here and at a partner that has read her address."""
    browser.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    browser.logs_in_here(se_souvenir="oui")
    holder = Holder(app, account.id)
    holder.client = browser.client
    partner = Partner(app, holder, register(app))
    tokens = partner.tokens(scope="openid email")
    partner.userinfo(tokens["access_token"])
    return browser


def copied(browser) -> dict:
    answer = browser.posts(PAGE, mot_de_passe_actuel=PASSWORD)
    assert answer.status_code == 200, words(answer)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    return json.loads(answer.text)


def test_the_file_tells_what_is_kept_in_french(visited):
    copy = copied(visited)

    assert list(copy) == [
        "Copie faite le", "Compte", "État civil", "Coordonnées",
        "Accords pour les recherches, les études et la lettre d'information",
        "FranceConnect relié au compte",
        "Connexions ouvertes", "Navigateurs mémorisés", "Services autorisés",
        "Reçus des partages", "Historique des connexions", "Historique du compte et des accords",
    ]  # fmt: skip
    assert copy["Copie faite le"] == "2026-03-02T12:00:01+01:00"
    assert copy["État civil"]["Nom de naissance"] == "LE GALL"
    assert copy["État civil"]["Date de naissance"] == "14/07/1985"
    assert copy["Coordonnées"]["Adresse e-mail"] == "claire@exemple.fr"
    (answer,) = copy["Accords pour les recherches, les études et la lettre d'information"]
    assert (answer["Question"], answer["Accord donné"]) == ("Messages par e-mail", "non")
    (receipt,) = copy["Reçus des partages"]
    assert receipt["Informations"] == ["Votre adresse e-mail"]
    assert receipt["Nombre de lectures"] == 1
    assert copy["Historique des connexions"][0]["Service"] == "Mon compte ameli"
    assert copy["Historique des connexions"][-1]["Avec"] == [
        "Mot de passe", "Code de sécurité reçu par e-mail",
    ]  # fmt: skip
    assert len(copy["Connexions ouvertes"]) == len(copy["Navigateurs mémorisés"]) == 1
    assert copy["Navigateurs mémorisés"][0]["Navigateur"] == "Firefox sur Windows"
    acts = [act["Événement"] for act in copy["Historique du compte et des accords"]]
    assert set(acts[:2]) == {"Compte créé", "Compte activé"}  # at the same moment here
    assert "Copie des données demandée" in acts


def test_a_change_of_consents_stays_in_the_history(visited):
    visited.posts(
        "/mon-compte/coordonnees",
        consentement_email="oui",
        consentement_telephone="non",
        consentement_sms="non",
        telephone_portable="06 12 34 56 78",
    )

    history = copied(visited)["Historique du compte et des accords"]

    (change,) = [act for act in history if act["Événement"] == "Téléphones ou accords modifiés"]
    assert "Messages par e-mail" in change["Ce qui a changé"]
    assert "Téléphone portable" in change["Ce qui a changé"]


def test_the_page_tells_the_same(visited):
    page = words(visited.posts(PAGE, mot_de_passe_actuel=PASSWORD, format="page"))

    for part in copied(visited):
        assert f">{part}</h2>" in page
    assert "claire@exemple.fr" in page
    assert "02/03/2026, 12:00" in page


@pytest.mark.parametrize("form", ["json", "page"])
def test_the_number_is_masked(visited, form):
    answer = visited.posts(PAGE, mot_de_passe_actuel=PASSWORD, format=form)

    assert "2 85 ** ** *** ***" in answer.text
    assert NIR.value not in answer.text.replace(" ", "")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("Autre&Violon7", "Ce mot de passe n'est pas le bon."),
        ("", "Saisissez votre mot de passe."),
    ],
)
def test_without_the_password_nothing_is_told_and_nothing_recorded(bench, visited, given, says):
    answer = visited.posts(PAGE, mot_de_passe_actuel=given)

    assert answer.status_code == 422
    assert says in words(answer)
    assert "claire@" not in answer.text
    assert bench.events("account.data.copied") == []


@pytest.mark.parametrize("form", ["json", "page"])
def test_the_trail_says_who_took_a_copy_and_how(bench, visited, form):
    visited.posts(PAGE, mot_de_passe_actuel=PASSWORD, format=form)

    (event,) = bench.events("account.data.copied")
    assert event["form"] == form
    assert event["auth_event_id"] == visited.session().auth_event_id


def test_a_copy_is_for_people_who_are_logged_in(another_browser):
    assert another_browser.client.get(PAGE).location == f"/connexion?vers={PAGE}"
    assert another_browser.posts(PAGE, mot_de_passe_actuel=PASSWORD).status_code == 401


def test_each_act_of_the_history_exists_and_has_its_words():
    recorded = {event.type for event in subclasses(Event) if hasattr(event, "type")}

    assert set(copies.ACTS) - recorded == set()
    assert {f"own.act.{act}" for act in copies.ACTS} - SENTENCES.keys() == set()


@pytest.mark.parametrize("question", [WEB_QUESTION, APP_QUESTION], ids=["web", "app"])
def test_each_answer_of_a_creation_has_its_words(question):
    asked = ("consentement_email", "consentement_telephone", "consentement_sms")

    kept = question.answers(dict.fromkeys(asked, True))

    assert [c.purpose for c in kept if f"own.fields.{c.purpose}" not in SENTENCES] == []
