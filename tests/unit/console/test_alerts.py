"""Alerts in the console: listed, shown with their events, acknowledged once with a note."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from broker.audit.log import AuditLog
from broker.audit.sealing.sealer import Sealer
from broker.base.context import RequestContext
from broker.console.model import Role
from broker.detection.detection import Detection
from broker.otp.events import CodeFailed
from tests.support.page_rules import broken_rules
from tests.unit.console.asked import wrong

PAGE = "/audit/alertes"
TITLE = "Code de sécurité deviné, pour une personne"


def words(response) -> str:
    """Return the page as it is read, its unbreakable spaces made plain."""
    return unescape(response.text).replace("\u00a0", " ")


@pytest.fixture
def alert(app):
    """Somebody guessed the codes of a person."""
    services = app.extensions["broker"]
    log = replace(services[AuditLog], here=lambda: RequestContext(address="203.0.113.66"))
    log.record(*[CodeFailed(subject="one", code_ref="abcdefgh")] * 7)
    services[Sealer].seal()
    services[Detection].evaluate()
    (found,) = services[Detection].every()
    return found


@pytest.fixture
def bea(enrolled):
    return enrolled("bea", Role.INVESTIGATOR)


def test_what_waits_is_listed_and_leads_to_its_events(alice, alert, trail):
    listed = alice.opens(PAGE)
    shown = alice.opens(f"{PAGE}/{alert.reference}")

    assert TITLE in words(listed)
    assert f"{PAGE}/{alert.reference}" in listed.text
    assert "à regarder dans l'heure" in words(shown)
    assert shown.text.count("<strong>otp.failed</strong>") == 7
    assert alert.group_value in shown.text
    looks = [(event["page"], event["query"]) for event in trail("console.viewed")][-2:]
    assert looks == [("alerts", {}), ("alert", {"alert": alert.reference})]


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("203.0.113.66", "/audit/evenements?terme=203.0.113.66&"),
        ("2001:db8:a:b::66", "/audit/questions/network?reseau=2001:db8:a:b::/64&"),
    ],
)
def test_the_source_of_an_alert_leads_to_what_it_did(app, alice, clock, address, leads_to):
    services = app.extensions["broker"]
    log = replace(services[AuditLog], here=lambda: RequestContext(address=address))
    log.record(*(wrong(f"person-{number}") for number in range(15)))
    services[Sealer].seal()
    services[Detection].evaluate()
    (found,) = services[Detection].every()
    clock.advance(days=30)
    alice.logs_in()

    page = alice.opens(f"{PAGE}/{found.reference}")

    (link,) = re.findall(rf'href="({re.escape(leads_to)}[^"]+)"', unescape(page.text))
    shown = alice.opens(link)
    assert shown.status_code == 200
    assert shown.text.count("<li>\n") >= 15


def test_the_source_of_an_alert_of_the_hour_that_comes_twice_leads_to_what_it_did(
    app, alice, clock
):
    services = app.extensions["broker"]
    log = replace(services[AuditLog], here=lambda: RequestContext(address="203.0.113.66"))
    clock.now = datetime(2026, 10, 25, 0, 52, tzinfo=UTC)  # 02:52, summer time
    for number in range(15):
        log.record(wrong(f"person-{number}"))
        clock.advance(seconds=40)  # the last one at 02:01, winter time
    services[Sealer].seal()
    services[Detection].evaluate()
    (found,) = services[Detection].every()
    alice.logs_in()

    page = alice.opens(f"{PAGE}/{found.reference}")

    (link,) = re.findall(
        r'href="(/audit/evenements\?terme=203.0.113.66&[^"]+)"', unescape(page.text)
    )
    assert alice.opens(link).text.count("<li>\n") >= 15


@pytest.mark.parametrize(
    "note",
    ["vu, 1 85 07 29 019 002 20, rappelée", "NIR 185072901900220, rappelée", "(185072901900220)",
     "NIR:185072901900220", "n°1.85.07.29.019.002.20", "FR76 3000 6000 0112 3456 7890 189 vu",
     "écrire à claire@exemple.fr."],
)  # fmt: skip
def test_a_note_names_nobody_however_it_is_written(bea, alert, trail, note):
    answer = bea.posts(f"{PAGE}/{alert.reference}", note=note)

    assert answer.status_code == 422
    assert "la note reste dans la piste" in words(answer)
    assert trail("detection.acknowledged") == []


@pytest.mark.parametrize(
    "note",
    ["le 27/11/2026 à 14:05, 12 essais depuis 203.0.113.66, 203.0.113.67 et 2001:db8::66",
     "voir SOC-2026-118, connexion K7TP-4WQD-2M : 1 250 000 essais"],
)  # fmt: skip
def test_a_note_may_hold_times_addresses_and_references(bea, alert, note):
    assert bea.posts(f"{PAGE}/{alert.reference}", note=note).status_code == 303


def test_an_investigator_acknowledges_it_once(bea, alert, trail):
    noted = bea.posts(f"{PAGE}/{alert.reference}", note="Essais d'un voisin, compte sain")
    again = bea.posts(f"{PAGE}/{alert.reference}", note="autre chose")

    assert (noted.status_code, again.status_code) == (303, 409)
    assert "déjà prise en compte" in words(again)
    assert "Aucune alerte n'attend." in words(bea.opens(PAGE))
    assert "prise en compte par bea" in words(bea.opens(f"{PAGE}?etat=vues"))
    page = words(bea.opens(f"{PAGE}/{alert.reference}"))
    assert "Essais d'un voisin, compte sain" in page
    assert "Prendre en compte cette alerte" not in page
    (event,) = trail("detection.acknowledged")
    assert event["after"] == {"reason": "Essais d'un voisin, compte sain"}
    assert event["actor"] == {"kind": "analyst", "ref": "bea"}


@pytest.mark.parametrize(
    ("note", "says"),
    [
        ("", "Écrivez ce que vous avez constaté."),
        ("a" * 301, "300 caractères au plus."),
        ("vu avec claire@exemple.fr", "N'écrivez ici ni numéro"),
        ("2 64 05 31 555 982", "N'écrivez ici ni numéro"),
    ],
)
def test_a_note_that_cannot_stay_in_the_trail_is_refused(bea, alert, trail, note, says):
    refused = bea.posts(f"{PAGE}/{alert.reference}", note=note)

    assert refused.status_code == 422
    assert says in words(refused)
    assert broken_rules(refused.text) == []
    assert trail("detection.acknowledged") == []


def test_a_reader_is_shown_no_form_and_may_not_post(alice, alert):
    assert "Prendre en compte cette alerte" not in words(alice.opens(f"{PAGE}/{alert.reference}"))
    assert alice.posts(f"{PAGE}/{alert.reference}", note="vu").status_code == 403


def test_an_unknown_alert_is_told(bea):
    opened = bea.opens(f"{PAGE}/AAAA-AAAA-AA")

    assert opened.status_code == 404
    assert "Cette alerte est introuvable" in words(opened)
    assert bea.posts(f"{PAGE}/AAAA-AAAA-AA", note="vu").status_code == 404


def test_the_pages_keep_the_rules(bea, alert):
    pages = [bea.opens(path) for path in (PAGE, f"{PAGE}?etat=vues", f"{PAGE}/{alert.reference}")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [rule for page in pages for rule in broken_rules(page.text)] == []


def test_an_alert_of_a_rule_that_is_gone_is_still_shown(app, alice, alert):
    rules = app.extensions["broker"][Detection].rules.by_name
    del rules[alert.rule]

    assert alert.rule in words(alice.opens(f"{PAGE}/{alert.reference}"))
