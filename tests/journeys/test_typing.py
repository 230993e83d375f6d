"""How people type, in a browser: they paste, drop, look at the password, go back and reload."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest
from playwright.sync_api import expect

from tests.support.people import Insured, without_account
from tests.support.person import PASSWORD, Person
from tests.support.stack import mails

# What a browser does with a field does not depend on the database.
pytestmark = [
    pytest.mark.journey,
    pytest.mark.parametrize("stack", ["sqlite"], indirect=True),
]
_people = islice(without_account(), 71, None)
PASSWORDS = ("mot_de_passe", "mot_de_passe_confirmation")
AGAIN = "la confirmation du mot de passe"
# Comes after the script of the page, which hides what it showed.
NOTE_WHAT_IS_SENT = """() => addEventListener('submit', (event) => sessionStorage.setItem(
  'sent as', ['mot_de_passe', 'mot_de_passe_confirmation'].map(
    (name) => event.target.elements[name].type).join(' ')))"""
WEAK = ["(respecté)", "(non respecté)", *["(respecté)"] * 3]  # no capital letter
FOREIGN = "\u00a0 \u202f-"  # what stands between figures where people copy them


@pytest.fixture
def insured() -> Insured:
    return next(_people)


@pytest.fixture
def person(newcomer: Callable[..., Person]) -> Person:
    """Somebody whose pages others inspect."""
    return replace(newcomer(), inspector=None)


def spaced(number: str) -> str:
    """Write a number in pairs, with each kind of space and a hyphen in turn."""
    pairs = [number[i : i + 2] for i in range(0, len(number), 2)]
    return "".join(pair + FOREIGN[i % len(FOREIGN)] for i, pair in enumerate(pairs))


def pastes(person: Person, **texts: str) -> None:
    """Put each text on the clipboard and press the keys that paste; all of it must arrive."""
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name, text in texts.items():
        field = person.page.locator(f"main [name={name}]")
        person.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        field.focus()
        person.page.keyboard.press("Control+V")
        assert field.input_value() == text


def drops(person: Person, **texts: str) -> None:
    """Let go of a dragged text over each field; all of it must arrive."""
    devtools = person.page.context.new_cdp_session(person.page)
    for name, text in texts.items():
        field = person.page.locator(f"main [name={name}]")
        field.scroll_into_view_if_needed()
        box = field.bounding_box()
        assert box
        event = {
            "x": box["x"] + box["width"] / 2,
            "y": box["y"] + box["height"] / 2,
            "data": {
                "items": [{"mimeType": "text/plain", "data": text}],
                "dragOperationsMask": 1,
            },
        }
        for kind in ("dragEnter", "dragOver", "drop"):
            devtools.send("Input.dispatchDragEvent", {"type": kind, **event})
        expect(field).to_have_value(text)


def test_what_is_pasted_or_dropped_arrives_whole_and_is_understood(
    person: Person, insured: Insured
) -> None:
    person.opens("/creation-compte")
    pastes(
        person,
        nom=f" {insured.nom} ",
        nir=spaced(insured.nir),
        date_naissance=insured.date_naissance.replace("/", " - "),
    )
    drops(person, code_postal=spaced(insured.code_postal))
    person.clicks("CONTINUER")
    pastes(person, iban7=spaced(insured.iban7), vitale11=spaced(insured.vitale11))
    person.clicks("VALIDER")
    accepts_the_terms(person)
    pastes(person, mot_de_passe=PASSWORD, mot_de_passe_confirmation=PASSWORD)
    person.clicks("Valider votre mot de passe")
    drops(person, telephone_portable=spaced("0612345678"))
    pastes(person, email=person.email, email_confirmation=person.email)
    person.answers(consentement_email="non", consentement_telephone="non", consentement_sms="non")
    person.clicks("Valider et créer votre compte ameli")
    person.activates()

    person.opens("/connexion")
    pastes(person, nir=spaced(insured.nir), mot_de_passe=PASSWORD)
    person.clicks("Se connecter")
    pastes(person, code=spaced(person.newest_code()))
    person.clicks("Valider le code")

    expect(person.page).to_have_url(f"{person.stack.url('broker')}/mon-compte")


def accepts_the_terms(person: Person) -> None:
    person.answers(cgu="oui")
    person.clicks("Passer à l'étape suivante")


def chooses_a_password(person: Person) -> None:
    person.fills(mot_de_passe=PASSWORD, mot_de_passe_confirmation=PASSWORD)
    person.clicks("Valider votre mot de passe")


def comes_to_the_password(person: Person, insured: Insured) -> None:
    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    accepts_the_terms(person)


def gives_contact(person: Person) -> None:
    person.fills(email=person.email, email_confirmation=person.email)
    person.answers(consentement_email="non", consentement_telephone="non", consentement_sms="non")
    person.clicks("Valider et créer votre compte ameli")


def reloads_and_goes_back(person: Person, path: str) -> dict[str, str]:
    """Try both on the page that has just come; return what the one before shows as typed."""
    address = f"{person.stack.url('broker')}/creation-compte{path}"
    person.page.wait_for_url(address)
    title = person.page.title()
    person.page.reload()
    assert (person.page.url, person.page.title()) == (address, title)
    person.page.go_back()
    expect(person.page.locator("h1")).to_be_visible()
    fields = person.page.locator("main input.input").all()
    typed = {field.get_attribute("name") or "": field.input_value() for field in fields}
    person.page.go_forward()
    assert (person.page.url, person.page.title()) == (address, title)
    return typed


def test_going_back_and_reloading_repeat_nothing_and_lose_nothing(
    person: Person, insured: Insured
) -> None:
    person.gives_identity(**insured.identity)
    assert reloads_and_goes_back(person, "/carte") == insured.identity
    person.gives_proofs(insured.iban7, insured.vitale11)
    assert reloads_and_goes_back(person, "/conditions") == {
        "iban7": insured.iban7,
        "vitale11": insured.vitale11,
    }
    accepts_the_terms(person)
    reloads_and_goes_back(person, "/mot-de-passe")
    chooses_a_password(person)
    assert set(reloads_and_goes_back(person, "/coordonnees").values()) == {""}  # secrets
    gives_contact(person)
    assert reloads_and_goes_back(person, "/terminee") == {}  # nothing to send twice

    assert len(mails(person.stack, person.email, at_least=1)) == 1


def test_a_shown_password_is_said_and_hidden_again_when_sent(
    person: Person, insured: Insured
) -> None:
    page = person.page
    comes_to_the_password(person, insured)
    typed, again = (page.locator(f"#{name}") for name in PASSWORDS)
    said = page.locator("body > [role=status]")
    shows = page.get_by_role("button", name="Afficher le mot de passe", exact=True)
    shows_again = page.get_by_role("button", name=f"Afficher {AGAIN}", exact=True)
    expect(shows_again).to_be_visible()
    expect(typed).to_have_attribute("type", "password")

    shows.click()
    expect(typed).to_have_attribute("type", "text")
    expect(again).to_have_attribute("type", "password")
    expect(said).to_have_text("Le mot de passe s'affiche à l'écran.")
    shows_again.click()
    expect(said).to_have_text("La confirmation du mot de passe s'affiche à l'écran.")
    page.get_by_role("button", name=f"Masquer {AGAIN}", exact=True).click()
    expect(again).to_have_attribute("type", "password")

    page.evaluate(NOTE_WHAT_IS_SENT)
    person.fills(mot_de_passe=PASSWORD, mot_de_passe_confirmation="Autre&Mot7")
    person.clicks("Valider votre mot de passe")
    expect(page.locator("#mot_de_passe_confirmation-erreur")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('sent as')") == "password password"
    expect(typed).to_have_attribute("type", "password")


def test_each_rule_of_a_password_says_while_it_is_typed_whether_it_is_met(
    person: Person, insured: Insured
) -> None:
    comes_to_the_password(person, insured)
    states = person.page.locator("[data-rule] .rule-state")
    said = person.page.locator("body > [role=status]")
    expect(states).to_have_text([""] * 5)

    person.fills(mot_de_passe="tulipes7")
    expect(states).to_have_text(WEAK)
    expect(said).to_contain_text("4 exigences respectées sur 5")

    person.fills(mot_de_passe=PASSWORD)
    expect(states).to_have_text(["(respecté)"] * 5)
    expect(said).to_contain_text("5 exigences respectées sur 5")
    person.fills(mot_de_passe="")
    expect(states).to_have_text([""] * 5)
