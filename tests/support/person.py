"""What an insured person does, in their words, with a real browser."""

import re
import time
from contextlib import nullcontext
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.support.inspection import Inspector
from tests.support.stack import Stack, mails

PASSWORD = "Tulipes&Violon7"
_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)
_CODE = re.compile(r"^\d{6}$", re.MULTILINE)


@dataclass
class Person:
    """One insured person in front of one browser page."""

    page: Page
    stack: Stack
    email: str
    inspector: Inspector | None = None
    """Looks at every page of ours that the person acts on or reads."""

    def opens(self, path: str) -> None:
        self.page.goto(self.stack.url("broker") + path)

    def fills(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").fill(value)

    def answers(self, **choices: str) -> None:
        for name, value in choices.items():
            self.page.locator(f"main [name={name}][value={value}]").check()

    def clicks(self, button: str) -> None:
        found = self.page.get_by_role("button", name=button, exact=True).first
        found.wait_for()  # of a page that is still coming
        self._looks()
        leaves = found.get_attribute("type") == "submit"
        with self.page.expect_navigation(wait_until="commit") if leaves else nullcontext():
            found.click()  # and be answered: to open another page meanwhile would call it off

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)
        self._looks()

    def reads(self, text: str) -> None:
        """See it on a desk's screen, and on a phone's."""
        self.sees(text)
        usual = self.page.viewport_size
        self.page.set_viewport_size({"width": 360, "height": 740})
        self._looks()
        if usual:
            self.page.set_viewport_size(usual)

    def _looks(self) -> None:
        if self.inspector and self.page.url.startswith(self.stack.url("broker")):
            self.inspector.look(self.page)

    # Creation

    def gives_identity(self, **identity: str) -> None:
        self.opens("/creation-compte")
        self.fills(**identity)
        self.clicks("CONTINUER")

    def gives_proofs(self, iban7: str, vitale11: str) -> None:
        self.fills(iban7=iban7, vitale11=vitale11)
        self.clicks("VALIDER")

    def starts_with_franceconnect(self, login: str, provider: str = "impots.gouv.fr") -> None:
        self.opens("/creation-compte")
        self.clicks("S'identifier avec FranceConnect")
        self.identifies_at_franceconnect(login, provider)

    def identifies_at_franceconnect(self, login: str, provider: str = "impots.gouv.fr") -> None:
        self.clicks(provider)
        self.page.locator("[name=login]").fill(login)
        self.clicks("Se connecter")
        self.continues_from_franceconnect()

    def continues_from_franceconnect(self) -> None:
        self.page.get_by_role("button", name=re.compile("^Continuer sur ")).click()

    def completes_creation(self, password: str = PASSWORD) -> None:
        """From the terms to the page that says to look at one's mail."""
        self.answers(cgu="oui")
        self.clicks("Passer à l'étape suivante")
        self.fills(mot_de_passe=password, mot_de_passe_confirmation=password)
        self.clicks("Valider votre mot de passe")
        self.fills(email=self.email, email_confirmation=self.email)
        self.answers(
            consentement_email="non", consentement_telephone="non", consentement_sms="oui"
        )
        self.clicks("Valider et créer votre compte ameli")
        self.sees("Consultez votre messagerie")

    def activates(self) -> None:
        self.page.goto(self.newest_link())
        self.clicks("J'active mon compte")
        self.sees("Votre compte ameli est activé")

    # Login

    def logs_in(self, nir: str, password: str = PASSWORD) -> None:
        """Fill the login form of the present page."""
        self.fills(nir=nir, mot_de_passe=password)
        self.clicks("Se connecter")

    def gives_code(self, *, received: int = 1, remember: bool = False) -> None:
        """Type the code of the newest mail, once *received* codes have arrived in all."""
        code = self.newest_code(received)
        self.fills(code=code)
        if remember:
            self.answers(se_souvenir="oui")
        self.clicks("Valider le code")

    def agrees(self, partner: str = "Partenaire d'exemple") -> None:
        """Read what the partner will learn, and go on."""
        self.sees(f"Ce que {partner} va recevoir")
        self.clicks(f"Continuer vers {partner}")
        broker = self.stack.url("broker")  # which answers by a page that leads on by itself
        self.page.wait_for_url(lambda url: not url.startswith(broker))

    # Mail

    def newest_link(self, received: int = 1) -> str:
        found = _LINK.findall(self._mails_with(_LINK, received)[0])
        return found[0]

    def newest_code(self, received: int = 1) -> str:
        return _CODE.findall(self._mails_with(_CODE, received)[0])[0]

    def _mails_with(self, pattern: re.Pattern[str], at_least: int) -> list[str]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            texts = [mail["text"] for mail in mails(self.stack, self.email, at_least=0)]
            found = [text for text in texts if pattern.search(text)]
            if len(found) >= at_least:
                return found
            time.sleep(0.1)
        raise AssertionError(f"no mail with {pattern.pattern}")
