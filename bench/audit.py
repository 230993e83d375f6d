"""How long the console's questions and a lineage take over a large trail, on PostgreSQL."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psycopg

from bench.table import Row, Table
from bench.workshop import environment, postgres
from broker.app import create_app
from broker.audit.asking import Asked, SavedQuestion, Sources
from broker.audit.event_ids import EventIds
from broker.audit.evidence import Evidence
from broker.audit.lineage import tree
from broker.audit.log import AuditLog, canonical
from broker.audit.questions import SAVED
from broker.audit.sealer import Sealer
from broker.audit.timeline import Question as Search
from broker.audit.timeline import Timeline
from broker.audit.verification import Verification
from broker.base.db import Database
from broker.base.settings import load_settings
from broker.console.questions import Questions
from broker.foundation import Foundation, Services, of

_DAYS = 30  # over which the trail is spread
_TRIES = 5  # of each question; the median counts
_PEOPLE = 200_000
_PROVED = 100  # events
_END = datetime(2026, 11, 1, tzinfo=UTC)
_COLUMNS = ("event_id", "type", "time", "subject_ref", "client_id", "auth_event_id",
            "interaction_id", "txn", "request_id", "made_ref", "made_jti", "body",
            "mac")  # fmt: skip
_LOGIN = (
    "login.password.ok", "otp.sent", "otp.ok", "session.created", "authz.requested", "code.issued",
    "code.redeemed", "token.issued", "token.introspected", "userinfo.read",
)  # fmt: skip
_TOKENS = {"token.issued", "token.introspected", "userinfo.read"}
_CODES = {"code.issued", "code.redeemed", *_TOKENS}
_RARE = {  # what one login in so many adds
    9: ("login.password.failed",),
    90: ("login.password.failed", "otp.failed", "login.password.throttled"),
    400: ("account.create.refused", "mail.refused", "fc.callback.refused"),
    900: ("refresh.reuse", "code.replayed", "identifier.email.changed", "console.viewed"),
}
Body = dict[str, Any]


class _Login(NamedTuple):
    """One login, told by its rank: whose, from where, and what it made."""

    rank: int

    def name(self, of: str, size: int = 32) -> str:
        return hashlib.sha256(f"{of}{self.rank}".encode()).hexdigest()[:size]

    @property
    def subject(self) -> str:
        person = self.rank * 7_919 % _PEOPLE
        return hashlib.sha256(f"person{person}".encode()).hexdigest()[:43]

    @property
    def source(self) -> Body:
        third, fourth = self.rank * 31 // 256 % 256, self.rank * 31 % 256
        return {"ip": f"10.{self.rank % 64}.{third}.{fourth}", "port": 40_000, "ua": "Firefox/140"}

    def types(self) -> Iterator[str]:
        """Yield what happened, in order."""
        for often, types in _RARE.items():
            if self.rank % often == 0:
                yield from types
        yield from _LOGIN


def measure(folder: Path, size: int) -> Iterator[Table]:
    """Fill a trail with so many events of logins, then ask each question of its last day."""
    with postgres(folder) as server:
        url = server.database("trail")
        places = folder / "places.csv"
        _write_places(places)
        settings = {**environment(url), "BROKER_PLACES": str(places)}
        services = create_app(load_settings(settings)).extensions["broker"]
        seconds = _fill(url, size, services[Foundation].audit)
        notes = (
            f"{size:,} events over {_DAYS} days, taken in {seconds:,.0f} s; median of {_TRIES}",
            server.settings(),
        )
        rows = _asked(services, size)
        yield Table("Questions to the trail", ("question", "rows", "ms"), rows, notes)
        yield Table("Its proof", ("what", "events", "s", "events/s"), [*_proved(services)])
        services[Database].engine.dispose()


def _fill(url: str, size: int, audit: AuditLog) -> float:
    started = time.perf_counter()
    uri = url.replace("postgresql+psycopg://", "postgresql://")
    taking = f"COPY audit_event ({','.join(_COLUMNS)}) FROM STDIN"
    with psycopg.connect(uri, autocommit=True) as connection:
        with connection.cursor() as cursor, cursor.copy(taking) as copy:
            for row in _rows(size):
                copy.write_row((*row, *audit.marks([str(row[-1])])))
        connection.execute("VACUUM ANALYZE audit_event")
    return time.perf_counter() - started


def _rows(size: int) -> Iterator[tuple[object, ...]]:
    step, begin = timedelta(days=_DAYS) / size, _END - timedelta(days=_DAYS)
    made, rank = 0, 0
    while True:
        login = _Login(rank)
        for kind in login.types():
            if made == size:
                return
            yield _row(login, kind, begin + step * made)
            made += 1
        rank += 1


def _row(login: _Login, kind: str, moment: datetime) -> tuple[object, ...]:
    (event_id,) = EventIds().at(moment, 1)
    body: Body = {
        "v": 1,
        "event_id": event_id,
        "type": kind,
        "time": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "outcome": "failure" if "fail" in kind or "refused" in kind else "success",
        "retention": "security",
        "subject_ref": login.subject,
        "auth_event_id": login.name("login", 10),
        "browsing_session_id": login.name("browser"),
        "session_ref": login.name("session"),
        "request_id": login.name(kind, 10),
        "client_id": f"partner{login.rank % 40}",
        "src": login.source,
        "http": {"method": "POST", "route": "/authorize"},
    }
    made_ref = made_jti = None
    if kind in _CODES:
        body["code_ref"] = login.name("code")
    if kind in _TOKENS or kind == "refresh.reuse":
        body["token"] = {
            "kind": "access", "hash_prefix": login.name("token"), "jti": login.name("jti"),
            "family_id": login.name("code"), "generation": 0,
        }  # fmt: skip
    if kind == "token.issued":
        made_ref, made_jti = login.name("token"), login.name("jti")
    elif kind in {"code.issued", "session.created"}:
        made_ref = login.name(kind.partition(".")[0])
    return (
        event_id, kind, moment, login.subject, body["client_id"], body["auth_event_id"], None,
        None, body["request_id"], made_ref, made_jti, canonical(body),
    )  # fmt: skip


def _write_places(file: Path) -> None:
    """Put each network somewhere else on a meridian."""
    lines = (f"10.{n}.0.0/16,FR,{n},0,{64_512 + n}\n" for n in range(64))
    file.write_text("prefix,country,lat,lon,asn\n" + "".join(lines))


def _proved(services: Services) -> Iterator[Row]:
    """Seal the whole trail, sign it, verify it, and prove single events."""
    sealer, verification = of(services, Sealer), of(services, Verification)
    started = time.perf_counter()
    sealed = sealer.seal()
    yield _lasted("sealing", sealed, time.perf_counter() - started)
    sealer.sign_when_due()
    started = time.perf_counter()
    report = verification.run()
    if report.flaws:
        raise AssertionError(report.flaws)
    yield _lasted("verification", sealed, time.perf_counter() - started)
    found = next(iter(sealer.store.leaves()))[:_PROVED]
    bodies = [of(services, Timeline).body(leaf.event_id) or "" for leaf in found]
    started = time.perf_counter()
    for body in bodies:
        Evidence.newest(sealer.store).event(body)
    yield _lasted("proof of an event", len(bodies), time.perf_counter() - started)


def _lasted(what: str, events: int, seconds: float) -> Row:
    return what, events, seconds, events / seconds


def _asked(services: Services, size: int) -> list[Row]:
    sources = of(services, Questions).sources
    login = _Login(size // (2 * len(_LOGIN)))
    rows = [_timed(question, sources, login) for question in SAVED.values()]
    lineage, timeline = sources.lineage, of(services, Timeline)
    rows.append(_measured("lineage", lambda: tree(lineage.find(login.name("token")).events)))
    for name in ("session", "jti"):
        sought = Search(terms=(login.name(name),))
        rows.append(_measured(f"search: {name}", lambda: timeline.page(sought).events))  # noqa: B023 - called at once
    return rows


def _timed(question: SavedQuestion, sources: Sources, login: _Login) -> Row:
    named = {"of_login": login.name("login", 10), "mail_reference": login.name("login", 10),
             "person": login.subject, "token": login.name("token"), "family": login.name("code"),
             "tokens_alive": "partner0"}  # fmt: skip
    asked = Asked(
        since=_END - timedelta(days=1),
        until=_END,
        identifier=named.get(question.name, ""),
        network=ip_network("10.1.2.0/24"),
        at_least=question.at_least,
    )
    return _measured(question.name, lambda: list(question.read(sources, asked)))


def _measured(name: str, ask: Callable[[], Sequence[object]]) -> Row:
    taken = []
    for _ in range(_TRIES):
        started = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - started) * 1_000)
    return name, len(answer), median(taken)
