"""Cuts in the console: counted first, one responder for one person, two for many, proof after."""

import re
from dataclasses import replace
from html import unescape

import pytest

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.sealing.sealer import Sealer
from broker.console.model import Role
from broker.cuts.cuts import Cuts
from broker.cuts.desk import CutDesk
from broker.cuts.model import Kind
from broker.keys.encryption import EncryptionKeys
from broker.keys.rotation import Keys
from broker.sessions.sessions import Sessions
from tests.conftest import test_settings
from tests.support.page_rules import broken_rules
from tests.support.partner import events
from tests.unit.console.conftest import OPERATOR, analysts, enrolled, invite

__all__ = ["analysts", "enrolled", "invite"]
WIDE = {"genre": "everybody", "cible": ""}


@pytest.fixture
def settings(database_url):
    return test_settings(database_url, BROKER_FRANCECONNECT_JWE="ECDH-ES")


@pytest.fixture
def rita(enrolled):
    return enrolled("rita", Role.RESPONDER)


@pytest.fixture
def rose(enrolled):
    return enrolled("rose", Role.RESPONDER)


@pytest.fixture
def is_in(app, holder):
    """Return a function that tells whether the person is logged in."""
    return lambda: bool(app.extensions["broker"][Sessions].every(holder.account_id))


def cuts_of(analyst, **target: str) -> str:
    """Do what the page of a preview offers; return the address of the cut."""
    done = analyst.posts("/audit/coupures", raison="compromission du service", **target)
    assert done.status_code == 303, done.text
    return done.headers["Location"]


def numbers(page, label: str) -> list[str]:
    """The cells of a line of the proof."""
    line = re.search(rf'<th scope="row">{label}</th>(.*?)</tr>', page.text)
    assert line
    return re.findall("<td>(.*?)</td>", line[1])


def test_a_login_is_counted_first_and_cut_from_its_event(app, rita, login, is_in):
    (created,) = events(app, "session.created")
    shown = rita.opens(f"/audit/evenements/{created['event_id']}")
    (address,) = re.findall(r'href="(/audit/coupures/apercu\?genre=login[^"]+)"', shown.text)

    preview = rita.opens(address.replace("&amp;", "&"))
    assert "<dt>Sessions ouvertes</dt><dd>1</dd>" in preview.text
    assert broken_rules(preview.text) == []
    assert is_in()

    page = rita.opens(cuts_of(rita, genre="login", cible=login))

    assert not is_in()
    assert numbers(page, "Sessions ouvertes") == ["1", "0", "0"]
    assert broken_rules(page.text) == []
    (done,) = events(app, "cut.done")
    assert done["actor"] == {"kind": "analyst", "ref": "rita"}


def test_a_pseudonym_that_takes_too_long_to_find_is_told_within_the_console(app, rita, holder):
    services = app.extensions["broker"]
    cuts = services[Cuts]
    person = cuts.effects[Kind.PERSON]
    slow = replace(person, timeline=replace(person.timeline, patience=0.0))
    services[CutDesk] = replace(
        services[CutDesk], cuts=replace(cuts, effects={**cuts.effects, Kind.PERSON: slow})
    )
    pseudonym = services[AuditLog].subject_ref(holder.account_id)

    page = rita.opens(f"/audit/coupures/apercu?genre=person&cible={pseudonym}")

    assert page.status_code == 422
    assert "arrêtée au bout de dix secondes" in page.text
    assert "rita" in page.text
    assert broken_rules(page.text) == []


def test_the_proof_leads_to_the_events_of_what_fell(app, rita, login):
    page = rita.opens(cuts_of(rita, genre="login", cible=login))
    app.extensions["broker"][Sealer].seal()
    (done,) = events(app, "cut.done")
    assert f"/audit/evenements/{done['event_id']}" in page.text

    fell = rita.opens(f"/audit/evenements?terme={done['request_id']}")

    assert "<strong>session.ended</strong>" in fell.text
    assert "Scellé" in rita.opens(f"/audit/evenements/{done['event_id']}").text


def test_everybody_is_cut_by_two(app, rita, rose, is_in):
    address = cuts_of(rita, **WIDE)
    own = rita.opens(address)
    assert "J'approuve" not in own.text
    assert rita.posts(f"{address}/accord").status_code == 403
    assert is_in()
    assert "J'approuve" in rose.opens(address).text

    assert rose.posts(f"{address}/accord").status_code == 303

    assert not is_in()
    page = rose.opens(address)
    assert numbers(page, "Personnes connectées") == ["1", "0", "0"]
    assert "Personne prévenue" not in page.text
    assert rose.posts(f"{address}/accord").status_code == 409
    assert len(events(app, "cut.done")) == 1


def test_a_command_in_the_place_of_one_of_the_two_is_said(app, rita, rose, login):
    cuts = app.extensions["broker"][Cuts]
    olga, oscar = (Actor(kind="admin", ref=name) for name in ("olga", "oscar"))
    planned = cuts.plan(Kind.UPSTREAM, "", "compromission", olga).reference
    approved = cuts_of(rita, **WIDE)
    cuts.approve(approved.rpartition("/")[2], oscar)
    narrow = cuts.plan(Kind.LOGIN, login, "compromission", olga).reference
    own = cuts_of(rita, **WIDE)
    rose.posts(f"{own}/accord")

    def says(address: str) -> bool:
        return "Elle dit elle-même le nom de qui l'a lancée" in unescape(rose.opens(address).text)

    assert says(f"/audit/coupures/{planned}")
    assert says(approved)
    assert not says(f"/audit/coupures/{narrow}")
    assert not says(own)


