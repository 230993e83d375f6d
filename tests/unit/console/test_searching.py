"""One search box and a timeline: what is found, how far back, and what is never an address."""

import json
import re
from dataclasses import replace
from html import unescape
from itertools import chain

import pytest

from broker.audit.log import AuditLog
from broker.audit.model import TokenFacts
from broker.base.context import CURRENT, RequestContext
from broker.base.crypto import fingerprint, new_token
from broker.console.reading import Reading
from broker.keys.events import KeyRetired
from broker.oidc.grants.events import TokenRevoked
from broker.sessions.events import SessionCreated
from tests.support.page_rules import broken_rules
from tests.unit.console.timeline import REFERENCE, SESSION, shown, story, types
from tests.unit.sessions.conftest import NIR

__all__ = ["story", "types"]


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"terme": REFERENCE}, ["session.created", "login.password.ok"]),
        ({"terme": REFERENCE.lower()}, ["session.created", "login.password.ok"]),
        ({"terme": SESSION}, ["session.created"]),
        ({"terme": "impots"}, ["login.password.failed"]),
        ({"terme": f"impots {REFERENCE}", "issue": "failure"}, ["login.password.failed"]),
        ({"type": "session.created"}, ["session.created"]),
        ({"type": "login.", "client": "mutuelle"}, ["login.password.ok", "login.password.failed"]),
        ({"issue": "failure", "type": "login."}, ["login.password.failed"] * 2),
        ({"terme": "inconnu"}, []),
    ],
)
def test_events_are_found_by_what_names_them_the_newest_first(types, typed, found):
    assert types(**typed) == found


@pytest.mark.usefixtures("story")
def test_each_of_several_identifiers_is_sought_as_if_it_were_alone(alice, at, clock, types):
    at("198.51.100.77", KeyRetired(before="ES256 1"))

    assert types(terme="impots 198.51.100.77") == ["key.retired", "login.password.failed"]
    assert types(terme=f"{SESSION} 198.51.100.77") == ["key.retired", "session.created"]
    assert types(terme=f"{SESSION} impots inconnu") == ["login.password.failed", "session.created"]

    clock.advance(days=8)
    alice.logs_in()
    assert types(terme=f"{SESSION} 198.51.100.77") == ["session.created"]
    page = alice.opens(f"/audit/evenements?terme={SESSION}+198.51.100.77").text
    assert "Un au moins de ces identifiants n'est dans aucun index" in unescape(page)
    assert types(terme=f"{SESSION} 198.51.100.77", duree="tout") == [
        "key.retired", "session.created",
    ]  # fmt: skip


@pytest.mark.usefixtures("story")
def test_the_pseudonym_of_a_person_leads_to_all_of_theirs(app, types):
    one = app.extensions["broker"][AuditLog].subject_ref("one")

    assert types(terme=one) == ["session.created", "login.password.ok", "login.password.failed"]


def test_a_window_of_paris_time_includes_its_first_minute_and_not_its_last(record, clock, types):
    record(KeyRetired(before="ES256 1"))
    begin = clock.now  # 11:00:01 UTC, 12:00 in Paris
    assert (begin.hour, begin.minute) == (11, 0)

    def within(start: str, end: str) -> int:
        return len(types(type="key.retired", debut=start, fin=end))

    assert within("02/03/2026 12:00", "02/03/2026 12:01") == 1
    assert within("2/3/2026", "3/3/2026") == 1
    assert within("02/03/2026 12:01", "") == 0
    assert within("", "02/03/2026 12:00") == 0
    assert within("02/03/2026 11:00", "02/03/2026 12:00") == 0


@pytest.mark.parametrize("query", ["debut=01/01/0001", "fin=01/01/0001&terme=inconnu"])
def test_a_date_before_every_trail_is_refused(alice, query):
    answer = alice.opens(f"/audit/evenements?{query}")

    assert answer.status_code == 422
    assert "Écrivez la date et l'heure ainsi" in unescape(answer.text)


