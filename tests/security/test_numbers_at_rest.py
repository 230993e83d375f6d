"""A social security number is never in clear, wherever it came from."""

import re

from sqlalchemy import select

from broker.base.db import Database
from broker.sessions.tables import REQUEST
from tests.support.partner import parse
from tests.unit.signup.test_by_franceconnect import comes_back  # noqa: F401 - a fixture
from tests.unit.signup.visitor import IDENTITY, PROOFS

NIR = "2640531555982"


def test_a_login_hint_is_sealed_and_still_fills_the_form(app, partner, holder):
    sent = partner.sends(login_hint=NIR)

    page = holder.client.get(f"/connexion?demande={parse(sent.location)['demande']}")
    kept = app.extensions["broker"][Database].scalar(select(REQUEST.c.login_hint))

    assert NIR.encode() not in kept
    assert f'value="{NIR}"' in page.text


def test_the_number_is_not_told_to_whoever_came_through_franceconnect(
    comes_back,  # noqa: F811
    visitor,
    insured_id,
):
    assert insured_id
    comes_back()
    visitor.accepts_terms()

    page = visitor.opens("/creation-compte/mot-de-passe").text

    assert re.search(r'data-forbidden="[^"]*1985', page)
    assert IDENTITY["nir"].replace(" ", "") not in page


def test_the_live_display_knows_the_number_that_was_typed(visitor, insured_id):
    assert insured_id
    visitor.identifies()
    visitor.proves(**PROOFS)
    visitor.accepts_terms()

    page = visitor.opens("/creation-compte/mot-de-passe").text

    assert IDENTITY["nir"].replace(" ", "") in page
