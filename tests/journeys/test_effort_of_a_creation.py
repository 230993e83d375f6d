"""What an account costs a person: screens, fields and waiting, no more than was promised."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

import pytest

from tests.support.account_holder import CODE, LINK, AccountHolder
from tests.support.people import Insured, at_franceconnect, without_account
from tests.support.person import PASSWORD
from tests.support.stack import Stack

pytestmark = pytest.mark.journey
_CONTROL = re.compile(r'<input(?![^>]*type="hidden")[^>]*\sname="(\w+)"')
_MOST_SECONDS = 20
# Each screen of ours with what it asks, as the step-by-step guide of July 2025 shows them.
IDENTITY = ("/creation-compte", 4)
CARD = ("/creation-compte/carte", 2)
LATER = [
    ("/creation-compte/conditions", 1),
    ("/creation-compte/mot-de-passe", 2),
    ("/creation-compte/coordonnees", 7),
    ("/activation", 0),
]
# In the app: what to have at hand, the terms, three steps, the link; then the first login.
IN_THE_APP = [
    ("/app", 0),
    ("/app/preparation", 0),
    ("/app/conditions", 0),
    ("/app/identite", 4),
    ("/app/carte", 2),
    ("/app/compte", 8),
    ("/activation", 0),
    ("/app/connexion", 2),
    ("/app/connexion/code", 2),  # with the box that spares the code next time
]
CHOSEN = {"mot_de_passe": PASSWORD, "mot_de_passe_confirmation": PASSWORD}


@dataclass
class Walk:
    """One person on their way, what each screen asked, and how long they waited in all."""

    holder: AccountHolder
    screens: list[tuple[str, int]] = field(default_factory=list)
    waited: float = 0.0

    def opens(self, path: str) -> "Walk":
        return self._waits(lambda: self.holder.browser.opens(path))

    def submits(self, form: int = 0, **answers: str) -> "Walk":
        """Answer the present screen of ours, which counts."""
        self._counts()
        return self._waits(lambda: self.holder.browser.submits(form=form, **answers))

    def goes_on(self, to: str) -> "Walk":
        """Follow the present screen's link to the next one; the screen counts."""
        browser = self.holder.browser
        assert browser.response is not None
        assert f'href="{to}"' in browser.response.text
        self._counts()
        return self.opens(to)

    def identifies_at_franceconnect(self, login: str) -> "Walk":
        """Be somebody at FranceConnect, whose screens are not ours, and come back."""
        browser = self.holder.browser
        there = f"{browser.url}/account/impots"
        self._waits(lambda: browser.opens(there).submits(login=login, password="123").submits())
        return self

    def completes(self, to: str) -> "Walk":
        self.submits(cgu="oui").submits(**CHOSEN)
        return self.submits(**self.holder.contact).activates(to)

    def activates(self, to: str) -> "Walk":
        started = time.monotonic()
        link = self.holder.newest(LINK)
        self.waited += time.monotonic() - started
        self.opens(link).submits()
        assert to in self.holder.browser.text
        return self

    def _counts(self) -> None:
        browser = self.holder.browser
        assert browser.response is not None
        asked = set(_CONTROL.findall(browser.response.text))
        address = browser.url.removeprefix(self.holder.stack.url("broker"))
        self.screens.append((address.partition("?")[0], len(asked)))

    def _waits(self, act: Callable[[], object]) -> "Walk":
        started = time.monotonic()
        act()
        self.waited += time.monotonic() - started
        return self


def walk_of(stack: Stack, insured: Insured, name: str) -> Walk:
    return Walk(AccountHolder(stack, insured, f"{name}@exemple.fr"))


def test_by_card_asks_what_the_guide_shows_and_waits_little(stack: Stack) -> None:
    insured = next(islice(without_account(), 64, None))
    walk = walk_of(stack, insured, "effort.carte")

    walk.opens("/creation-compte").submits(**insured.identity)
    walk.submits(iban7=insured.iban7, vitale11=insured.vitale11)
    walk.completes("Votre compte ameli est activé")

    assert walk.screens == [IDENTITY, CARD, *LATER]
    assert walk.waited < _MOST_SECONDS


def test_by_franceconnect_asks_ten_things_and_waits_little(stack: Stack) -> None:
    walk = walk_of(stack, at_franceconnect("MERCIER"), "effort.franceconnect")

    walk.opens("/creation-compte")
    forms = walk.holder.browser.forms
    walk.submits(form=next(i for i, one in enumerate(forms) if "franceconnect" in one.action))
    walk.identifies_at_franceconnect("avec_nom_dusage")
    walk.completes("Votre compte ameli est activé")

    assert walk.screens == [IDENTITY, *LATER]  # the first is left by its button, untouched
    assert walk.waited < _MOST_SECONDS


def test_in_the_app_asks_what_its_guide_shows_up_to_the_first_login(stack: Stack) -> None:
    insured = next(islice(without_account(), 66, None))
    walk = walk_of(stack, insured, "effort.application")
    email = walk.holder.email

    walk.opens("/app").goes_on("/app/preparation").goes_on("/app/conditions").submits()
    walk.submits(**insured.identity)
    walk.submits(iban7=insured.iban7, vitale11=insured.vitale11)
    walk.submits(
        email=email, email_confirmation=email, telephone="", consentement_email="non", **CHOSEN
    )
    walk.activates("Votre compte ameli est activé")
    walk.opens("/app/connexion").submits(nir=insured.nir, mot_de_passe=PASSWORD)
    walk.submits(code=walk.holder.newest(CODE))

    assert walk.holder.browser.url.endswith("/mon-compte")
    assert walk.screens == IN_THE_APP
    assert walk.waited < _MOST_SECONDS
