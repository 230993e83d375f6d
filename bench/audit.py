"""How long the console's questions, a lineage, seals and proofs take on a large trail."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from statistics import median

import psycopg
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.schema import CreateIndex, DropIndex

from bench.logins import A_DAY, BLOCK, COLUMNS, END, Login, Logins
from bench.table import Row, Table
from bench.workshop import environment, postgres
from broker.app import create_app
from broker.audit.lineage.growth import tree
from broker.audit.proofs.evidence import Evidence
from broker.audit.proofs.verification import Verification
from broker.audit.questions.asking import Asked, SavedQuestion, Sources
from broker.audit.questions.every import SAVED
from broker.audit.questions.timeline import Question as Search
from broker.audit.questions.timeline import Timeline
from broker.audit.sealing.sealer import Sealer
from broker.audit.store import EVENT
from broker.base.db import Database
from broker.base.parallel import in_order
from broker.base.settings import load_settings
from broker.console.questions import Questions
from broker.foundation import Foundation, Services, of

_TRIES = 5  # of each question; the median counts
_SEALED = 1_000_000  # events at most that are sealed, verified and proved
_PROVED = 100  # events
_DAY = timedelta(days=1)
_PROCESSES = os.cpu_count() or 1


_WINDOWS = {"early": 0.2, "in the middle": 0.55, "last": 1.0}  # where in the trail they end


def measure(folder: Path, size: int) -> Iterator[Table]:
    """Fill a trail with so many events of logins, seal its first ones, ask each question of it."""
    with postgres(folder) as server:
        url = server.database("trail")
        places = folder / "places.csv"
        _write_places(places)
        settings = {**environment(url), "BROKER_PLACES": str(places)}
        services = create_app(load_settings(settings)).extensions["broker"]
        logins = Logins(size, services[Foundation].audit)
        uri = url.replace("postgresql+psycopg://", "postgresql://")
        first = min(logins.count, Logins(_SEALED, logins.audit).count)
        _index(uri, present=False)
        seconds = _load(uri, logins, range(first))
        yield Table("Its proof", ("what", "events", "s", "events/s"), [*_proved(services)])
        seconds += _load(uri, logins, range(first, logins.count))
        _index(uri, present=True)
        notes = (
            f"at least {size:,} events, {A_DAY:,} a day, loaded in {seconds:,.0f} s",
            f"milliseconds, median of {_TRIES}, in windows of 24 hours",
            server.settings(),
        )
        columns = ("question", "rows", *_WINDOWS)
        yield Table("Questions", columns, _asked(services, logins), notes)
        services[Database].engine.dispose()


def _load(uri: str, logins: Logins, ranks: range) -> float:
    started = time.perf_counter()
    blocks = (ranks[at : at + BLOCK] for at in range(0, len(ranks), BLOCK))
    taking = f"COPY audit_event ({','.join(COLUMNS)}) FROM STDIN"
    with psycopg.connect(uri, autocommit=True) as connection:
        with connection.cursor() as cursor, cursor.copy(taking) as copy:
            for lines in in_order(logins, blocks, processes=_PROCESSES, alone=0):
                copy.write(lines)
        connection.execute("VACUUM ANALYZE audit_event")
    return time.perf_counter() - started


def _index(uri: str, *, present: bool) -> None:
    """Make the indexes, or drop them: rows come in many times faster without."""
    change = CreateIndex if present else DropIndex
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        for index in EVENT.indexes:
            connection.execute(str(change(index).compile(dialect=dialect())).encode())


def _write_places(file: Path) -> None:
    """Put each network somewhere else on a meridian."""
    lines = (f"10.{n}.0.0/16,FR,{n},0,{64_512 + n}\n" for n in range(64))
    file.write_text("prefix,country,lat,lon,asn\n" + "".join(lines))


def _proved(services: Services) -> Iterator[Row]:
    """Seal what is there, sign it, verify it, and prove single events of any age."""
    sealer, verification = of(services, Sealer), of(services, Verification)
    started = time.perf_counter()
    sealed = sealer.seal()
    yield _lasted("sealing", sealed, time.perf_counter() - started)
    sealer.sign_when_due()
    started = time.perf_counter()
    report = verification.run(processes=_PROCESSES)
    if report.flaws:
        raise AssertionError(report.flaws)
    yield _lasted("verification", sealed, time.perf_counter() - started)
    places = range(0, sealed, -(-sealed // _PROVED))
    taken = [_proof(services, place) for place in places]
    yield _lasted("making and checking proofs", len(taken), sum(taken))
    yield _lasted("the slowest of them", 1, max(taken))


def _proof(services: Services, position: int) -> float:
    """Return the seconds from knowing the id of an event to its proof, checked."""
    store = of(services, Sealer).store
    (leaf,) = store.leaves(position, position)
    started = time.perf_counter()
    body = of(services, Timeline).body(leaf.event_id) or ""
    Evidence.newest(store).event(body)
    return time.perf_counter() - started


def _lasted(what: str, events: int, seconds: float) -> Row:
    return what, events, seconds, events / seconds


def _asked(services: Services, logins: Logins) -> list[Row]:
    sources, timeline = of(services, Questions).sources, of(services, Timeline)
    ends = [END - logins.lasting * (1 - part) for part in _WINDOWS.values()]
    those = [(end, logins.at(end - min(_DAY, logins.lasting / 5) / 2)) for end in ends]
    rows = [
        _row(question.name, [_asking(question, sources, *each) for each in those])
        for question in SAVED.values()
    ]
    named = [
        _row(f"search: {name}", [_search(timeline, login, name) for _, login in those])
        for name in ("session", "jti")
    ]
    return [*rows, _row("lineage", [_lineage(sources, login) for _, login in those]), *named]


def _lineage(sources: Sources, login: Login) -> Callable[[], Sequence[object]]:
    return lambda: tree(sources.lineage.find(login.name("token")).events)


def _search(timeline: Timeline, login: Login, name: str) -> Callable[[], Sequence[object]]:
    sought = Search(terms=(login.name(name),))
    return lambda: timeline.page(sought).events


def _asking(
    question: SavedQuestion, sources: Sources, until: datetime, login: Login
) -> Callable[[], Sequence[object]]:
    named = {"of_login": login.name("login", 10), "mail_reference": login.name("login", 10),
             "person": login.subject, "token": login.name("token"), "family": login.name("code"),
             "tokens_alive": login.client_id}  # fmt: skip
    asked = Asked(
        since=until - _DAY,
        until=until,
        identifier=named.get(question.name, ""),
        network=ip_network("10.1.2.0/24"),
        at_least=question.at_least,
    )
    return lambda: list(question.read(sources, asked))


def _row(name: str, asking: Sequence[Callable[[], Sequence[object]]]) -> Row:
    answers = [_measured(ask) for ask in asking]
    return name, max(rows for rows, _ in answers), *(taken for _, taken in answers)


def _measured(ask: Callable[[], Sequence[object]]) -> tuple[int, float]:
    """Return how many rows the answer has, and the median of the milliseconds."""
    taken = []
    for _ in range(_TRIES):
        started = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - started) * 1_000)
    return len(answer), median(taken)
