"""A session of the console ends: the analyst is warned, and loses nothing that was typed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, select, update

from broker.console.tables import ANALYST, ANALYST_SESSION
from tests.support.accessibility import flaws, too_wide
from tests.support.analyst import begins, waits_for_another_code
from tests.support.person import PASSWORD, Person

pytestmark = pytest.mark.journey
_numbers = count(1)


def ages(analyst: Person, name: str, **since: timedelta) -> None:
    """Let the analyst's sessions have begun, or been used, so long ago."""
    engine = create_engine(analyst.stack.database_url)
    own = select(ANALYST.c.id).where(ANALYST.c.name == name).scalar_subquery()
    values = {column: datetime.now(UTC) - ago for column, ago in since.items()}
    with engine.begin() as connection:
        connection.execute(
            update(ANALYST_SESSION).where(ANALYST_SESSION.c.analyst_id == own).values(**values)
        )
    engine.dispose()


def logs_in_there(tab: Page, analyst: Person, name: str, code: str) -> None:
    other = Person(tab, analyst.stack, analyst.email)
    other.fills(identifiant=name, mot_de_passe=PASSWORD, code=code)
    other.clicks("Se connecter")
    other.sees("Recherche dans la piste d'audit")


def is_warned_and_goes_on(analyst: Person, name: str) -> None:
    page, dialog = analyst.page, analyst.page.locator("#fin-de-session")
    page.clock.fast_forward("12:50")
    expect(dialog).to_be_hidden()
    ages(analyst, name, seen_at=timedelta(minutes=13, seconds=5))
    page.clock.fast_forward("00:15")
    expect(dialog).to_contain_text("2\u00a0minutes")
    assert flaws(page) == []
    dialog.get_by_role("button", name="Continuer").click()
    expect(dialog).to_be_hidden()


def test_is_warned_before_the_end_and_loses_nothing_that_was_typed(
    newcomer: Callable[..., Person],
) -> None:
    analyst, name = newcomer(), f"veilleur-{next(_numbers)}"
    page, dialog = analyst.page, analyst.page.locator("#fin-de-session")
    totp, used = begins(analyst, name)
    page.clock.install()
    analyst.opens("/audit")
    page.get_by_text("Affiner la recherche").click()
    analyst.fills(type="console.login")
    is_warned_and_goes_on(analyst, name)

    ages(analyst, name, seen_at=timedelta(minutes=15))
    page.clock.fast_forward("15:00")
    expect(dialog).to_contain_text("Ce que vous avez saisi reste sur cette page")
    assert flaws(page) == []
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Me connecter à nouveau").click()
    logs_in_there(opened.value, analyst, name, waits_for_another_code(page, totp, used))
    dialog.get_by_role("button", name="Revenir à la page").click()
    analyst.clicks("Rechercher dans la piste")

    analyst.sees("console.login.ok")


def test_without_a_script_what_was_sent_too_late_is_sent_again(
    newcomer: Callable[..., Person],
) -> None:
    analyst, name = newcomer(javascript=False, mobile=True), f"veilleur-{next(_numbers)}"
    page = analyst.page
    totp, used = begins(analyst, name)
    page.get_by_text("Affiner la recherche").click()
    analyst.fills(type="console.login")
    ages(analyst, name, seen_at=timedelta(minutes=15))

    analyst.clicks("Rechercher dans la piste")
    analyst.sees("Ce que vous avez saisi n'est pas perdu")
    assert not too_wide(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Me connecter").click()
    logs_in_there(opened.value, analyst, name, waits_for_another_code(page, totp, used))
    analyst.clicks("Envoyer à nouveau")

    analyst.sees("console.login.ok")
