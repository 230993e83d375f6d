"""A person is found by number alone, by investigators, with a reason that is on record."""

import json

import pytest

from broker.accounts.accounts import Accounts
from broker.audit.log import AuditLog
from broker.console.model import Role
from broker.insured.nir import Nir
from broker.sessions.events import PasswordAccepted, PasswordRefused
from tests.support.page_rules import broken_rules
from tests.unit.console.timeline import shown
from tests.unit.sessions.conftest import NIR, account

__all__ = ["account"]


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
