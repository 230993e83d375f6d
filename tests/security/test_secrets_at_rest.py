"""A reader of the database finds nothing that opens anything: digests and sealed values alone."""

import pytest
from sqlalchemy import MetaData

from broker.accounts.creation import Creation
from broker.base.db import Database
from tests.support.partner import REFRESHING, SECRET, parse
from tests.unit.accounts.builders import NIR, a_new_account


@pytest.fixture
def at_rest(app):
    """Return a function that gives everything that the database holds."""

    def read() -> str:
        db = app.extensions["broker"][Database]
        tables = MetaData()
        tables.reflect(db.engine)
        rows = [repr(row) for table in tables.sorted_tables for row in db.all(table.select())]
        return "\n".join(rows)

    return read


def test_no_cookie_code_or_token_stands_in_the_database(a_partner, holder, at_rest):
    holder.logs_in()
    partner = a_partner(**REFRESHING)
    code = partner.code(scope="openid")
    pending = parse(partner.sends(prompt="login").location)["demande"]
    tokens = partner.tokens(scope="openid offline_access")
    cookies = {
        name: holder.client.get_cookie(f"ameli_{name}") for name in ("session", "navigateur")
    }
    secrets = {
        "code": code,
        "access token": tokens["access_token"],
        "refresh token": tokens["refresh_token"],
        "id token": tokens["id_token"],
        "client secret": SECRET,
        "verifier": partner.verifier,
        **{name: cookie.value for name, cookie in cookies.items()},
    }

    kept = at_rest()

    assert holder.account_id in kept
    assert pending in kept
    assert [name for name, secret in secrets.items() if len(secret) < 32 or secret in kept] == []


def test_neither_link_nor_remembered_browser_stands_in_the_database(
    bench, insured_id, browser, at_rest
):
    bench.of(Creation).open_pending(a_new_account(insured_id, nir=NIR))
    link = bench.link("activation").reveal()
    browser.logs_in(se_souvenir="oui")
    memory = browser.client.get_cookie("ameli_memoire").value

    kept = at_rest()

    assert "activation" in kept
    assert [secret for secret in (link, memory) if len(secret) < 43 or secret in kept] == []
