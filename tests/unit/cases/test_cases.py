"""Cases of the security team: one open of a kind for an account, concluded once."""

import json
from datetime import timedelta

import pytest

from broker.audit.model import Actor
from broker.cases.cases import Cases
from broker.cases.model import CaseClosed, CaseUnknown, Conclusion, Kind
from tests.conftest import ROOT
from tests.support.commands import command
from tests.support.partner import events
from tests.unit.ties.test_parallel_ties import at_once

ALICE = Actor(kind="analyst", ref="alice")


@pytest.fixture
def cases(app):
    return app.extensions["broker"][Cases]


def opened(cases, account_id="compte-1", login="K7TP-4WQD-2M"):
    with cases.db.transaction():
        cases.open(Kind.NOT_ME, account_id, login)
    return cases.every()


def test_a_case_names_the_login_and_the_pseudonym_of_the_account(app, cases):
    (case,) = opened(cases)

    (event,) = events(app, "case.opened")
    assert event["security_case"] == {"reference": case.reference, "kind": "not_me"}
    assert event["subject_ref"] == case.subject_ref != "compte-1"
    assert event["auth_event_id"] == case.auth_event_id == "K7TP-4WQD-2M"


def test_reports_of_one_account_are_one_case_until_it_is_concluded(app, cases):
    opened(cases)
    (first,) = opened(cases, login=None)
    cases.conclude(first.reference, Conclusion.INTRUSION, ALICE)

    (second,) = opened(cases)

    assert second.reference != first.reference
    assert len(opened(cases, account_id="compte-2")) == 2
    assert len(events(app, "case.opened")) == 3


def test_a_report_that_is_undone_opens_no_case(app, cases):
    with pytest.raises(RuntimeError), cases.db.transaction():
        cases.open(Kind.NOT_ME, "compte-1", None)
        raise RuntimeError

    assert cases.every() == []
    assert events(app, "case.opened") == []


def test_twenty_reports_at_once_open_one_case(app, cases):
    at_once(lambda _number: opened(cases), 20)

    assert len(cases.every()) == len(events(app, "case.opened")) == 1


def test_twenty_conclusions_at_once_are_one(app, cases):
    (case,) = opened(cases)

    def conclude(number: int) -> bool:
        try:
            cases.conclude(case.reference, list(Conclusion)[number % 3], ALICE)
        except CaseClosed:
            return False
        return True

    assert sum(at_once(conclude, 20)) == 1
    (event,) = events(app, "case.concluded")
    (closed,) = cases.every(closed=True)
    assert event["reason_code"] == closed.conclusion
    assert event["actor"] == {"kind": "analyst", "ref": closed.closed_by}


def test_a_concluded_case_stays_three_years(cases, clock):
    (case,) = opened(cases)
    cases.conclude(case.reference, Conclusion.MISTAKE, ALICE)
    (purge,) = cases.tasks()

    clock.advance(seconds=timedelta(days=3 * 365).total_seconds())
    purge.run()
    assert cases.get(case.reference).conclusion is Conclusion.MISTAKE

    clock.advance(seconds=1)
    purge.run()
    with pytest.raises(CaseUnknown):
        cases.get(case.reference)


def test_an_open_case_is_never_purged(cases, clock):
    opened(cases)
    (purge,) = cases.tasks()

    clock.advance(seconds=timedelta(days=9 * 365).total_seconds())
    purge.run()

    assert len(cases.every()) == 1


def test_the_commands_list_and_conclude(cases, database_url):
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": database_url,
    }

    def run(*arguments: str):
        return command("cases", *arguments, environment=environment)

    (case,) = opened(cases)
    assert json.loads(run("list", "--json").stdout)["reference"] == case.reference

    assert run("conclude", case.reference, "--as", "mistake").code == 0

    assert run("list", "--json").stdout == ""
    assert json.loads(run("list", "--concluded", "--json").stdout)["conclusion"] == "mistake"
    again = run("conclude", case.reference, "--as", "intrusion")
    assert (again.code, again.stderr) == (1, "broker: case-closed\n")
    unknown = run("conclude", "AAAA-AAAA-AA", "--as", "intrusion")
    assert (unknown.code, unknown.stderr) == (1, "broker: case-unknown\n")
