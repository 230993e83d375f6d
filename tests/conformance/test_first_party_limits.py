"""The limits of a login hold over all threads of an app: a new auth_session resets none."""

import pytest

from tests.conftest import test_settings
from tests.support.insured_account import NIR
from tests.support.own_app import observed

WRONG = "Tulipes&Violon8"
UNKNOWN = "1650359426225"
LIMITS = [
    {"LOGIN_PAIR_COUNT": "3", "LOGIN_PAIR_WAIT": "900"},
    {"LOGIN_NIR_COUNT": "3", "LOGIN_NIR_WAIT": "30"},
]


@pytest.fixture
def settings(database_url, request):
    """Return the settings of the tests, with the limits that a test is about."""
    chosen = getattr(request, "param", {})
    return test_settings(database_url, **{f"BROKER_LIMIT_{n}": v for n, v in chosen.items()})


def wrong_code(own_app) -> str:
    return "000000" if own_app.mailed_code() != "000000" else "111111"


@pytest.mark.parametrize("settings", LIMITS, indirect=True, ids=str)
def test_a_new_thread_resets_no_limit_and_the_wait_tells_no_account(own_app):
    answers = {
        nir: [observed(own_app.gives_password(own_app.thread(), WRONG, nir=nir)) for _ in range(5)]
        for nir in (NIR, UNKNOWN)
    }

    assert answers[NIR] == answers[UNKNOWN]
    assert [status for status, _, _ in answers[NIR]] == [403, 403, 403, 429, 429]


@pytest.mark.parametrize("settings", [LIMITS[1]], indirect=True, ids=str)
def test_who_was_asked_to_wait_goes_on_in_the_same_thread(own_app, clock):
    for _ in range(3):
        own_app.gives_password(own_app.thread(), WRONG)
    first = own_app.gives_password(own_app.thread())
    clock.advance(seconds=29)
    early = own_app.gives_password(first.get_json()["auth_session"])
    clock.advance(seconds=2)

    late = own_app.gives_password(early.get_json()["auth_session"])

    assert (first.status_code, early.status_code) == (429, 429)
    assert late.get_json()["next"] == "code"


@pytest.mark.parametrize("settings", [{"CODE_ACCOUNT_COUNT": "6"}], indirect=True, ids=str)
def test_new_threads_give_no_more_tries_of_codes(own_app):
    statuses = []
    for _ in range(3):
        thread = own_app.awaits_code()
        for _ in range(3):
            answer = own_app.gives_code(thread, wrong_code(own_app))
            statuses.append(answer.status_code)
            thread = answer.get_json()["auth_session"]

    assert statuses == [403] * 6 + [429] * 3
    assert own_app.gives_code(own_app.awaits_code()).status_code == 429


@pytest.mark.parametrize("settings", [{"CODE_SENT_COUNT": "3"}], indirect=True, ids=str)
def test_new_threads_send_no_more_codes(own_app):
    statuses = [own_app.gives_password(own_app.thread()).status_code for _ in range(5)]

    assert statuses == [403, 403, 403, 429, 429]
    assert len(own_app.mailed_codes()) == 3
