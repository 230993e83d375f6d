"""No page costs more than so many statements of SQL: one in a loop would show at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.serving import make_server

from broker.app import create_app
from broker.base.db import Database
from broker.foundation import Foundation
from broker.mail.store import MAIL
from tests.conftest import test_settings
from tests.support.page_walk import Answer, Meter, PageWalk
from tests.support.people import Insured
from tests.support.ports import free_port
from tests.unit.accounts.builders import Bench, claire
from tests.unit.signup.visitor import IDENTITY, PROOFS

MOST = {"GET": 15, "POST": 60}  # today 9 and 40 at most
PARTS = ("/creation-compte", "/app", "/mon-compte")
NOT_WALKED = {
    "/app/impossible",  # for who is refused
    "/app/manifeste",
    "/app/service-worker.js",
    "/creation-compte/impossible",
    "/creation-compte/franceconnect/retour",  # no FranceConnect is running here
    "/mon-compte/connexions/fermer",  # for who has another session
    "/mon-compte/services/arreter",  # for who uses a partner
}


@dataclass
class Statements:
    """Counts what SQLite is asked, whoever asks it."""

    number: int = 0

    def note(self, _: str) -> None:
        self.number += 1


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    address = f"http://127.0.0.1:{free_port()}"
    made = create_app(test_settings(sqlite_url, BROKER_ISSUER=address))
    yield made
    made.extensions["broker"][Database].engine.dispose()


@pytest.fixture
def walk(app: Flask) -> Iterator[PageWalk]:
    bench, statements = Bench(app), Statements()
    bench.registers(claire())
    engine = bench.of(Database).engine
    event.listen(engine, "checkout", lambda lent, *_: lent.set_trace_callback(statements.note))
    address = bench.of(Foundation).settings.issuer
    server = make_server("127.0.0.1", int(address.rpartition(":")[2]), app, threaded=True)
    Thread(target=server.serve_forever).start()
    meter = Meter(address, lambda: statements.number)
    yield PageWalk(
        meter, Insured(**IDENTITY, **PROOFS), "claire@exemple.fr", partial(received, bench)
    )
    server.shutdown()
    server.server_close()


def test_no_page_and_no_form_takes_more_than_its_statements(app: Flask, walk: PageWalk):
    for story in (walk.by_card, walk.by_app, walk.is_refused):
        story()

    answers = walk.meter.answers
    assert [each for each in answers if each.cost > MOST[each.method]] == []
    assert max(each.cost for each in answers) > 1, "nothing was counted"
    assert unseen(app, answers) == NOT_WALKED


def unseen(app: Flask, answers: list[Answer]) -> set[str]:
    """Return the pages of the creations, the account and the app that were not opened."""
    opened = {each.path for each in answers if each.method == "GET"}
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    return {rule.rule for rule in rules if rule.rule.startswith(PARTS)} - opened


def received(bench: Bench, address: str, pattern: re.Pattern[str]) -> list[str]:
    """Return what the mails that wait for an address say on such a line, newest first."""
    f = bench.of(Foundation)
    waiting = select(MAIL).where(MAIL.c.content.is_not(None)).order_by(MAIL.c.created_at.desc())
    texts = [
        f.vault.open(MAIL.c.content, row.content).replace("\r\n", "\n").replace("=\n", "")
        for row in f.db.all(waiting)
        if f.vault.open(MAIL.c.recipient, row.recipient) == address
    ]
    return [found[0] for text in texts if (found := pattern.findall(text))]
