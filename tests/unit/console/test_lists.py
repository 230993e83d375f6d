"""Lists that are longer than a page: nothing is left out, nothing comes twice."""

import re
from datetime import timedelta
from html import unescape

import pytest

from broker.cases.cases import Cases
from broker.cases.model import Conclusion, Kind
from broker.console.model import Role
from broker.cuts.cuts import Cuts
from broker.cuts.model import APPROVAL_LIFE, Counts, Cut
from broker.cuts.model import Kind as CutKind
from broker.detection.detection import Detection
from broker.detection.model import Alert, Key, Urgency
from tests.support.page_rules import broken_rules
from tests.unit.console.asked import wrong

NUMBER = 230
REFERENCES = [f"{number:04d}-LIST-AA" for number in range(NUMBER)]


def pages(analyst, address: str) -> list[list[str]]:
    """Follow the list to its end; return the references of each page."""
    found = []
    while address:
        page = analyst.opens(address)
        assert page.status_code == 200
        assert broken_rules(page.text) == []
        found.append(
            re.findall(r'href="/audit/\w+/([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2})"', page.text)
        )
        further = re.search(r'href="([^"]+)">Suite de la liste<', page.text)
        address = unescape(further[1]) if further else ""
    return found


def is_whole(found: list[list[str]], references: list[str]) -> bool:
    listed = [each for of_page in found for each in of_page]
    return [len(each) for each in found] == [100, 100, 30] and sorted(listed) == sorted(references)


@pytest.fixture
def services(app):
    return app.extensions["broker"]


@pytest.mark.parametrize("state", ["", "?etat=vues"])
def test_every_alert_is_reached_also_those_of_one_moment(services, alice, clock, state):
    detection, now = services[Detection], clock()
    with detection.db.transaction():
        for number, reference in enumerate(REFERENCES):
            at = now - timedelta(seconds=number // 60)
            detection.store.add(
                Alert(
                    reference=reference, rule="codes-of-one-person", severity=Urgency.HIGH,
                    group_by=Key.PERSON, group_value="x", counted=7, first_at=at, last_at=at,
                    raised_at=at,
                )
            )  # fmt: skip
            if state:
                detection.store.acknowledge(reference, now, "bea", "vue")

    found = pages(alice, f"/audit/alertes{state}")

    assert is_whole(found, REFERENCES)
    assert set(found[0][:60]) == set(REFERENCES[:60])


def test_every_cut_is_reached_also_a_plan_that_waits_behind_many(services, enrolled, clock):
    cuts, now = services[Cuts], clock()
    with cuts.db.transaction():
        for reference in REFERENCES:
            cuts.store.add(
                Cut(
                    reference=reference, kind=CutKind.EVERYBODY, name="everybody", reason="essai",
                    planned_at=now, planned_by="rita", expires_at=now + APPROVAL_LIFE,
                    before=Counts(),
                )
            )  # fmt: skip

    assert is_whole(pages(enrolled("rose", Role.RESPONDER), "/audit/coupures"), REFERENCES)


def test_every_case_is_reached_open_or_concluded(services, enrolled):
    ines, cases = enrolled("ines", Role.INVESTIGATOR), services[Cases]
    with cases.db.transaction():
        for number in range(NUMBER):
            cases.open(Kind.NOT_ME, f"account-{number}", None)
    references = [case.reference for case in cases.every()]

    assert is_whole(pages(ines, "/audit/dossiers"), references)

    with cases.db.transaction():
        for reference in references:
            cases.store.close(reference, cases.clock(), "ines", Conclusion.MISTAKE)
    assert is_whole(pages(ines, "/audit/dossiers/conclus"), references)


def test_a_place_in_a_list_that_is_none_is_its_beginning(services, alice):
    cases = services[Cases]
    with cases.db.transaction():
        cases.open(Kind.NOT_ME, "account", None)
    (case,) = cases.every()

    assert case.reference in alice.opens("/audit/dossiers?apres=ailleurs").text
    assert case.reference not in alice.opens(f"/audit/dossiers?apres={case.reference}").text


def test_an_answer_that_may_go_on_says_so(record, ask):
    record(*(wrong(f"person-{number}") for number in range(199)))
    assert "premières lignes" not in ask("passwords_tried", seuil="1").text

    record(wrong("another"))

    assert "Seules les 200 premières lignes" in ask("passwords_tried", seuil="1").text
