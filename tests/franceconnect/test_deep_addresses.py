"""Who opens a page of the account and chooses FranceConnect lands on that page after the login."""

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from broker.franceconnect.model import Purpose
from tests.conftest import FrozenClock
from tests.franceconnect.world import World, transaction_of
from tests.support.insured_account import insured_account
from tests.support.ties import tie
from tests.unit.sessions.conftest import PASSWORD, LoginPage

DEEP = "/mon-compte/connexions/fermer?connexion=a-B_c"
NIR = "2620875107001"
ANGELA = {
    "nir": NIR,
    "nir_key": f"{97 - int(NIR) % 97:02}",
    "birth_name": "DUBOIS",
    "given_names": "ANGELA CLAIRE LOUISE",
    "birth_date": "1962-08-24",
    "birthplace_cog": "75107",
}  # whom FranceConnect vouches for
HOSTILE = [
    "https://ailleurs.example/mon-compte/recus",
    "//ailleurs.example/mon-compte/recus",
    "/mon-compte/../deconnexion",
    "/deconnexion",
    "/mon-compte/recus\n",
]


class Visit(LoginPage):
    """A browser of the world whose person has an account, and leaves for FranceConnect."""

    def __init__(self, world: World, clock: FrozenClock) -> None:
        super().__init__(world.client, world.app)
        self.world, self.clock = world, clock
        self.account = insured_account(world.app, password=PASSWORD, **ANGELA)

    def is_tied(self) -> None:
        back = self.world.come_back(self.world.identify(self.world.depart(Purpose.LOGIN)))
        identity = self.world.claim(transaction_of(back), Purpose.LOGIN)
        tie(self.app, self.account, identity.iss, identity.sub)

    def leaves_from(self, address: str) -> str:
        """Open the page, press the button of FranceConnect; return where it leads."""
        login = self.client.get(address, follow_redirects=True).text
        (form,) = re.findall(
            r'<form[^>]*action="/connexion/franceconnect".*?</form>', login, re.DOTALL
        )
        fields = re.findall(r'name="(vers|demande)" value="([^"]+)"', form)
        return self.leaves(**{name: unescape(value) for name, value in fields})

    def leaves(self, **fields: str) -> str:
        left = self.posts("/connexion/franceconnect", **fields)
        return left.location or unescape(re.findall(r"url=([^\"]+)", left.text)[0])

    def comes_back(self, franceconnect: str, **how: str) -> TestResponse:
        """Be somebody at FranceConnect; return the last answer before a code is asked, if any."""
        back = self.world.come_back(self.world.identify(franceconnect, **how))
        return self.client.get(back.location)

    def lands(self, step: TestResponse) -> str:
        """Give the code where one is asked; return the address of the first page after it."""
        self.clock.advance(seconds=1)
        return (
            self.gives_code(step).location if "/connexion/code" in step.location else step.location
        )


@pytest.fixture
def visit(world: World, clock: FrozenClock) -> Visit:
    return Visit(world, clock)


def test_whoever_is_tied_lands_on_the_page(visit: Visit) -> None:
    visit.is_tied()

    landed = visit.lands(visit.comes_back(visit.leaves_from(DEEP)))

    assert landed == DEEP
    assert visit.is_logged_in()


def test_whoever_ties_first_lands_on_the_page(visit: Visit) -> None:
    offered = visit.comes_back(visit.leaves_from(DEEP))
    page = visit.client.get(offered.location).text
    names = ("identite", "demande")
    fields = {n: re.findall(rf'name="{n}" value="([^"]+)"', page)[0] for n in names}

    step = visit.posts("/connexion/franceconnect/relier", nir=NIR, mot_de_passe=PASSWORD, **fields)

    assert visit.lands(step) == DEEP


def test_whoever_gives_up_at_franceconnect_and_takes_the_password_lands_on_the_page(
    visit: Visit,
) -> None:
    state = re.findall(r"[?&]state=([^&]+)", visit.leaves_from(DEEP))[0]
    refused = visit.client.get(f"/franceconnect/callback?error=access_denied&state={state}")
    (login,) = set(re.findall(r'href="(/connexion\?demande=[^"]+)"', refused.text))
    page = visit.client.get(unescape(login)).text
    (demande,) = set(re.findall(r'name="demande" value="([^"]+)"', page))

    assert visit.lands(visit.gives_password(PASSWORD, NIR, demande=demande)) == DEEP


@pytest.mark.parametrize("address", HOSTILE)
def test_nobody_is_led_elsewhere(visit: Visit, address: str) -> None:
    visit.is_tied()

    landed = visit.lands(visit.comes_back(visit.leaves(vers=address)))

    assert landed == "/mon-compte"
