"""Saved questions: a table within a window, and logins drawn over time with their numbers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from broker.accounts.events import EmailChanged
from broker.audit.questions.every import SAVED, THEMES
from broker.audit.questions.places import Places
from broker.console.questions import Questions
from broker.oidc.exchange.events import CodeReplayed
from broker.sessions.events import LoginThrottled, PasswordAccepted, PasswordRefused
from tests.support.page_rules import broken_rules
from tests.support.places import ROOT
from tests.unit.console.asked import code, opened


def refused(subject: str) -> PasswordRefused:
    return PasswordRefused(subject=subject, reason_code="password")


def test_each_saved_question_has_its_words_and_its_page(alice):
    listed = alice.opens("/audit/questions").text

    pages = {name: alice.opens(f"/audit/questions/{name}") for name in SAVED}

    assert [name for name in SAVED if f"/audit/questions/{name}" not in listed] == []
    assert {page.status_code for page in pages.values()} == {200}
    assert len({page.text.partition("</title>")[0] for page in pages.values()}) == len(SAVED)
    assert [rule for page in pages.values() for rule in broken_rules(page.text)] == []


def test_each_saved_question_stands_in_one_theme():
    assert sorted(name for names in THEMES.values() for name in names) == sorted(SAVED)


def test_persons_below_the_threshold_are_left_out(alice, record):
    record(*[refused("often")] * 3, *[refused("seldom")] * 2)

    page = alice.opens("/audit/questions/passwords_tried").text

    assert page.count("/audit/evenements?terme=") == 1
    assert "<dt>Événements</dt><dd>3</dd>" in page


def test_services_are_counted_with_their_people(alice, record, clock):
    record(
        *(
            CodeReplayed(client_id=client, subject=subject, scopes=(), code_ref="c" * 32)
            for client, subject in (("mutuelle", "one"), ("mutuelle", "two"), ("impots", "one"))
        )
    )
    clock.advance(seconds=1)

    page = alice.opens("/audit/questions/replays").text

    first, second = page.split('href="/audit/evenements?client=')[1:]
    assert first.startswith("mutuelle")
    assert "<dd>2</dd>" in first
    assert second.startswith("impots")


def test_a_window_holds_what_is_in_it_and_no_more(alice, record, clock):
    record(*[refused("often")] * 3)  # 12:00:01 to 12:00:03 in Paris
    clock.advance(minutes=2)

    def found(since: str, until: str) -> int:
        query = {"debut": since, "fin": until}
        page = alice.client.get("/audit/questions/passwords_tried", query_string=query)
        return page.text.count("/audit/evenements?terme=")

    assert found("02/03/2026 12:00", "02/03/2026 12:01") == 1
    assert found("02/03/2026 12:01", "02/03/2026 12:02") == 0
    assert found("02/03/2026 11:00", "02/03/2026 12:00") == 0


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("25/10/2026 02:50", "25/10/2026 02:11", 2),
        ("25/10/2026 02:10", "25/10/2026 02:11", 2),
        ("25/10/2026 02:51", "25/10/2026 03:00", 1),
        ("25/10/2026 01:00", "25/10/2026 02:10", 1),
        ("25/10/2026 03:00", "25/10/2026 04:00", 0),
    ],
)
def test_the_hour_that_comes_twice_is_in_a_window_both_times(
    alice, record, clock, since, until, found
):
    clock.now = datetime(2026, 10, 25, 0, 49, 59, tzinfo=UTC)
    record(refused("first"))  # 02:50, summer time
    clock.now = datetime(2026, 10, 25, 1, 9, 59, tzinfo=UTC)
    record(refused("second"))  # 02:10, winter time
    clock.advance(hours=1)
    alice.logs_in()

    page = alice.client.get(
        "/audit/questions/passwords_tried",
        query_string={"seuil": "1", "debut": since, "fin": until},
    )

    assert page.status_code == 200
    assert page.text.count("/audit/evenements?terme=") == found


def test_an_end_in_the_hour_that_never_comes_is_the_later_one(alice, record, clock):
    clock.now = datetime(2026, 3, 29, 1, 14, 59, tzinfo=UTC)
    record(refused("one"))  # 03:15: 02:00 to 03:00 are left out
    clock.advance(hours=1)
    alice.logs_in()

    def found(since: str, until: str) -> int:
        query = {"seuil": "1", "debut": since, "fin": until}
        page = alice.client.get("/audit/questions/passwords_tried", query_string=query)
        return page.text.count("/audit/evenements?terme=")

    assert found("29/03/2026 01:00", "29/03/2026 02:30") == 1
    assert found("29/03/2026 02:16", "29/03/2026 04:00") == 1
    assert found("29/03/2026 03:16", "29/03/2026 04:00") == 0


@pytest.mark.parametrize(
    "query",
    ["debut=hier", "fin=32/01/2026", "debut=03/03/2026&fin=02/03/2026", "debut=01/01/0001",
     "fin=01/01/0001", "debut=31/12/1969"],
)  # fmt: skip
@pytest.mark.parametrize("page", ["connexions", "replays"])
def test_a_window_that_cannot_be_is_told(alice, trail, page, query):
    answer = alice.opens(f"/audit/questions/{page}?{query}")

    assert answer.status_code == 422
    assert 'id="erreurs"' in answer.text
    assert broken_rules(answer.text) == []
    assert trail("console.viewed") == []


def test_logins_are_drawn_with_their_numbers(alice, record, clock):
    record(PasswordAccepted(subject="one"), refused("one"), refused("two"))
    clock.advance(seconds=1)

    page = alice.opens("/audit/questions/connexions").text

    assert page.count('class="plot-ok"') == page.count('class="plot-failed"') == 24
    last_row = page.split("<tr>")[-1]
    assert "<td>1</td><td>2</td>" in last_row
    assert 'height="60"' in page.rpartition('class="plot-ok"')[2].partition("/>")[0]
    assert 'height="120"' in page.rpartition('class="plot-failed"')[2].partition("/>")[0]
    assert broken_rules(page) == []


def test_a_trail_without_logins_is_drawn_flat(alice, clock):
    clock.advance(days=2)
    alice.logs_in()

    page = alice.opens("/audit/questions/connexions")

    assert page.status_code == 200
    assert 'height="120"' not in page.text


def test_an_unknown_question_is_no_page(alice):
    assert alice.opens("/audit/questions/inconnue").status_code == 404


def test_each_question_is_on_record(alice, trail):
    alice.opens("/audit/questions/replays")

    (event,) = trail("console.viewed")
    assert event["page"] == "question"
    assert event["query"]["question"] == "replays"
    assert event["actor"]["ref"] == "alice"


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("network", "reseau=partout"),
        ("network", "reseau="),
        ("of_login", "indice="),
        ("codes_guessed", "seuil=0"),
        ("codes_guessed", "seuil=beaucoup"),
    ],
)
def test_what_cannot_be_asked_is_told(alice, trail, name, query):
    answer = alice.opens(f"/audit/questions/{name}?{query}")

    assert answer.status_code == 422
    assert broken_rules(answer.text) == []
    assert trail("console.viewed") == []


def test_a_window_without_a_login_says_so_and_draws_nothing(alice):
    page = alice.opens("/audit/questions/connexions").text

    assert "Aucune connexion, ni réussie ni échouée" in page
    assert '<svg class="plot"' not in page
    assert broken_rules(page) == []


def test_a_drawing_says_its_highest_and_a_question_without_an_answer_draws_nothing(
    alice, record, clock
):
    empty = alice.opens("/audit/questions/limits_hit").text
    record(*[LoginThrottled(subject="one")] * 3)
    clock.advance(seconds=1)
    drawn = alice.opens("/audit/questions/limits_hit").text

    assert ['<svg class="plot"' in page for page in (empty, drawn)] == [False, True]
    assert "La plus haute\xa0: 3." in drawn
    assert ", heure de Paris</h2>" in drawn
    assert broken_rules(drawn) == []


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("network?reseau=0.0.0.0/0", 4),
        ("browser?indice=00000000000000000000000000000000", 4),
        ("changes_then_services", 3),
        ("analysts", 3),
        ("impossible_travel", 2),
    ],
)
def test_a_question_that_brings_too_much_into_memory_is_stopped(app, alice, at, clock, path, read):
    at("203.0.113.9", EmailChanged(subject="one"), *(code("one", f"c{n}") for n in range(3)))
    at("203.0.113.9", refused("one"), refused("one"), refused("one"), opened("one"))
    at("198.51.100.9", opened("one"))
    for _ in range(3):
        alice.opens("/audit/evenements")
    clock.advance(seconds=1)
    services, places = app.extensions["broker"], Places(ROOT / "tests/unit/audit/places.csv")
    questions = services[Questions]

    def asked(most: int):
        sources = replace(questions.sources, most_read=most, places=places)
        services[Questions] = replace(questions, sources=sources)
        return alice.opens(f"/audit/questions/{path}")

    page = asked(read - 1)
    assert page.status_code == 422
    assert "Rapprochez son début de sa fin" in page.text
    assert asked(1_000).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["passwords_sprayed", "limits_hit", "changes_then_services", "gaps", "connexions",
     "of_login?indice=K7TP-4WQD-2M", "tokens_alive?indice=mutuelle"],
)  # fmt: skip
def test_a_question_that_reads_for_too_long_is_stopped_and_says_what_to_do(app, alice, path):
    services = app.extensions["broker"]
    services[Questions] = replace(services[Questions], patience=0.0)

    page = alice.opens(f"/audit/questions/{path}")

    assert page.status_code == 422
    assert "arrêtée au bout de dix secondes" in page.text
    assert broken_rules(page.text) == []