def test_what_is_not_counted_of_a_key_is_said_before_and_after(app, rita):
    key = app.extensions["broker"][Keys].signing("ES256").kid
    other = app.extensions["broker"][EncryptionKeys].rotate(Actor(kind="system"))[0].kid

    def says(name: str) -> list[bool]:
        target = {"genre": "key", "cible": name}
        preview = rita.client.get("/audit/coupures/apercu", query_string=target)
        pages = preview, rita.opens(cuts_of(rita, **target))
        assert [rule for page in pages for rule in broken_rules(page.text)] == []
        return ["Ne sont pas comptés" in page.text for page in pages]

    assert says(key) == [True, True]
    assert says(other) == [False, False]


def test_an_account_begun_anew_after_the_plan_is_no_second_person(
    app, rita, rose, is_in, analysts, clock
):
    """Who runs the console's commands may have the link of anybody's account."""
    address = cuts_of(rita, **WIDE)
    clock.advance(minutes=1)
    link = analysts.invite("rose", OPERATOR).token.reveal()
    rose.follows(f"/audit/invitation/{link}")
    assert rose.accepts().status_code == 303

    assert rose.posts(f"{address}/accord").status_code == 403

    assert is_in()
    assert [event["reason_code"] for event in events(app, "cut.refused")] == ["young_account"]
    again = cuts_of(rose, **WIDE)
    assert rita.posts(f"{again}/accord").status_code == 303


def test_what_came_since_is_shown(rita, rose, holder):
    address = cuts_of(rita, **WIDE)
    rose.posts(f"{address}/accord")

    holder.logs_in()

    assert numbers(rose.opens(address), "Sessions ouvertes") == ["1", "0", "1"]


def test_a_plan_is_refused_and_nothing_is_cut(rita, rose, is_in):
    address = cuts_of(rita, **WIDE)

    assert rose.posts(f"{address}/refus").status_code == 303

    assert is_in()
    assert "refusée" in rose.opens(address).text
    assert rita.posts(f"{address}/refus").status_code == 409


def test_the_list_tells_who_planned_what(rita, login):
    cuts_of(rita, genre="login", cible=login)
    page = rita.opens("/audit/coupures")

    assert login in page.text
    assert "préparée par rita" in page.text
    assert broken_rules(page.text) == []


def test_the_cut_of_a_person_is_offered_where_they_were_searched(app, rita, holder):
    pseudonym = app.extensions["broker"][AuditLog].subject_ref(holder.account_id)

    page = rita.opens(f"/audit/evenements?terme={pseudonym}")

    assert f"genre=person&amp;cible={pseudonym}" in page.text
    assert "genre=login" not in page.text


@pytest.mark.parametrize("role", [Role.READER, Role.INVESTIGATOR])
def test_others_are_offered_nothing(app, enrolled, login, role):
    analyst = enrolled("ines", role)
    (created,) = events(app, "session.created")

    for page in ("", f"/evenements?terme={login}", f"/evenements/{created['event_id']}"):
        assert "coupures" not in analyst.opens(f"/audit{page}").text


@pytest.mark.parametrize(
    ("raison", "told"),
    [
        ("", "Écrivez pourquoi"),
        ("abcd", "Écrivez pourquoi"),
        ("x" * 201, "Écrivez pourquoi"),
        ("vu avec 2 64 05 31 555 982 hier", "peut être un numéro"),
        ("écrire à personne@exemple.fr", "peut être un numéro"),
    ],
)
def test_a_reason_is_asked_that_names_nobody(rita, login, is_in, raison, told):
    answer = rita.posts("/audit/coupures", genre="login", cible=login, raison=raison)

    assert answer.status_code == 422
    assert told in answer.text
    assert broken_rules(answer.text) == []
    assert is_in()


@pytest.mark.parametrize("raison", ["abcde", "x" * 200, "dossier SOC-2026-118 du 27/11/2026"])
def test_a_reason_may_be_short_long_or_name_a_case(rita, login, is_in, raison):
    answer = rita.posts("/audit/coupures", genre="login", cible=login, raison=raison)

    assert answer.status_code == 303
    assert not is_in()


@pytest.mark.parametrize(
    ("genre", "cible", "status"),
    [
        ("", "", 422),
        ("x", "y", 422),
        ("login", "", 422),
        ("login", "deux mots", 422),
        ("login", "AAAA-AAAA-AA", 404),
        ("client", "inconnu", 404),
        ("everybody", "", 200),
    ],
)
def test_what_cannot_be_counted_is_told(rita, genre, cible, status):
    query = {"genre": genre, "cible": cible}
    answer = rita.client.get("/audit/coupures/apercu", query_string=query)

    assert answer.status_code == status
    assert broken_rules(answer.text) == []


def test_a_cut_that_nobody_planned_is_unknown(rita):
    assert rita.opens("/audit/coupures/AAAA-AAAA-AA").status_code == 404
    assert rita.posts("/audit/coupures/AAAA-AAAA-AA/accord").status_code == 404


def test_each_look_is_on_record(app, rita, login):
    address = cuts_of(rita, genre="login", cible=login)
    rita.client.get("/audit/coupures/apercu", query_string={"genre": "login", "cible": login})
    rita.opens(address)
    rita.opens("/audit/coupures")

    pages = [event["page"] for event in events(app, "console.viewed")]
    assert sorted(pages) == ["cut", "cut_preview", "cuts"]
