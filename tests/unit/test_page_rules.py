"""Pages keep the rules of markup that axe does not judge; a page that breaks one is caught."""

import re

import pytest

from tests.conftest import test_settings
from tests.support.elements import Element, elements
from tests.support.page_rules import COLOURED, broken_rules
from tests.support.places import ROOT
from tests.unit.mobile.owner import PhoneOwner
from tests.unit.sessions.conftest import account, browser
from tests.unit.signup.conftest import bench, insured_id, visitor
from tests.unit.signup.visitor import PASSWORD, words

__all__ = ["account", "bench", "browser", "insured_id", "visitor"]
SHEETS = [ROOT / "static/app.css", ROOT / "static/mobile/mobile.css"]
PLAIN = [
    "/",
    "/accessibilite",
    "/deconnecte",
    "/compte-active",
    "/app/compte-active",
    "/activation",
    "/nulle-part",
]
FORMS = ["/connexion", "/creation-compte", "/creation-compte/renvoyer", "/mot-de-passe-oublie"]
APP = ["/app", "/app/connexion", "/app/preparation"]
GOOD = """<html lang="fr"><head><title>Erreur : Connexion - compte ameli</title>
<meta name="viewport" content="width=device-width"></head><body>
<div id="erreurs"><a href="#nir">Indiquez-le.</a></div>
<form method="post" action="/connexion" novalidate>
<label for="nir">Numéro</label><p id="nir-aide">13 caractères</p>
<p id="nir-erreur">Indiquez-le.</p>
<input id="nir" name="nir" inputmode="text" autocomplete="username" autocapitalize="characters"
 spellcheck="false" aria-describedby="nir-aide nir-erreur" aria-invalid="true" required>
<h2>Étape 1 sur 5 : mon identité</h2><div class="steps-bar"><span class="is-done"></span></div>
<div class="field has-error"><p class="field-error">Choisissez-en un autre.</p></div>
<ul><li data-met="no">Une lettre <span>(non respecté)</span></li></ul>
<label for="mot_de_passe">Mot de passe</label>
<input id="mot_de_passe" name="mot_de_passe" type="password" autocomplete="current-password"
 autocapitalize="off" spellcheck="false">
<svg viewBox="0 0 2 2"><path d="M0 0h2V2"/></svg>
<button type="submit">Se connecter</button>
</form></body></html>"""
BREAKS = [
    ("ids", '<div id="erreurs"', '<div id="nir"></div><div id="erreurs"'),
    ("title", "Erreur : ", ""),
    ("title", " - compte ameli", ""),
    ("references", 'nir-erreur" aria', 'nir-erreur nir-connu" aria'),
    ("references", 'href="#nir"', 'href="#non"'),
    ("handlers", 'id="nir" name', 'id="nir" onpaste="return false" name'),
    ("purpose", "username", "off"),
    ("purpose", 'autocomplete="current-password"', ""),
    ("keyboard", 'inputmode="text"', 'inputmode="numeric"'),
    ("keyboard", 'autocapitalize="characters"', ""),
    ("keyboard", 'autocapitalize="off"', ""),
    ("format", '"nir-aide nir-erreur"', '"nir-erreur"'),
    ("format", "13 caractères", ""),
    ("format", '<p id="nir-aide">13 caractères</p>', ""),
    ("label", '<label for="nir">', "<label>"),
    ("label", '<label for="mot_de_passe">Mot de passe</label>', ""),
    ("label", "</form>", '</form><label for="nir">Numéro</label>'),
    ("typing", 'id="nir" name', 'id="nir" placeholder="Numéro" name'),
    ("typing", 'id="nir" name', 'id="nir" type="number" name'),
    ("typing", 'type="password"', 'type="text"'),
    ("typing", ' spellcheck="false"', ""),
    ("errors", ' aria-invalid="true"', ""),
    ("errors", "nir-aide nir-erreur", "nir-aide"),
    ("errors", '<a href="#nir">Indiquez-le.', '<a href="#nir">Indiquez ce numéro.'),
    ("errors", 'type="password"', 'type="password" value="x"'),
    ("script", " novalidate", ""),
    ("script", '<button type="submit">', '<button type="button">'),
    ("script", 'href="#nir"', 'href="#"'),
    ("colour", '<p class="field-error">Choisissez-en un autre.</p>', ""),
    ("colour", "Étape 1 sur 5 : ", ""),
    ("colour", "(non respecté)", ""),
    ("language", 'lang="fr"', 'lang="en"'),
    ("drawing", "h2V2", "h2\u00a0V2"),
    ("enlarging", "device-width", "device-width, maximum-scale=1"),
]


@pytest.fixture
def settings(sqlite_url):
    return test_settings(sqlite_url)


