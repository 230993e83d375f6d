"""Each rule, by the attack that it is for, through the application; and one step short of it."""

import pytest

from broker.accounts.events import EmailChanged
from broker.accounts.password_change import PasswordChange
from broker.base.crypto import Secret
from broker.console.model import Role
from broker.sessions.events import SessionCreated
from broker.sessions.sessions import Sessions
from tests.support.partner import (
    PUBLIC,
    REFRESHING,
    Holder,
    Partner,
    events,
    register,
    sample_account,
)
from tests.unit.accounts.builders import NIR as CLAIRE
from tests.unit.console.asked import code
from tests.unit.console.conftest import analysts, enrolled, invite
from tests.unit.sessions.conftest import PASSWORD, LoginPage
from tests.unit.signup.visitor import Visitor
from tests.unit.ties.conftest import TieBrowser, account, another_browser, bench, browser

__all__ = ["account", "analysts", "another_browser", "bench", "browser", "enrolled", "invite"]
ATTACKER = "203.0.113.66"


def numbers(count):
    """People whom nobody knows."""
    return [f"2640531555{rank:03d}" for rank in range(count)]


@pytest.fixture
def attacker(app):
    return LoginPage(app.test_client(), app, ATTACKER)


@pytest.fixture
def partner(app):
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    return Partner(app, holder, register(app, **REFRESHING))


def test_passwords_sprayed_from_one_source(attacker, watch):
    for nir in numbers(14):
        attacker.gives_password("Soleil&Pluie2026", nir)
    assert watch.looks() == []

    for nir in numbers(25)[14:]:
        attacker.gives_password("Soleil&Pluie2026", nir)

    (alert,) = watch.looks()
    assert (alert.rule, alert.group_value, alert.counted) == ("password-spray", ATTACKER, 15)


def test_a_slow_spray_is_found_over_the_hour(attacker, watch, clock):
    for nir in numbers(39):
        attacker.gives_password("Soleil&Pluie2026", nir)
        clock.advance(seconds=85)
    assert watch.looks() == []

    attacker.gives_password("Soleil&Pluie2026", numbers(40)[-1])

    assert watch.rules() == ["slow-password-spray"]


@pytest.mark.usefixtures("account")
def test_codes_guessed_of_one_person(browser, watch):
    step = browser.gives_password(nir=CLAIRE.value)
    for _ in range(4):
        browser.gives_code(step, "000000")
    step = browser.gives_password(nir=CLAIRE.value)
    for _ in range(2):
        browser.gives_code(step, "000000")
    assert watch.looks() == []

    browser.gives_code(step, "000000")

    (alert,) = watch.looks()
    (tried, *_) = events(watch.app, "otp.failed")
    assert (alert.rule, alert.group_value) == ("codes-of-one-person", tried["subject_ref"])


def test_a_refresh_token_that_comes_back(app, partner, watch, clock):
    partner = Partner(app, partner.holder, register(app, **{**PUBLIC, "client_id": "appli"}))
    first = partner.tokens(scope="openid offline_access")["refresh_token"]
    partner.refreshes(first)
    clock.advance(seconds=9)
    partner.refreshes(first)
    assert watch.looks() == []

    clock.advance(seconds=30)
    partner.refreshes(first)
    partner.refreshes(first)

    assert watch.rules() == ["refresh-reuse"]


def test_a_code_that_comes_back(partner, watch):
    code = partner.code()
    partner.redeems(code)
    assert watch.looks() == []

    partner.redeems(code)
    partner.redeems(code)

    assert watch.rules() == ["code-replay"]


def test_tokens_that_are_used_after_their_end(partner, watch):
    tokens = partner.tokens(scope="openid offline_access")
    partner.revokes(tokens["refresh_token"])
    for _ in range(9):
        partner.userinfo(tokens["access_token"])
    assert watch.looks() == []

    partner.userinfo(tokens["access_token"])

    assert watch.rules() == ["use-after-end"]


def test_a_copied_cookie_of_a_session_that_ended(partner, watch):
    person, thief = partner.holder.client, watch.app.test_client()
    cookie = person.get_cookie("ameli_session").value
    thief.set_cookie("ameli_session", cookie)
    sessions = watch.app.extensions["broker"][Sessions]
    sessions.end_all(partner.holder.account_id, "cut")
    person.get("/mon-compte/connexions")
    assert watch.looks() == []

    for _ in range(3):
        thief.get("/mon-compte/connexions")

    assert watch.rules() == ["session-copied"]


def test_creations_that_are_refused_in_a_burst(watch):
    visitor = Visitor(watch.app, ATTACKER)
    for nir in numbers(19):
        visitor.identifies(nir=nir)
    assert watch.looks() == []

    visitor.identifies(nir=numbers(20)[-1])

    assert watch.rules() == ["creations-refused"]


def test_an_analyst_who_looks_up_many_people(enrolled, watch):
    analyst = enrolled("bea", Role.INVESTIGATOR)
    for nir in numbers(29):
        looks_up(analyst, nir)
    looks_up(analyst, numbers(1)[0])
    assert watch.looks() == []

    looks_up(analyst, numbers(30)[-1])

    (alert,) = watch.looks()
    assert (alert.rule, alert.group_value, alert.counted) == ("analyst-mass-lookups", "bea", 30)


