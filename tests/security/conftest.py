"""An attacker's world: the fixtures of the capabilities under attack, gathered."""

from tests.conformance.conftest import a_partner, holder, partner
from tests.franceconnect.conftest import a_world, upstream, world
from tests.unit.accounts.conftest import bench, insured_id, limited
from tests.unit.sessions.conftest import account, another_browser, browser
from tests.unit.signup.conftest import visitor

__all__ = [
    "a_partner",
    "a_world",
    "account",
    "another_browser",
    "bench",
    "browser",
    "holder",
    "insured_id",
    "limited",
    "partner",
    "upstream",
    "visitor",
    "world",
]