@pytest.mark.parametrize(("rule", "part", "instead"), BREAKS)
def test_a_page_that_breaks_a_rule_is_caught(rule, part, instead):
    assert broken_rules(GOOD) == []

    broken = broken_rules(GOOD.replace(part, instead))

    assert any(one.startswith(f"{rule}: ") for one in broken)


def test_no_other_state_of_an_element_is_coloured():
    sheets = "".join(path.read_text(encoding="utf-8") for path in SHEETS)

    assert set(re.findall(r"\.((?:is|has)-[a-z]+)", sheets)) == COLOURED
    assert set(re.findall(r'\[(?:data|aria)-[a-z]+="?(?:yes|no|true|false)"?\]', sheets)) == {
        '[aria-invalid="true"]',
        '[data-met="yes"]',
        '[data-met="no"]',
    }


def test_pages_keep_the_rules(client):
    broken = {path: broken_rules(client.get(path).text) for path in [*PLAIN, *FORMS, *APP]}

    assert {path: rules for path, rules in broken.items() if rules} == {}


def test_forms_sent_empty_keep_the_rules(visitor):
    answers = {path: visitor.posts(path) for path in FORMS}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(
        FORMS, 422
    )
    assert all('id="erreurs"' in answer.text for answer in answers.values())
    assert [rule for answer in answers.values() for rule in broken_rules(answer.text)] == []


@pytest.mark.usefixtures("insured_id")
def test_the_steps_of_a_creation_keep_the_rules_right_and_wrong(visitor):
    pages = []
    steps = {
        "carte": visitor.proves,
        "conditions": visitor.accepts_terms,
        "mot-de-passe": visitor.chooses_password,
        "coordonnees": lambda: visitor.opens("/"),
    }
    visitor.identifies()

    for step, goes_on in steps.items():
        pages.append(visitor.opens(f"/creation-compte/{step}"))
        pages.append(visitor.posts(f"/creation-compte/{step}"))
        goes_on()

    assert [page.status_code for page in pages] == [200, 422] * 4
    assert PASSWORD not in "".join(page.text for page in pages)
    assert [rule for page in pages for rule in broken_rules(page.text)] == []


def test_the_page_of_the_code_keeps_the_rules(browser):
    asked = browser.gives_password()
    page = browser.client.get(asked.headers["Location"]).text
    wrong = browser.gives_code(asked, "12 34").text

    (field,) = re.findall(r'<input[^>]*name="code"[^>]*>', page)

    assert (
        'type="text" inputmode="numeric" autocomplete="one-time-code" spellcheck="false"' in field
    )
    assert "maxlength" not in field
    assert "courriers indésirables" in page
    assert 'id="code-erreur"' in wrong
    assert broken_rules(page) + broken_rules(wrong) == []


SITE_STEPS = [
    ("/creation-compte", "mon identité"),
    ("/creation-compte/carte", "mon IBAN et ma carte Vitale"),
    ("/creation-compte/conditions", "les conditions générales d'utilisation"),
    ("/creation-compte/mot-de-passe", "mon mot de passe"),
    ("/creation-compte/coordonnees", "mes coordonnées"),
]
APP_STEPS = [
    ("/app/identite", "mes informations personnelles"),
    ("/app/carte", "mon IBAN et ma carte Vitale"),
    ("/app/compte", "mon adresse et mon mot de passe"),
]


@pytest.mark.usefixtures("insured_id")
def test_steps_are_told_in_words_and_the_bar_is_silent(app, visitor):
    visitor.comes_to_contact()
    owner = PhoneOwner(app)
    owner.comes_to_account()

    for steps, walker in ((SITE_STEPS, visitor), (APP_STEPS, owner)):
        for number, (path, name) in enumerate(steps, 1):
            page = elements(words(walker.opens(path)))

            place = f"Étape {number} sur {len(steps)}"
            following = [f"Étape suivante : {name}" for _, name in steps[number : number + 1]]
            assert f"{place} : {name}" in texts(page, "h2")
            assert [text for text in texts(page, "p") if "Étape" in text] == following
            assert place.lower() in texts(page, "title")[0]
            assert_silent(page)


def texts(page: list[Element], tag: str) -> list[str]:
    return [one.text for one in page if one.tag == tag]


def assert_silent(page: list[Element]) -> None:
    """Fail unless the drawn steps are there and say nothing to assistive tools."""
    (bar,) = (one for one in page if one.has.get("class") in {"steps-bar", "app-steps"})
    drawn = [one for one in page if one is bar or bar in one.inside]
    assert len(drawn) > 3
    assert not bar.text or bar.has.get("aria-hidden") == "true"
    assert [one.has for one in drawn if one.has.keys() & {"role", "aria-label", "title"}] == []
