"""An analyst's own account in a browser: another application of codes, then another password."""

from collections.abc import Callable
from itertools import count

import pyotp
import pytest
from playwright.sync_api import expect

from tests.support.analyst import begins, waits_for_another_code
from tests.support.person import PASSWORD, Person

ANOTHER = "Violon&Tulipes8"
pytestmark = pytest.mark.journey
_numbers = count(1)


def test_an_analyst_moves_to_another_application_then_chooses_another_password(
    newcomer: Callable[..., Person],
) -> None:
    analyst, name = newcomer(mobile=True), f"titulaire-{next(_numbers)}"
    page = analyst.page
    former, used = begins(analyst, name)

    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("link", name="Changer d'application ou de téléphone").click()
    analyst.clicks("Continuer")
    analyst.sees("Saisissez le code affiché")
    analyst.fills(mot_de_passe_actuel=PASSWORD, code=waits_for_another_code(page, former, used))
    analyst.clicks("Continuer")
    analyst.sees("Votre nouvelle application de codes")
    new = pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))
    used = new.now()
    analyst.fills(code=used)
    analyst.clicks("Utiliser cette application")
    analyst.sees("la seule qui compte désormais")

    page.get_by_role("link", name="Changer mon mot de passe").click()
    analyst.clicks("Changer mon mot de passe")
    analyst.sees("Saisissez votre mot de passe")
    analyst.fills(
        mot_de_passe_actuel=PASSWORD,
        mot_de_passe=ANOTHER,
        mot_de_passe_confirmation=ANOTHER,
        code=waits_for_another_code(page, new, used),
    )
    analyst.clicks("Changer mon mot de passe")
    analyst.sees("Votre mot de passe est changé")

    expect(page.locator("header")).to_contain_text(name)
