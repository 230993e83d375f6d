"""How an account comes to be over plain HTTP, for tests that are about what follows."""

import re
import time
from dataclasses import dataclass

from tests.support.people import Insured
from tests.support.person import PASSWORD
from tests.support.stack import Stack, mails
from tests.support.visitor import Visitor

LINK = re.compile(r"^https?://\S+$", re.MULTILINE)
CODE = re.compile(r"^\d{6}$", re.MULTILINE)


@dataclass
class AccountHolder:
    """One person, their browser and their mailbox."""

    stack: Stack
    insured: Insured
    email: str
    source: str = "127.0.0.1"
    """Where their browser calls from."""

    def __post_init__(self) -> None:
        self.browser = Visitor(self.stack.url("broker"), self.source)

    def reaches_contact(self) -> Visitor:
        """Go through the creation up to the last page before it is completed."""
        browser = self.browser
        browser.opens("/creation-compte").submits(**self.insured.identity)
        browser.submits(iban7=self.insured.iban7, vitale11=self.insured.vitale11)
        browser.submits(cgu="oui")
        return browser.submits(mot_de_passe=PASSWORD, mot_de_passe_confirmation=PASSWORD)

    @property
    def contact(self) -> dict[str, str]:
        return {
            "email": self.email,
            "email_confirmation": self.email,
            "consentement_email": "non",
            "consentement_telephone": "non",
            "consentement_sms": "oui",
        }

    def creates_account(self) -> None:
        self.reaches_contact().submits(**self.contact)
        self.browser.opens(self.newest(LINK)).submits()

    def logs_in(self, *, until: str | None = None) -> Visitor:
        """Answer the login form of the present page, then the code where it is asked."""
        form = self.browser.form_with("mot_de_passe")
        codes = len(self.received(CODE))
        self.browser.submits(form=form, until=until, nir=self.insured.nir, mot_de_passe=PASSWORD)
        if until and getattr(self.browser, "arrived", "").startswith(until):
            return self.browser
        code = self.newest(CODE, codes + 1)
        self.browser.submits(form=self.browser.form_with("code"), until=until, code=code)
        return self.agrees(until=until)

    def identifies_at_franceconnect(self, login: str, *, until: str | None = None) -> Visitor:
        """Leave for FranceConnect, be somebody there, and come back."""
        browser = self.browser.opens("/connexion")
        start = next(i for i, form in enumerate(browser.forms) if "franceconnect" in form.action)
        browser.submits(form=start)
        if not browser.url.endswith("/information"):  # FranceConnect knows nobody here yet
            browser.opens(f"{browser.url}/account/impots").submits(login=login, password="123")
        return browser.submits(until=until)

    def agrees(self, *, until: str | None = None) -> Visitor:
        """Go on to the partner where the present page says what it will learn."""
        browser = self.browser
        arrived = until is not None and getattr(browser, "arrived", "").startswith(until)
        if not arrived and any("vu" in form.fields for form in browser.forms):
            browser.submits(form=browser.form_with("vu"), until=until)
        return browser

    def newest(self, pattern: re.Pattern[str], at_least: int = 1) -> str:
        """Return what the newest mail with such a line says, once so many have come."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if len(found := self.received(pattern)) >= at_least:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no mail with {pattern.pattern}")

    def received(self, pattern: re.Pattern[str]) -> list[str]:
        """Return what each mail so far says on such a line, newest first."""
        texts = [mail["text"] for mail in mails(self.stack, self.email, at_least=0)]
        return [found[0] for text in texts if (found := pattern.findall(text))]
