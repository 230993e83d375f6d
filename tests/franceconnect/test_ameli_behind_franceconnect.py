"""The broker behind the simulated FranceConnect, over HTTP, from its page of accounts and back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest

from tests.conftest import FrozenClock
from tests.franceconnect.behind import Journey, journey, registration
from tests.support.partner import events, register

Start = Callable[..., AbstractContextManager[Journey]]


@pytest.fixture
def start(sqlite_url: str, clock: FrozenClock) -> Start:
    return partial(journey, sqlite_url, clock)


@pytest.mark.parametrize("encryption", [None, "ECDH-ES", "RSA-OAEP-256"])
def test_the_person_is_recognised_at_the_site_of_franceconnect(
    start: Start, encryption: str | None
) -> None:
    with start(encryption) as trip:
        trip.reaches_ameli()
        at_ameli = trip.person.text
        trip.logs_in()

        assert "Connectez-vous pour continuer vers FranceConnect" in at_ameli
        assert trip.person.url.endswith("/information")
        assert "Bienvenue Mme BRISSON" in trip.person.text
        assert len(events(trip.app, "token.issued")) == 2


def test_encryption_that_franceconnect_does_not_expect_is_not_understood(start: Start) -> None:
    """What the test above proves is not that FranceConnect takes anything."""
    with start("ECDH-ES") as trip:
        changed = registration(trip.franceconnect, None)
        register(trip.app, **changed)
        trip.reaches_ameli()
        trip.logs_in()

        assert "Y020026" in trip.person.text


def test_who_gives_up_chooses_another_account_at_franceconnect(start: Start) -> None:
    with start() as trip:
        page = trip.reaches_ameli()
        rank = next(i for i, form in enumerate(page.forms) if form.action.endswith("/annuler"))
        page.submits(form=rank)

        assert "La connexion à Ameli.fr n'a pas été possible." in trip.person.text


def test_who_would_be_refused_reads_why_here_and_goes_back(start: Start) -> None:
    with start(identity_certified="0") as trip:
        trip.reaches_ameli()
        trip.logs_in()
        read = trip.person.text
        trip.person.submits()

        assert "vérifié auprès de l'Insee" in read
        assert "La connexion à Ameli.fr n'a pas été possible." in trip.person.text
        assert events(trip.app, "code.issued") == []
