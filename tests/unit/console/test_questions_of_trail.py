"""Saved questions about the trail and those who read it: what each finds and leaves out."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Never

import pytest

from broker.audit.events import EvidenceExported
from broker.audit.model import Actor
from broker.audit.questions.asking import Asked
from broker.audit.questions.every import SAVED
from broker.audit.questions.of_trail import waiting_in
from broker.audit.sealing.sealer import Sealer
from broker.base.bounded_read import BoundedReads
from broker.base.db import Database
from broker.console.events import PersonLookedUp
from broker.console.questions import Questions
from broker.exports.exports import Exports
from broker.mail.events import MailRefused
from tests.unit.console.asked import counted, wrong


def test_mails_that_were_refused_are_counted_by_kind(record, ask):
    record(*[MailRefused(subject="one", kind="new_login", reason_code="550")] * 2)

    assert counted(ask("mails_not_delivered"), "Message", "Raison", "Événements") == [
        ("new_login", "550", "2")
    ]


def test_what_analysts_looked_at_is_counted(alice, record, ask, clock):
    alice.opens("/audit/evenements")
    record(
        PersonLookedUp(
            actor=Actor(kind="analyst", ref="alice"),
            subject="one",
            reason_code="alert",
            case="S-1",
        )
    )
    clock.advance(hours=12)  # 23:00 in Paris
    alice.logs_in()
    alice.opens("/audit/evenements")

    (row,) = ask("analysts").rows
    assert (row["Analyste ou exploitant"], row["Consultations"], row["Personnes"]) == (
        "alice", "3", "1",
    )  # fmt: skip
    assert row["Avant 7\xa0heures, après 20\xa0heures ou le week-end"] == "1"


def test_who_looked_for_whom_is_told_with_the_motive(record, ask):
    bea = Actor(kind="analyst", ref="bea")
    for subject, motive in (("one", "alert"), ("one", "alert"), ("two", "report")):
        record(PersonLookedUp(actor=bea, subject=subject, reason_code=motive, case="S-1"))

    answer = ask("people_looked_up")

    assert counted(answer, "Analyste ou exploitant", "Raison", "Événements") == [
        ("bea", "alert", "2"), ("bea", "report", "1"),
    ]  # fmt: skip
    assert answer.text.count("/audit/evenements?terme=") == 2


def test_who_took_events_away_is_told(record, ask):
    record(EvidenceExported(actor=Actor(kind="admin", ref="olga"), events=12))

    assert counted(ask("exported"), "Analyste ou exploitant", "Type d'événement") == [
        ("olga", "audit.evidence.exported")
    ]


def test_gaps_of_the_trail_are_told(record, ask):
    record(wrong("one"))

    facts = {row["Fait"]: row.get("Nombre") for row in ask("gaps").rows}

    assert len(facts) == 6
    assert facts["Événements scellés en tout"] == "0"
    assert facts["Vérifications qui ont trouvé un défaut, et la dernière"] == "0"
    assert int(facts["Événements de la période"]) >= 1


def test_an_event_waits_until_it_is_sealed_whatever_the_window(app, record, clock):
    services = app.extensions["broker"]
    sources, begun = services[Questions].sources, clock.now
    record(wrong("one"))
    services[Sealer].seal()
    record(wrong("one"), wrong("two"))
    last = clock.now

    def waiting(since, until):
        return sources.db.one(waiting_in(Asked(since=since, until=until)))[0]

    moment = timedelta(microseconds=1)
    assert waiting(begun, last + moment) == 2
    assert waiting(begun, last) == 1
    services[Sealer].seal()
    assert waiting(begun, last + moment) == 0


class WithoutEnd(Database):
    """Reads that nothing stops: no question may make one."""

    def _reading(self) -> Never:
        raise AssertionError("a read without an end")


@pytest.mark.parametrize("name", SAVED)
def test_every_read_of_a_question_has_an_end(app, record, clock, name):
    record(wrong("one"))
    services = app.extensions["broker"]
    services[Sealer].seal()
    given = services[Questions].sources
    endless = WithoutEnd(given.db.engine)
    exports = services[Exports]
    exports = replace(
        exports,
        sinks={"siem": None},
        events=replace(exports.events, db=endless),
        store=replace(exports.store, db=endless),
    )
    sources = replace(given.read_by(endless), behind=exports.lags_by)
    since, until = clock() - timedelta(days=1), clock()
    asked = Asked(
        since=since, until=until, identifier="mutuelle", network=ip_network("192.0.2.0/24")
    )

    rows = list(SAVED[name].read(sources.read_by(BoundedReads.of(endless, 60)), asked))

    assert len(rows) <= 7