def test_an_identifier_of_no_index_is_sought_for_a_week_and_the_page_says_so(
    alice, record, clock, types
):
    record(SessionCreated(session_ref=SESSION, acr="eidas1", amr=("pwd",), auth_time=1))
    clock.advance(days=6, hours=23)
    alice.logs_in()
    assert types(terme=SESSION) == ["session.created"]
    clock.advance(hours=1)
    alice.logs_in()

    refused = alice.posts("/audit/recherche", terme=SESSION)
    page = alice.opens(f"/audit/evenements?terme={SESSION}")

    assert "seuls les sept derniers jours" in refused.text
    assert shown(page) == []
    assert "dans aucun index" in page.text
    assert types(terme=SESSION, debut="02/03/2026") == ["session.created"]


@pytest.mark.parametrize(
    "address", ["198.51.100.249", "2001:db8:1::9", "198.51.100.9 K7TP-4WQD-2M"]
)
def test_an_address_is_nobodys_number(alice, address):
    assert alice.posts("/audit/recherche", terme=address).status_code == 303


@pytest.mark.parametrize(
    ("days", "found"), [(6, ["", "mois", "tout"]), (29, ["mois", "tout"]), (31, ["tout"])]
)
def test_an_address_is_sought_as_far_back_as_was_chosen(alice, record, clock, types, days, found):
    away = CURRENT.set(RequestContext(address="198.51.100.9", user_agent="curl"))
    record(KeyRetired(before="ES256 1"))
    CURRENT.reset(away)
    clock.advance(days=days)
    alice.logs_in()

    seen = [each for each in ("", "mois", "tout") if types(terme="198.51.100.9", duree=each)]

    assert seen == found


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Tous les événements"),
        ("?type=login.", "Événements qui répondent aux filtres"),
        (f"?terme={REFERENCE}", "Événements qui portent"),
    ],
)
def test_the_answer_is_called_what_it_is(alice, query, title):
    page = alice.opens(f"/audit/evenements{query}").text

    assert title in page.partition('id="resultats-titre"')[2].partition("</h2>")[0]


def test_filters_stand_above_the_answer_and_the_box_stays_folded_unless_something_is_wrong(alice):
    query = "type=login.&client=mutuelle&issue=failure&debut=27/11/2026"
    answer = alice.opens(f"/audit/evenements?{query}").text
    odd = alice.opens("/audit/evenements?issue=autre")
    wrong = alice.opens("/audit/evenements?debut=hier").text

    told = answer.partition("Filtres\xa0:")[2].partition("</p>")[0]
    expected = ("type login.", "service mutuelle", "issue échec", "à partir du 27/11/2026")
    assert [each for each in expected if each not in told] == []
    assert odd.status_code == 200
    assert ["<details open>" in page for page in (answer, wrong)] == [False, True]


def test_the_page_offers_to_read_further_and_the_box_says_how_far_it_reads(alice):
    box = alice.opens().text
    usual = alice.opens("/audit/evenements?terme=198.51.100.9").text
    month = alice.opens("/audit/evenements?terme=198.51.100.9&duree=mois").text
    whole = alice.opens("/audit/evenements?terme=198.51.100.9&duree=tout").text

    assert "cherchées dans les 7\xa0derniers jours" in box
    offered = [
        re.findall(r'href="/audit/evenements\?terme=198.51.100.9&amp;duree=(\w+)"', page)
        for page in (usual, month, whole)
    ]
    assert offered == [["mois", "tout"], ["tout"], []]
    assert "dans aucun index" not in whole


