"""Security codes: limits to the unit, and one effect whatever happens at once."""

import re
import threading

import pytest
from flask import Flask
from sqlalchemy import select, text

from broker.base.crypto import Secret
from broker.base.errors import InvalidField, Throttled
from broker.foundation import Foundation
from broker.mail.store import MAIL
from broker.otp.challenge import Codes
from broker.otp.model import (
    Challenge,
    ChallengeUnknown,
    Circumstances,
    CodeExhausted,
    CodeExpired,
    CodeRefused,
    CodeWrong,
    typed_code,
)
from tests.conftest import test_settings
from tests.support.partner import events

EMAIL = Secret("personne@exemple.fr")


@pytest.fixture
def settings(database_url: str):
    return test_settings(
        database_url,
        BROKER_LIMIT_CODE_ACCOUNT_COUNT="10",
        BROKER_LIMIT_CODE_RESEND_WAIT="60",
        BROKER_LIMIT_CODE_SENT_COUNT="5",
    )


@pytest.fixture
def codes(app: Flask) -> Codes:
    return app.extensions["broker"][Codes]


def started(
    codes: Codes,
    account_id: str = "account",
    browser: str = "browser",
    reference: str = "ABCD-EFGH-JK",
) -> Challenge:
    return codes.start(
        account_id=account_id,
        email=EMAIL,
        purpose="login",
        browser=browser,
        requester=None,
        auth_event_id=reference,
        asked=Circumstances(),
    )


def mailed(app: Flask) -> str:
    """The code of the newest mail that waits."""
    f = app.extensions["broker"][Foundation]
    row = f.db.all(
        select(MAIL).where(MAIL.c.content.is_not(None)).order_by(MAIL.c.created_at.desc())
    )[0]
    text = f.vault.open(MAIL.c.content, row.content)
    return re.findall(r"^(\d{6})\r?$", text, re.MULTILINE)[0]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_right_code_is_accepted_once(app, codes):
    challenge = started(codes)
    code = mailed(app)

    found = codes.verify(challenge.id, "browser", code)
    with codes.db.transaction():
        codes.accept(found)

    with pytest.raises(CodeWrong):
        codes.verify(challenge.id, "browser", code)
    assert codes.was_right(challenge.id, "browser", code)
    assert not codes.was_right(challenge.id, "browser", other_than(code))


@pytest.mark.parametrize(("wrong", "answers"), [(4, True), (5, False)])
def test_a_code_that_was_used_bears_no_more_guesses_than_before(app, codes, wrong, answers):
    challenge = started(codes)
    code = mailed(app)
    with codes.db.transaction():
        codes.accept(codes.verify(challenge.id, "browser", code))

    guesses = [codes.was_right(challenge.id, "browser", other_than(code)) for _ in range(wrong)]

    assert not any(guesses)
    assert [codes.was_right(challenge.id, "browser", code) for _ in range(3)] == [answers] * 3


def test_the_code_is_useless_in_another_browser(app, codes):
    challenge = started(codes)

    with pytest.raises(CodeWrong):
        codes.verify(challenge.id, "another", mailed(app))


@pytest.mark.parametrize(("seconds", "alive"), [(599, True), (600, False)])
def test_the_code_lives_ten_minutes(app, codes, clock, seconds, alive):
    challenge = started(codes)
    code = mailed(app)
    clock.advance(seconds=seconds)

    if alive:
        assert codes.verify(challenge.id, "browser", code)
    else:
        with pytest.raises(CodeExpired):
            codes.verify(challenge.id, "browser", code)


def test_the_fifth_wrong_try_is_the_last_and_the_sixth_is_not_compared(app, codes):
    challenge = started(codes)
    code = mailed(app)
    for _ in range(4):
        with pytest.raises(CodeWrong):
            codes.verify(challenge.id, "browser", other_than(code))
    with pytest.raises(CodeExhausted):
        codes.verify(challenge.id, "browser", other_than(code))

    with pytest.raises(CodeExhausted):
        codes.verify(challenge.id, "browser", code)


def test_ten_wrong_codes_of_an_account_close_the_day_over_all_codes(app, codes, clock):
    for browser in ("one", "two"):
        challenge = started(codes, browser=browser)
        code = mailed(app)
        for _ in range(5):
            with pytest.raises(CodeRefused):
                codes.verify(challenge.id, browser, other_than(code))
        clock.advance(seconds=1)

    challenge = started(codes, browser="three")
    with pytest.raises(Throttled):
        codes.verify(challenge.id, "three", mailed(app))


