"""Refused passwords for which no partner asked: from each to its login, and from that to each."""

from functools import partial

import pytest

from broker.audit.lineage.lookup import Lineages
from broker.audit.lineage.tries import GAP
from broker.audit.model import Actor
from tests.support.partner import events
from tests.unit.sessions.conftest import LoginPage, account

__all__ = ["account"]
WRONG = "Faux&Violon77"


@pytest.fixture
def lineage(app):
    """Return a function that looks an identifier up."""
    return partial(
        app.extensions["broker"][Lineages].read,
        actor=Actor(kind="admin", ref="test"),
        reason="a report",
    )


pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def person(app):
    return LoginPage(app.test_client(), app)


def shape(found) -> list[tuple[int, str]]:
    return [(depth, node.kind) for root in found.roots for depth, node in root.lines()]


def refused(app) -> list[dict]:
    return events(app, "login.password.failed")


def test_a_refused_password_leads_to_the_login_that_followed_and_back(app, person, lineage, clock):
    person.gives_password(WRONG)
    clock.advance(minutes=50)
    person.gives_password(WRONG)
    clock.advance(minutes=50)
    person.logs_in()
    (login,) = events(app, "session.created")

    found = lineage(login["auth_event_id"])

    assert shape(found)[:4] == [
        (0, "login"), (1, "login.password.failed"), (1, "login.password.failed"),
        (1, "login.password.ok"),
    ]  # fmt: skip
    for each in refused(app):
        assert lineage(each["event_id"]).roots[0].ref == login["auth_event_id"]
        assert shape(lineage(each["request_id"])) == shape(found)


def test_refused_passwords_that_no_login_followed_stand_together(app, person, lineage):
    person.gives_password(WRONG)
    person.gives_password(WRONG)

    found = lineage(refused(app)[0]["event_id"])

    assert shape(found) == [
        (0, "tries"), (1, "login.password.failed"), (1, "login.password.failed"),
    ]  # fmt: skip
    assert found.roots[0].ref == person.ref()


@pytest.mark.parametrize(("late", "steps"), [(0, 1), (1, 0)])
def test_a_password_refused_more_than_an_hour_before_is_of_no_later_login(
    app, person, lineage, clock, late, steps
):
    person.gives_password(WRONG)
    clock.advance(seconds=GAP.total_seconds() + late)
    person.logs_in()
    (login,) = events(app, "session.created")

    found = shape(lineage(login["auth_event_id"]))

    assert found.count((1, "login.password.failed")) == steps


def test_what_another_browser_tried_is_not_of_the_login(app, person, lineage):
    LoginPage(app.test_client(), app).gives_password(WRONG)
    person.logs_in()
    (login,) = events(app, "session.created")

    assert (1, "login.password.failed") not in shape(lineage(login["auth_event_id"]))


def test_a_second_login_of_the_browser_keeps_its_own_tries(app, person, lineage, clock):
    for _ in range(2):
        person.gives_password(WRONG)
        clock.advance(minutes=2)
        person.logs_in()
        clock.advance(minutes=2)
    first, second = events(app, "session.created")
    of_first, of_second = refused(app)

    assert first["auth_event_id"] != second["auth_event_id"]
    for login, own in ((first, of_first), (second, of_second)):
        found = lineage(login["auth_event_id"])
        shown = [node.ref for _, node in found.roots[0].lines() if "failed" in node.kind]
        assert shown == [own["event_id"]]
        assert len(found.roots) == 1
