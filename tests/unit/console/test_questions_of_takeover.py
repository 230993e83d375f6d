"""Saved questions about accounts that somebody else took: what each finds and leaves out."""

from broker.accounts.events import AccountActivated, EmailChanged
from broker.sessions.events import SessionCopied, SessionUsedLate
from tests.unit.console.asked import AWAY, HOME, code, counted, opened


def test_a_browser_of_many_people_is_found(at, ask):
    at(HOME, *(opened(subject) for subject in ("one", "two", "three")), browser="a" * 32)
    at(HOME, opened("one"), opened("two"), browser="b" * 32)

    assert counted(ask("shared_browsers"), "Navigateur (pseudonyme)") == [("a" * 32,)]


def test_a_change_that_is_followed_by_a_new_service_is_found(alice, record, ask, clock):
    record(code("one", "mutuelle"), EmailChanged(subject="one"), EmailChanged(subject="two"))
    clock.advance(hours=23)
    record(code("one", "mutuelle"), code("one", "impots"))
    clock.advance(hours=2)
    record(code("two", "impots"))
    alice.logs_in()

    answer = ask("changes_then_services", debut="01/03/2026")

    assert counted(answer, "Service") == [("impots",)]


def test_an_account_that_reaches_a_service_on_its_first_day_is_found(record, ask):
    record(AccountActivated(subject="one"), code("one", "impots"), code("two", "impots"))

    assert counted(ask("new_accounts_at_services"), "Service") == [("impots",)]


def test_who_comes_back_after_half_a_year_is_found(record, ask, clock, alice):
    record(opened("one"), opened("two"))
    clock.advance(days=100)
    record(opened("two"))
    clock.advance(days=81)
    record(opened("one"), opened("two"), opened("three"))
    alice.logs_in()

    assert len(ask("dormant").rows) == 1


def test_without_a_file_of_places_the_page_says_that_nothing_was_compared(at, ask):
    at(HOME, opened("one"))
    at(AWAY, opened("one"), browser="b" * 32)

    answer = ask("impossible_travel")

    assert answer.rows == []
    assert "Aucun fichier de lieux" in answer.text


def test_a_session_that_was_used_after_its_end_is_told_with_the_reason(record, ask):
    record(
        SessionCopied(subject="one", reason_code="cut"),
        SessionUsedLate(subject="two", reason_code="expired"),
        opened("three"),
    )

    found = ask("sessions_after_end")

    assert sorted(counted(found, "Type d'événement", "Raison", "Événements")) == [
        ("session.copied", "cut", "1"), ("session.late", "expired", "1"),
    ]  # fmt: skip
