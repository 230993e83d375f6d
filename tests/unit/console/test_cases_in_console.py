"""Cases in the console: what waits, its events, the conclusion, the cut; each look on record."""

from dataclasses import replace

import pytest

from broker.cases.cases import Cases
from broker.cases.model import Kind
from broker.console.case_desk import CaseDesk
from broker.console.model import Role
from broker.sessions.sessions import Sessions
from tests.support.page_rules import broken_rules
from tests.support.partner import Holder, sample_account


@pytest.fixture
def holder(app):
    somebody = Holder(app, sample_account(app))
    somebody.logs_in()
    return somebody


@pytest.fixture
def case(app, holder):
    """A case that names the login from which it was reported."""
    services = app.extensions["broker"]
    (there,) = services[Sessions].every(holder.account_id)
    cases = services[Cases]
    with cases.db.transaction():
        cases.open(Kind.NOT_ME, holder.account_id, there.session.auth_event_id)
    (opened,) = cases.every()
    return opened


@pytest.fixture
def ines(enrolled):
    return enrolled("ines", Role.INVESTIGATOR)


def test_nothing_waits_at_first(alice):
    for page in ("/audit/dossiers", "/audit/dossiers/conclus"):
        assert "Aucun dossier" in alice.opens(page).text


def test_a_case_shows_the_events_of_its_person_and_its_login(alice, case):
    listed = alice.opens("/audit/dossiers")
    assert f"/audit/dossiers/{case.reference}" in listed.text

    page = alice.opens(f"/audit/dossiers/{case.reference}")

    assert "<strong>session.created</strong>" in page.text
    assert "<strong>case.opened</strong>" in page.text
    assert case.auth_event_id in page.text
    assert case.subject_ref in page.text
    assert broken_rules(listed.text) + broken_rules(page.text) == []


def test_a_case_may_name_no_login(app, alice, holder):
    cases = app.extensions["broker"][Cases]
    with cases.db.transaction():
        cases.open(Kind.NOT_ME, holder.account_id, None)
    (case,) = cases.every()

    assert "inconnue" in alice.opens(f"/audit/dossiers/{case.reference}").text


def test_an_investigator_concludes_once(app, ines, case, trail):
    address = f"/audit/dossiers/{case.reference}"
    assert ines.posts(f"{address}/conclusion", conclusion="intrusion").status_code == 303

    again = ines.posts(f"{address}/conclusion", conclusion="mistake")

    assert again.status_code == 409
    (told,) = trail("case.concluded")
    assert (told["reason_code"], told["actor"]["ref"]) == ("intrusion", "ines")
    assert "Intrusion" in ines.opens("/audit/dossiers/conclus").text
    page = ines.opens(address).text
    assert "Intrusion" in page
    assert "Je conclus ce dossier" not in page
    assert app.extensions["broker"][Cases].every() == []


def test_a_case_whose_events_take_too_long_to_read_is_shown_and_concluded(app, ines, case):
    services = app.extensions["broker"]
    desk = services[CaseDesk]
    services[CaseDesk] = replace(desk, timeline=replace(desk.timeline, patience=0.0))
    address = f"/audit/dossiers/{case.reference}"

    page = ines.opens(address)

    assert page.status_code == 200
    assert "arrêtée au bout de dix secondes" in page.text
    assert case.subject_ref in page.text
    assert broken_rules(page.text) == []
    assert ines.posts(f"{address}/conclusion", conclusion="").status_code == 422
    assert ines.posts(f"{address}/conclusion", conclusion="mistake").status_code == 303


@pytest.mark.parametrize("conclusion", ["", "autre"])
def test_a_conclusion_is_one_of_three(ines, case, conclusion):
    answer = ines.posts(f"/audit/dossiers/{case.reference}/conclusion", conclusion=conclusion)

    assert answer.status_code == 422
    assert "Choisissez ce que vous avez trouvé" in answer.text
    assert broken_rules(answer.text) == []


def test_a_reader_is_not_asked_to_conclude(alice, case):
    assert "Je conclus" not in alice.opens(f"/audit/dossiers/{case.reference}").text


def test_a_responder_cuts_from_the_case(app, enrolled, ines, case, holder):
    rita = enrolled("rita", Role.RESPONDER)
    address = f"/audit/dossiers/{case.reference}"
    assert "coupures" not in ines.opens(address).text

    page = rita.opens(address).text

    assert f"genre=login&amp;cible={case.auth_event_id}" in page
    assert f"genre=person&amp;cible={case.subject_ref}" in page
    rita.posts("/audit/coupures", genre="person", cible=case.subject_ref, raison="intrusion")
    assert app.extensions["broker"][Sessions].every(holder.account_id) == []


def test_a_case_that_nobody_opened_is_unknown(ines):
    assert ines.opens("/audit/dossiers/AAAA-AAAA-AA").status_code == 404
    answer = ines.posts("/audit/dossiers/AAAA-AAAA-AA/conclusion", conclusion="mistake")
    assert answer.status_code == 404


def test_each_look_is_on_record(alice, case, trail):
    alice.opens("/audit/dossiers")
    alice.opens(f"/audit/dossiers/{case.reference}")

    pages = [event["page"] for event in trail("console.viewed")]
    assert sorted(pages) == ["case", "cases"]
