"""What one login leaves in the database stays small, and goes away."""

import base64

import pytest
from sqlalchemy import func, select

from broker.base.db import Base, Database
from broker.oidc.exchange.endpoint import Tokens
from broker.oidc.grants.tables import GRANT
from broker.oidc.leftovers import Leftovers
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.dpop_jwt import Shown
from broker.oidc.provider import Provider
from broker.oidc.tokens.tables import ACCESS, ROTATED
from tests.support.partner import (
    PUBLIC,
    REFRESHING,
    SECRET,
    Holder,
    Partner,
    register,
    sample_account,
)

PER_LOGIN = {"oidc_grant": 1, "oidc_access_token": 32, "oidc_rotated_token": 5}


@pytest.fixture
def a_partner(app):
    holder = Holder(app, sample_account(app))
    holder.logs_in()

    def make(registered) -> Partner:
        return Partner(app, holder, register(app, **registered))

    return make


def rows(app, *tables) -> dict[str, int]:
    db = app.extensions["broker"][Database]
    return {table.name: db.scalar(select(func.count()).select_from(table)) for table in tables}


def refreshes_below_http(partner, token) -> dict:
    """Refresh as the token endpoint does, without the cost of a request."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "partenaire"}
    public = partner.registered.get("token_endpoint_auth_method") == "none"
    basic = base64.b64encode(f"partenaire:{SECRET}".encode()).decode()
    service = partner.app.extensions["broker"][Tokens]
    shown = Shown(None, "POST", "http://localhost:8000/token")
    return service.answer(Parameters(form), None if public else f"Basic {basic}", shown)


def purges(app) -> int:
    return sum(task.run() for task in app.extensions["broker"][Provider].tasks())


@pytest.mark.parametrize(
    ("registered", "times"), [(PUBLIC, 1_000), (REFRESHING, 100)], ids=["public", "confidential"]
)
def test_a_thousand_refreshes_leave_a_bounded_number_of_rows(a_partner, app, registered, times):
    partner = a_partner(registered)
    tokens = partner.tokens(scope="openid offline_access")
    every = [table for table in Base.metadata.sorted_tables if table.name != "audit_event"]
    before = rows(app, *every)

    for _ in range(times):
        tokens = refreshes_below_http(partner, tokens["refresh_token"])

    after = rows(app, *every)
    grown = {name for name in after if after[name] > before[name]}
    assert grown <= {"oidc_access_token", "oidc_rotated_token"}
    assert {name: after[name] for name in PER_LOGIN if after[name] > PER_LOGIN[name]} == {}
    assert partner.userinfo(tokens["access_token"]).status_code == 200


def test_slow_refreshes_leave_one_access_token(a_partner, app, clock):
    partner = a_partner(PUBLIC)
    tokens = partner.tokens(scope="openid offline_access")

    for _ in range(10):
        clock.advance(minutes=5)
        tokens = partner.refreshes(tokens["refresh_token"]).get_json()

    assert rows(app, GRANT, ACCESS, ROTATED) == {
        "oidc_grant": 1, "oidc_access_token": 1, "oidc_rotated_token": 1,
    }  # fmt: skip


def test_what_is_over_is_deleted(a_partner, app, clock):
    partner = a_partner(PUBLIC)
    partner.refreshes(partner.tokens()["refresh_token"])
    revoked = partner.tokens(scope="openid offline_access")
    partner.revokes(revoked["refresh_token"])
    partner.tokens(scope="openid offline_access")

    clock.advance(minutes=6)
    purges(app)
    after_minutes = rows(app, GRANT, ACCESS, ROTATED)
    clock.advance(hours=37)  # a day longer than a session may live
    purges(app)
    after_a_day = rows(app, GRANT)
    clock.advance(days=30)
    purges(app)

    assert after_minutes == {"oidc_grant": 3, "oidc_access_token": 0, "oidc_rotated_token": 0}
    assert after_a_day == {"oidc_grant": 1}  # offline access that may still be refreshed
    assert rows(app, GRANT) == {"oidc_grant": 0}


def test_a_reuse_is_recognised_for_a_day_after_the_end(a_partner, app, clock):
    partner = a_partner(PUBLIC)
    first = partner.tokens()
    partner.refreshes(first["refresh_token"])
    clock.advance(minutes=31)
    purges(app)

    assert partner.refreshes(first["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert rows(app, GRANT) == {"oidc_grant": 1}


def test_a_purge_takes_many_batches(app, clock):
    db, now = app.extensions["broker"][Database], clock()
    over = [
        {
            "digest": number.to_bytes(32, "big"), "code_digest": b"", "generation": 0,
            "scopes": "", "issued_at": now, "expires_at": now,
        }
        for number in range(1_203)
    ]  # fmt: skip
    with db.transaction():
        db.insert_rows(ACCESS, over)
    clock.advance(seconds=1)

    assert Leftovers(db).purge(clock()) == 1_203
    assert rows(app, ACCESS) == {"oidc_access_token": 0}