def test_a_search_that_reads_too_much_is_stopped_and_says_so(app, alice):
    services = app.extensions["broker"]
    services[AuditLog].record(*(KeyRetired(before=f"ES256 {number}") for number in range(9_000)))
    reading = services[Reading]
    services[Reading] = replace(reading, timeline=replace(reading.timeline, patience=0.001))

    seen = alice.opens("/audit/evenements?terme=198.51.100.9&duree=tout")
    sent = alice.posts("/audit/recherche", terme="-Rk3" * 10 + "abc", duree="tout")

    assert {page.status_code for page in (seen, sent)} == {422}
    assert all("au bout de dix secondes" in page.text for page in (seen, sent))
    assert broken_rules(seen.text) == []


def test_pages_follow_one_another_without_gap_or_repetition(alice, record):
    record(*(KeyRetired(before=f"ES256 {number}") for number in range(120)))
    alice.logs_in()
    ids, address = [], "/audit/evenements?type=key.retired"

    while address:
        page = alice.opens(address).text
        ids.append([part[:36] for part in page.split("/audit/evenements/")[1:]])
        address = link(page, "plus anciens")

    assert [len(of_page) for of_page in ids] == [50, 50, 20]
    assert [i for of_page in ids for i in of_page] == sorted(chain(*ids), reverse=True)
    back = alice.opens(link(page, "plus récents")).text
    assert [part[:36] for part in back.split("/audit/evenements/")[1:]] == ids[1]


def link(page: str, words: str) -> str | None:
    before, found, _ = page.partition(f'">Événements {words}')
    return before.rpartition('href="')[2].replace("&amp;", "&") if found else None


@pytest.mark.usefixtures("story")
def test_a_session_is_found_however_long_ago_it_was(alice, clock):
    clock.advance(days=30)
    alice.logs_in()

    page = alice.opens(f"/audit/evenements?terme={SESSION}").text

    assert "session.created" in page
    assert "dans aucun index" not in page


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("terme", "2 64 05 31 555 982", "Ne saisissez ici"),
        ("terme", f"{NIR}12", "Ne saisissez ici"),
        ("terme", "1 84 05 2A 004 123", "Ne saisissez ici"),
        ("terme", "FR76 3000 6000 0112 3456 7890 189", "Ne saisissez ici"),
        ("terme", "personne@exemple.fr", "Ne saisissez ici"),
        ("terme", f"{REFERENCE} 123456789", "Ne saisissez ici"),
        ("terme", "198.51.100.9 123456789", "Ne saisissez ici"),
        ("terme", "06.12.34.56.78", "Ne saisissez ici"),
        ("terme", 'a"b', "lettres, des chiffres"),
        ("terme", "aa bb cc dd ee ff", "Cinq identifiants"),
        ("type", "Login", "en minuscules et points"),
        ("client", "mutuelle impots", "identifiant d'un service"),
        ("debut", "hier", "27/11/2026"),
        ("fin", "31/02/2026", "27/11/2026"),
        ("fin", "01/02/2026 25:00", "27/11/2026"),
    ],
)
def test_what_cannot_be_searched_is_told_and_never_an_address(alice, trail, field, typed, said):
    refused = alice.posts("/audit/recherche", **{field: typed})

    assert refused.status_code == 422
    assert said in refused.text.replace("&#39;", "'")
    assert broken_rules(refused.text) == []
    assert "Location" not in refused.headers
    assert alice.client.get("/audit/evenements", query_string={field: typed}).status_code == 422
    assert trail("console.viewed") == []


def test_a_token_that_is_pasted_becomes_what_the_trail_keeps_of_it(alice, record, trail):
    token = new_token().reveal()
    kept = TokenFacts(kind="access", hash_prefix=fingerprint(token)[:16].hex())
    record(TokenRevoked(client_id="mutuelle", scopes=(), code_ref="c" * 32, token=kept))

    sent = alice.posts("/audit/recherche", terme=token)
    page = alice.opens(sent.headers["Location"])
    alice.opens(f"/audit/evenements?terme={token}")

    assert token not in sent.headers["Location"]
    assert shown(page) == ["token.revoked"]
    assert token not in json.dumps(trail(""))
