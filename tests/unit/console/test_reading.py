"""One search box, a timeline, a page for each event; each look is on record, without numbers."""

import json
import re
from dataclasses import replace
from itertools import chain

import pytest

from broker.accounts.accounts import Accounts
from broker.audit.log import AuditLog
from broker.audit.model import TokenFacts
from broker.audit.sealer import Sealer
from broker.audit.store import EVENT
from broker.base.context import CURRENT, RequestContext
from broker.base.crypto import fingerprint, new_token
from broker.base.db import Database
from broker.console.model import Role
from broker.console.reading import Reading
from broker.insured.nir import Nir
from broker.keys.events import KeyRetired
from broker.oidc.token_events import TokenRevoked
from broker.sessions.events import PasswordAccepted, PasswordRefused, SessionCreated
from tests.support.page_rules import broken_rules
from tests.unit.sessions.conftest import NIR, account

__all__ = ["account"]
REFERENCE = "K7TP-4WQD-2M"
SESSION = "s" * 43


@pytest.fixture
def story(record):
    """A login that failed, one that did not, and what is of somebody else."""
    record(
        PasswordRefused(subject="one", reason_code="password", client_id="mutuelle"),
        PasswordAccepted(subject="one", auth_event_id=REFERENCE, client_id="mutuelle"),
        SessionCreated(
            subject="one", auth_event_id=REFERENCE, session_ref=SESSION,
            acr="eidas1", amr=("pwd",), auth_time=1,
        ),
        PasswordRefused(subject="two", reason_code="password", client_id="impots"),
    )  # fmt: skip


@pytest.fixture
def types(alice):
    """Return a function that searches, and gives the types of the events that are shown."""

    def searched(**typed: str) -> list[str]:
        sent = alice.posts("/audit/recherche", **typed)
        assert sent.status_code == 303, sent.text
        return shown(alice.opens(sent.headers["Location"]))

    return searched


def shown(page) -> list[str]:
    return [part.partition("<")[0] for part in page.text.split('"><strong>')[1:]]


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
def test_an_event_waits_is_sealed_and_is_signed(app, alice, clock):
    sealer: Sealer = app.extensions["broker"][Sealer]
    sealer.seal()
    sealer.sign_when_due()
    clock.advance(seconds=1)
    alice.logs_in()
    found = alice.opens("/audit/evenements?type=console.login.ok").text
    path = f"/audit/evenements/{found.split('/audit/evenements/')[1][:36]}"
    assert "Pas encore scellé" in alice.opens(path).text

    sealer.seal()
    assert "le prochain point de contrôle" in alice.opens(path).text
    clock.advance(minutes=1)
    sealer.sign_when_due()
    clock.advance(minutes=1)
    sealer.sign_when_due()

    page = alice.opens(path).text
    assert "Scellé et signé" in page
    assert "numéro 2, signé le 02/03/2026" in page.replace("\u00a0", " ")


@pytest.mark.usefixtures("story")
def test_an_event_that_was_touched_is_told(app, alice):
    services = app.extensions["broker"]
    services[Sealer].seal()
    services[Sealer].sign_when_due()
    db = services[Database]
    event_id = db.scalar(EVENT.select().where(EVENT.c.client_id == "impots"))
    with db.transaction() as transaction:
        transaction.driver.execute(
            "UPDATE audit_event SET body = REPLACE(body, 'impots', 'autres')"
            f" WHERE event_id = '{event_id}'"
        )

    page = alice.opens(f"/audit/evenements/{event_id}").text

    assert "plus celui qui a été scellé" in page


@pytest.mark.usefixtures("story")
def test_the_page_of_an_event_shows_all_of_it_and_leads_on(app, alice):
    db = app.extensions["broker"][Database]
    event_id = db.scalar(EVENT.select().where(EVENT.c.type == "session.created"))

    page = alice.opens(f"/audit/evenements/{event_id}").text

    assert f'href="/audit/evenements?terme={SESSION}"' in page
    assert "02/03/2026, 12:00:03" in page
    assert "2026-03-02T11:00:03.000000Z" in page
    assert broken_rules(page) == []


