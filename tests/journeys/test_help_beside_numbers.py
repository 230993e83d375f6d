"""«Où trouver…»: a drawing beside each number that is asked, on the narrowest screen too."""

from collections.abc import Callable
from itertools import islice

import pytest
from playwright.sync_api import expect

from tests.support.accessibility import too_wide
from tests.support.people import without_account
from tests.support.person import Person

pytestmark = pytest.mark.journey
NIR = ["Une carte Vitale", "Une attestation de droits"]
ACCOUNT, SERIAL = "Un relevé d'identité bancaire", "Une carte Vitale avec photo"
DRAWN = {
    "/connexion": NIR,
    "/creation-compte": NIR,
    "/creation-compte/renvoyer": NIR,
    "/mot-de-passe-oublie": NIR,
    "/app/connexion": NIR,
    "/app/preparation": [*NIR, ACCOUNT, SERIAL],
}


def opens_every_help(person: Person) -> None:
    for summary in person.page.locator("main summary").all():
        summary.click()


def sees_drawings(person: Person, names: list[str]) -> None:
    drawings = person.page.locator("main [role=img]:visible")
    expect(drawings).to_have_count(len(names))
    for name in names:
        expect(person.page.get_by_role("img", name=name, exact=True)).to_be_visible()
    person.sees("")  # looked at, in both themes


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_every_page_that_asks_a_number_shows_where_it_is_printed(
    newcomer: Callable[..., Person], *, javascript: bool
) -> None:
    person = newcomer(javascript=javascript)
    person.page.set_viewport_size({"width": 320, "height": 640})

    for path, names in DRAWN.items():
        person.opens(path)
        opens_every_help(person)

        sees_drawings(person, names)
        if javascript:
            assert not too_wide(person.page)


def test_the_page_of_the_proofs_shows_both_places(
    newcomer: Callable[..., Person],
) -> None:
    person, insured = newcomer(), next(islice(without_account(), 60, None))
    person.gives_identity(**insured.identity)

    opens_every_help(person)

    sees_drawings(person, [ACCOUNT, SERIAL])
