"""What a security analyst does first in the console, with a real browser."""

from time import time

import pyotp
from playwright.sync_api import Page

from tests.support.person import PASSWORD, Person


def waits_for_another_code(page: Page, totp: pyotp.TOTP, used: str) -> str:
    """Return the next code; the clock of the service is the machine's."""
    while (code := totp.now()) == used:
        page.wait_for_timeout(1_000 * (30 - time() % 30) + 200)
    return code


def begins(analyst: Person, name: str, role: str = "investigator") -> tuple[pyotp.TOTP, str]:
    """Accept the invitation, wrong at first; return the application and the code it showed."""
    page = analyst.page
    page.goto(analyst.stack.command("console", "add-user", name, "--role", role).strip())
    analyst.sees(name)
    totp = pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))
    analyst.clicks("Ouvrir mon compte d'analyste")
    analyst.sees("Saisissez un mot de passe")
    code = totp.now()
    analyst.fills(mot_de_passe=PASSWORD, mot_de_passe_confirmation=PASSWORD, code=code)
    analyst.clicks("Ouvrir mon compte d'analyste")
    analyst.sees("Recherche dans la piste d'audit")
    return totp, code