@pytest.mark.usefixtures("story")
def test_a_session_is_found_however_long_ago_it_was(alice, clock):
    clock.advance(days=30)
    alice.logs_in()

    page = alice.opens(f"/audit/evenements?terme={SESSION}").text

    assert "session.created" in page
    assert "dans aucun index" not in page


def test_an_unknown_event_is_told(alice):
    answer = alice.opens("/audit/evenements/019ac5d2-0000-7000-8000-000000000000")

    assert answer.status_code == 404
    assert "Cet événement est introuvable" in answer.text


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


@pytest.mark.usefixtures("story")
def test_each_look_is_on_record_as_structure(alice, trail, clock):
    asked = (
        f"/audit/evenements?terme={REFERENCE}+mutuelle&client=impots&issue=failure",
        "/audit/evenements?type=session.&avant=019ac5d2-0000-7000-8000-000000000000",
    )

    for path in asked:
        clock.advance(seconds=1)
        alice.opens(path)

    first, second = trail("console.viewed")
    assert first["actor"] == {"kind": "analyst", "ref": "alice"}
    assert first["query"] == {
        "client": True,
        "outcome": "failure",
        "terms": [f"reference:{REFERENCE}", "other"],
    }
    assert (second["page"], second["query"]) == (
        "timeline",
        {"type": "session.", "direction": "older"},
    )


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


def test_pages_keep_the_rules(enrolled):
    analyst = enrolled(role=Role.INVESTIGATOR)
    paths = ["/audit", "/audit/evenements", "/audit/personne", "/audit/connexion"]

    pages = {path: analyst.opens(path) for path in paths}

    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(paths, 200)
    assert [rule for page in pages.values() for rule in broken_rules(page.text)] == []


def test_an_investigator_finds_a_person_by_number_with_a_reason(
    app, account, enrolled, record, trail
):
    accounts = app.extensions["broker"][Accounts]
    of_number = accounts.nir_subject(Nir.parse(NIR))
    record(
        PasswordRefused(subject=of_number, reason_code="unknown"),
        PasswordAccepted(subject=account.id),
    )
    bea = enrolled("bea", Role.INVESTIGATOR)

    answer = bea.posts("/audit/personne", numero=NIR, motif="report", dossier="SOC-2026-118")

    assert answer.status_code == 303
    assert NIR not in answer.headers["Location"]
    found = shown(bea.opens(answer.headers["Location"]))
    assert {"login.password.ok", "login.password.failed"} <= set(found)
    (event,) = trail("console.person.looked_up")
    assert event["actor"]["ref"] == "bea"
    assert (event["reason_code"], event["case"]) == ("report", "SOC-2026-118")
    assert event["subject_ref"] == app.extensions["broker"][AuditLog].subject_ref(account.id)
    assert NIR not in json.dumps(event)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"numero": ""}, "numero"),
        ({"numero": "123"}, "numero"),
        ({"motif": ""}, "motif"),
        ({"motif": "curiosity"}, "motif"),
        ({"dossier": ""}, "dossier"),
        ({"dossier": NIR}, "dossier"),
    ],
)
def test_without_a_reason_nobody_is_looked_up(enrolled, trail, wrong, field):
    bea = enrolled("bea", Role.INVESTIGATOR)
    given = {"numero": NIR, "motif": "report", "dossier": "SOC-2026-118", **wrong}

    refused = bea.posts("/audit/personne", **given)

    assert refused.status_code == 422
    assert f'id="{field}-erreur"' in refused.text
    assert 'name="numero" type="text" value=""' in refused.text
    assert broken_rules(refused.text) == []
    assert trail("console.person") == []


def test_a_reader_is_shown_no_way_to_people(alice):
    assert "/audit/personne" not in alice.opens("/audit").text