def test_another_code_may_be_asked_after_a_minute_and_kills_the_first(app, codes, clock):
    challenge = started(codes)
    first = mailed(app)
    clock.advance(seconds=59)
    with pytest.raises(Throttled):
        codes.resend(challenge.id, "browser", EMAIL, Circumstances())

    clock.advance(seconds=1)
    codes.resend(challenge.id, "browser", EMAIL, Circumstances())

    second = mailed(app)
    if first != second:
        with pytest.raises(CodeWrong):
            codes.verify(challenge.id, "browser", first)
    assert codes.verify(challenge.id, "browser", second)


def test_the_sixth_code_within_an_hour_is_not_sent(codes):
    for number in range(5):
        started(codes, browser=f"browser {number}")

    with pytest.raises(Throttled):
        started(codes)


def test_a_code_that_is_not_sent_for_want_of_more_is_in_the_trail(app, codes, clock):
    for number in range(4):
        started(codes, browser=f"browser {number}")
    clock.advance(seconds=1)
    challenge = started(codes)
    clock.advance(seconds=60)

    for _ in range(2):
        with pytest.raises(Throttled):
            codes.resend(challenge.id, "browser", EMAIL, Circumstances())

    limited = events(app, "otp.limited")
    assert [event["auth_event_id"] for event in limited] == ["ABCD-EFGH-JK"] * 2
    assert codes.verify(challenge.id, "browser", mailed(app))  # the one before lives on


def test_codes_that_were_used_do_not_count_among_those_sent(app, codes, clock):
    for _ in range(6):
        challenge = started(codes)
        found = codes.verify(challenge.id, "browser", mailed(app))
        with codes.db.transaction():
            codes.accept(found)
        clock.advance(seconds=1)

    assert started(codes)


def test_a_code_killed_by_a_newer_one_is_not_sent_any_more(app, codes):
    started(codes, reference="AAAA-AAAA-AA")
    started(codes, reference="BBBB-BBBB-BB")

    rows = app.extensions["broker"][Foundation].db.all(select(MAIL.c.reference, MAIL.c.state))

    assert {row.reference: row.state for row in rows} == {
        "AAAA-AAAA-AA": "cancelled",
        "BBBB-BBBB-BB": "due",
    }


def test_a_code_asked_in_another_browser_kills_none(app, codes):
    challenge = started(codes, browser="one")
    code = mailed(app)

    started(codes, browser="two", reference="BBBB-BBBB-BB")

    assert codes.verify(challenge.id, "one", code)


def test_a_challenge_is_known_to_its_browser_alone(codes):
    challenge = started(codes)

    with pytest.raises(ChallengeUnknown):
        codes.resend(challenge.id, "another", EMAIL, Circumstances())


def test_twenty_parallel_wrong_codes_are_compared_five_times(app, codes):
    challenge = started(codes)
    wrong = other_than(mailed(app))
    refusals: list[type] = []

    def attempt() -> None:
        try:
            codes.verify(challenge.id, "browser", wrong)
        except (CodeWrong, CodeExhausted) as refusal:
            refusals.append(type(refusal))

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Five were compared; the last of them told that no other will be.
    assert refusals.count(CodeWrong) == 4
    assert refusals.count(CodeExhausted) == 16


def test_twenty_parallel_right_codes_have_one_effect(app, codes):
    challenge = started(codes)
    code = mailed(app)
    effects: list[bool] = []

    def attempt() -> None:
        try:
            found = codes.verify(challenge.id, "browser", code)
            with codes.db.transaction():
                codes.accept(found)
            effects.append(True)
        except (CodeWrong, CodeExhausted):
            effects.append(False)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert effects.count(True) == 1


def test_nothing_at_rest_tells_the_code(app, codes):
    challenge = started(codes)
    code = mailed(app)
    found = codes.verify(challenge.id, "browser", code)
    with codes.db.transaction():
        codes.accept(found)
        secret = codes.store.take_try_of_used(challenge.id, "browser", most=5).reveal()

    kept = repr(codes.db.all(text("SELECT * FROM code_challenge")))
    queued = repr(codes.db.all(text("SELECT * FROM outgoing_mail")))

    assert challenge.auth_event_id in kept
    assert secret not in kept
    assert re.findall(rf"(?<!\d){code}(?!\d)", kept + queued) == []


def test_a_code_is_forgotten_a_day_after_its_end(codes, clock):
    started(codes)
    (task,) = codes.tasks()

    clock.advance(days=1, minutes=10)
    early = task.run()
    clock.advance(seconds=1)

    assert (early, task.run()) == (0, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        " 123 456 ",
        "123-456",
        "１２３４５６",
        "123\u200b456",
        "12\u00ad3456",
        "1\u00a023456",
        "123\u2011456",
        "123\u2013456",
    ],
)
def test_a_pasted_code_is_mended(typed):
    assert typed_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345"])
def test_what_is_not_six_digits_is_refused(typed):
    with pytest.raises(InvalidField):
        typed_code(typed)