def test_an_analyst_whose_password_somebody_else_knows(enrolled, watch):
    analyst = enrolled("bea")
    for number in range(3):
        analyst.elsewhere(f"192.0.{number}.1").logs_in(code="000000")
    for number in range(4):
        analyst.elsewhere(f"198.51.{number}.1").logs_in(password="Soleil&Pluie2026")
    assert watch.looks() == []

    analyst.elsewhere("192.0.3.1").logs_in(code="000000")

    (alert,) = watch.looks()
    assert (alert.rule, alert.group_value) == ("analyst-password-known", "bea")


def test_passwords_tried_at_the_door_of_the_console(enrolled, watch):
    stranger = enrolled("bea").elsewhere(ATTACKER)
    for number in range(11):
        stranger.logs_in(identifiant=f"analyste{number}", code="000000")
    assert watch.looks() == []

    stranger.logs_in(identifiant="bea", password="Soleil&Pluie2026", code="000000")

    (alert,) = watch.looks()
    assert (alert.rule, alert.group_value) == ("console-passwords-tried", ATTACKER)


def looks_up(analyst, nir):
    analyst.posts("/audit/personne", numero=nir, motif="report", dossier="SOC-2026-118")


class Account:
    """An account, in whoever's hands: what is done with it in one browser or another."""

    def __init__(self, app, account, clock):
        self.app, self.account, self.clock = app, account, clock
        self.passwords = ["Nuages&Violon3", "Cerises&Piano9", PASSWORD]
        self.services = {
            name: register(app, client_id=name)
            for name in ("mutuelle", "retraite", "impots", "emploi")
        }

    def enters(self, browser, **fields):
        """Log in, with a code where one is asked."""
        self.clock.advance(seconds=1)  # so that the newest mail is known
        step = browser.gives_password(self.passwords[-1], CLAIRE.value)
        if "tentative" in step.location:
            browser.gives_code(step, **fields)

    def changes_password(self, browser):
        self.passwords.pop()
        session, new = browser.session(), Secret(self.passwords[-1])
        change = self.app.extensions["broker"][PasswordChange].change
        change(self.account.id, new, but=session.sid, auth_event_id=session.auth_event_id)
        self.clock.advance(minutes=10)

    def goes_to(self, browser, service):
        holder = Holder(self.app, self.account.id)
        holder.client = browser.client
        Partner(self.app, holder, self.services[service]).code()

    def at(self, address):
        return TieBrowser(self.app.test_client(), self.app, address)


@pytest.fixture
def held(app, account, browser, clock):
    """Its holder has been in it two days ago, and at one service, from a remembered browser."""
    held = Account(app, account, clock)
    held.enters(browser, se_souvenir="oui")
    held.goes_to(browser, "mutuelle")
    clock.advance(days=2)
    return held


def test_a_taken_account_that_goes_to_a_new_service(held, watch):
    intruder = held.at(ATTACKER)
    held.enters(intruder)
    held.changes_password(intruder)
    assert watch.looks() == []

    held.goes_to(intruder, "retraite")

    (alert,) = watch.looks()
    assert (alert.rule, alert.severity) == ("contact-changed-then-new-partner", "critical")


def test_its_holder_changes_the_password_in_a_remembered_browser(held, browser, watch):
    browser.address = "203.0.113.20"
    held.enters(browser)
    held.changes_password(browser)
    held.goes_to(browser, "retraite")

    assert watch.looks() == []


@pytest.mark.parametrize(
    ("home", "later", "found"),
    [
        ("203.0.113.20", "203.0.113.20", []),
        ("2001:db8:1:2::7", "2001:db8:1:2:a::9", []),  # one household's network
        ("2001:db8:1:2::7", "2001:db8:1:3::7", ["contact-changed-then-new-partner"]),
    ],
)
def test_a_change_in_an_unknown_browser_counts_at_an_unknown_address(
    held, watch, clock, home, later, found
):
    held.enters(held.at(home))
    clock.advance(days=2)
    private = held.at(later)
    held.enters(private)
    held.changes_password(private)
    held.goes_to(private, "retraite")

    assert watch.rules() == found


def test_a_change_far_from_home_then_a_service_that_is_known_or_new_a_day_later(
    held, watch, clock
):
    borrowed = held.at("203.0.113.20")
    held.enters(borrowed)
    held.changes_password(borrowed)
    held.goes_to(borrowed, "mutuelle")
    clock.advance(hours=24)
    held.enters(borrowed)
    held.goes_to(borrowed, "retraite")

    assert watch.looks() == []


def test_many_visits_of_a_known_service_do_not_hide_the_login_before_them(watch, clock):
    login = SessionCreated(
        subject="one", session_ref="s-1", acr="eidas1", amr=("pwd",), auth_time=1,
        reason_code="new_browser",
    )  # fmt: skip
    watch.sees(code("one", "mutuelle"))
    clock.advance(days=2)
    watch.sees(login, address=ATTACKER)
    clock.advance(seconds=1)
    watch.sees(*(code("one", "mutuelle") for _ in range(300)), address=ATTACKER)
    clock.advance(seconds=1)
    watch.sees(EmailChanged(subject="one"), address=ATTACKER)
    clock.advance(seconds=1)
    watch.sees(code("one", "impots"), address=ATTACKER)
    watch.sees(*(code("one", "mutuelle") for _ in range(300)), address=ATTACKER)

    assert "contact-changed-then-new-partner" in watch.rules()
