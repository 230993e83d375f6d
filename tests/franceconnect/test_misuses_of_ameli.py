"""What FranceConnect, or somebody in its place, does wrong towards us: refused, and told why."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from broker.audit.store import AuditStore
from demo.franceconnect.misbehaviour.misuse import MISUSES
from tests.conftest import FrozenClock
from tests.franceconnect.behind import Journey, journey

Event = tuple[str, str | None]
HERE, BACK_AT_CHOICE = "a page of ours", "their choice of accounts"
LOGGED_IN = "they know the person"
BEFORE_LOGIN: dict[str, tuple[str, Event | None]] = {
    "client_unknown": (HERE, None),  # nobody's request
    "redirect_uri_other": (HERE, ("authz.requested", "oidc-redirect-uri")),
    "redirect_uri_missing": (HERE, ("authz.requested", "oidc-redirect-uri")),
    "response_type_token": (BACK_AT_CHOICE, ("authz.requested", "unsupported_response_type")),
    "response_mode_fragment": (BACK_AT_CHOICE, ("authz.requested", "invalid_request")),
    "scope_without_openid": (BACK_AT_CHOICE, ("authz.requested", "invalid_scope")),
    "scope_not_granted": (BACK_AT_CHOICE, ("authz.requested", "invalid_scope")),
    "state_missing": ("Y020021", ("authz.requested", "invalid_request")),
    "state_oversize": ("Y020022", ("authz.requested", "invalid_request")),
    "nonce_missing": (BACK_AT_CHOICE, ("authz.requested", "invalid_request")),
    "prompt_none": (BACK_AT_CHOICE, ("authz.requested", "login_required")),
    "acr_too_high": (BACK_AT_CHOICE, ("authz.requested", "unmet_authentication_requirements")),
    "pkce_plain": (BACK_AT_CHOICE, ("authz.requested", "invalid_request")),
    "request_object": (BACK_AT_CHOICE, ("authz.requested", "request_not_supported")),
    "parameter_twice": (BACK_AT_CHOICE, ("authz.requested", "invalid_request")),
}
AFTER_LOGIN: dict[str, tuple[str, Event | None]] = {
    "secret_wrong": ("Y020026", ("client.auth.failed", "client-secret-wrong")),
    "secret_missing": ("Y020026", ("client.auth.failed", "method")),
    "secret_in_header": ("Y020026", ("client.auth.failed", "method")),
    "client_other": ("Y020026", ("client.auth.failed", "oidc-unknown-client")),
    "code_other": ("Y020026", ("code.redeemed", "unknown")),
    "token_redirect_uri_other": ("Y020026", ("code.redeemed", "expired_or_unbound")),
    "token_redirect_uri_missing": ("Y020026", None),  # no request that RFC 6749 knows
    "grant_type_other": ("Y020026", None),
    "code_replayed": ("Y020027", ("code.replayed", None)),
    "bearer_other": ("Y020027", None),  # whoever sends it has proved nothing
    "bearer_missing": ("Y020027", None),
    "bearer_in_query": ("Y020027", None),
}
HARMLESS = ("acr_unknown",)
OTHER_WAY = ("prompt_unknown",)  # prompt=create leads to the creation of an account
LOGOUTS = {
    "logout_without_hint": (HERE, False),  # the person is asked
    "logout_hint_unsigned": (HERE, False),
    "logout_to_elsewhere": (HERE, False),
    "logout_without_state": ("Y030009", True),
}
"""Where the person stands afterwards, and whether they are logged out here."""


@dataclass
class Trial:
    """One broker, misused again and again, each time by another browser."""

    journey: Journey
    clock: FrozenClock

    def begins(self, misuse: str) -> Journey:
        self.clock.advance(minutes=1)
        one = self.journey.another()
        one.orders(f"idp.{misuse}")
        self._seen = len(self._trail())
        return one

    def recorded(self) -> list[Event]:
        """Return the events since the trial began."""
        new = map(json.loads, self._trail()[self._seen :])
        return [(event["type"], event.get("reason_code")) for event in new]

    def _trail(self) -> list[str]:
        return list(self.journey.app.extensions["broker"][AuditStore].search())


@pytest.fixture(scope="module")
def trial(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    database = tmp_path_factory.mktemp("misused") / "broker.db"
    database.write_bytes(sqlite_template.read_bytes())
    clock = FrozenClock()
    with journey(f"sqlite:///{database}", clock) as trip:
        yield Trial(trip, clock)


def place(one: Journey) -> str:
    """Tell where the person stands."""
    page = one.person
    if not page.url.startswith(one.franceconnect):
        return HERE
    if page.url.endswith("/information"):
        return LOGGED_IN
    told = page.text
    return BACK_AT_CHOICE if "n'a pas été possible" in told else told.split(":")[1].split("-")[0]


def test_every_misuse_of_the_simulator_is_tried() -> None:
    tried = {*BEFORE_LOGIN, *AFTER_LOGIN, *HARMLESS, *OTHER_WAY, *LOGOUTS}

    assert tried == set(MISUSES)


@pytest.mark.parametrize("misuse", BEFORE_LOGIN)
def test_a_wrong_request_is_refused_before_anybody_logs_in(trial: Trial, misuse: str) -> None:
    expected, event = BEFORE_LOGIN[misuse]
    one = trial.begins(misuse)

    one.reaches_ameli()

    assert place(one).strip() == expected
    assert trial.recorded() == ([event] if event else [])
    assert not any(name.endswith("session") for name in one.person.http.cookies.get_dict())


@pytest.mark.parametrize("misuse", AFTER_LOGIN)
def test_a_wrong_call_gets_no_identity(trial: Trial, misuse: str) -> None:
    expected, event = AFTER_LOGIN[misuse]
    one = trial.begins(misuse)

    one.reaches_ameli()
    one.logs_in()

    events = trial.recorded()
    assert place(one).strip() == expected
    assert ("userinfo.read", None) not in events
    assert event is None or event in events
    tokens = misuse.startswith("bearer") or misuse == "code_replayed"
    assert [kind for kind, _ in events].count("token.issued") == (2 if tokens else 0)


def test_a_replayed_code_ends_the_tokens_it_gave(trial: Trial) -> None:
    one = trial.begins("code_replayed")

    one.reaches_ameli()
    one.logs_in()

    assert ("token.revoked", "code_replayed") in trial.recorded()
    assert ("userinfo.read", "revoked") in trial.recorded()


def test_a_level_that_nobody_knows_raises_none(trial: Trial) -> None:
    one = trial.begins("acr_unknown")

    one.reaches_ameli()
    one.logs_in()

    assert place(one) == LOGGED_IN
    issued = [json.loads(body) for body in trial._trail()]
    assert {event["acr"] for event in issued if event["type"] == "code.issued"} == {"eidas1"}


def test_a_request_to_create_an_account_leads_there_and_to_no_code(trial: Trial) -> None:
    one = trial.begins("prompt_unknown")

    page = one.reaches_ameli()

    assert urlsplit(page.url).path == "/creation-compte"
    assert ("code.issued", None) not in trial.recorded()


@pytest.mark.parametrize("misuse", LOGOUTS)
def test_a_wrong_logout_leads_nowhere_else(trial: Trial, misuse: str) -> None:
    expected, ended = LOGOUTS[misuse]
    one = trial.begins(misuse)
    one.reaches_ameli()
    one.logs_in()

    one.logs_out()

    assert place(one).strip() == expected
    assert (("session.ended", "logout") in trial.recorded()) is ended
