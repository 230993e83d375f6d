"""How long every page and every form takes to answer; hashing and deliberate waits told apart."""

import contextlib
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from argon2 import PasswordHasher

from bench.table import Table
from bench.workshop import postgres
from broker.base.settings import Settings
from tests.support.page_walk import Answer, Meter, PageWalk
from tests.support.people import Insured, without_account, write_register
from tests.support.stack import Stack, mails

_ROUNDS = 20
_AIM = 100  # milliseconds at the median, hashing and waits apart
_LOGIN = "test"  # whom FranceConnect knows; the account is closed at the end of each walk
_COST = {
    name: Settings.model_fields[name].default
    for name in ("password_time_cost", "password_memory_cost", "link_answer_seconds")
}
"""As in production."""
_HASHES = {
    "/connexion": 1,
    "/app/connexion": 1,
    "/app/compte": 1,
    "/creation-compte/mot-de-passe": 1,
    "/nouveau-mot-de-passe": 1,
    "/mon-compte/mot-de-passe": 2,
    "/mon-compte/adresse-e-mail": 1,
    "/mon-compte/mes-donnees": 1,
    "/mon-compte/fermeture": 1,
}
"""Passwords that a form hashes or compares, where it is not sent back for its token."""
_WAITS = {"/creation-compte/renvoyer", "/mot-de-passe-oublie"}
"""Forms whose answer takes one time on purpose, whatever came of it."""
_READ = {200, 303, 422}
Key = tuple[str, str, int]


@dataclass
class Bench:
    """Milliseconds by request and database, and those of one hash."""

    answers: dict[Key, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    hashes: list[float] = field(default_factory=list)

    def note(self, database: str, answers: Sequence[Answer]) -> None:
        """Keep what a walk took."""
        for each in answers:
            key = (each.method, each.path, each.status)
            self.answers[key][database].append(1000 * each.cost)

    def hash_once(self) -> None:
        """Hash one password, as the service does, on the same busy machine."""
        hasher = PasswordHasher(
            time_cost=_COST["password_time_cost"],
            memory_cost=_COST["password_memory_cost"],
            parallelism=1,
        )
        started = time.perf_counter()
        hasher.hash("Tulipes&Violon7")
        self.hashes.append(1000 * (time.perf_counter() - started))

    def rows(self) -> Iterator[list[object]]:
        """Yield one request a row, the slowest first: p50 and p95 on each, what is apart."""
        rows = [self._row(key, found) for key, found in self.answers.items()]
        yield from sorted(rows, key=lambda row: -max(row[-1], row[-2]))

    def _row(self, key: Key, found: dict[str, list[float]]) -> list[object]:
        method, path, status = key
        posted = method == "POST" and status in _READ
        hashes = _HASHES.get(path, 0) if posted else 0
        wait = 1000 * _COST["link_answer_seconds"] if posted and path in _WAITS else 0
        on_purpose = hashes * statistics.median(self.hashes) + wait
        taken = [found[database] for database in _DATABASES]
        figures = [round(share, 1) for each in taken for share in _shares(each)]
        apart = [max(0.0, round(statistics.median(each) - on_purpose, 1)) for each in taken]
        return [f"{method} {path} {status}", *figures, round(on_purpose), *apart]


_DATABASES = ("SQLite", "PostgreSQL")
_COLUMNS = ("", "SQLite p50", "p95", "PostgreSQL p50", "p95", "on purpose", "SQLite", "PostgreSQL")


def measure(folder: Path, _size: int, rounds: int = _ROUNDS) -> Iterator[Table]:
    """Give p50 and p95 of every request of a walk through all pages, and p50 without hashing."""
    bench, numbers = Bench(), count(1)
    with _services(folder, rounds) as stacks:
        people = list(without_account())
        _walks(Bench(), stacks, people[:2], numbers)  # templates and connections
        for each in range(1, rounds + 1):
            _walks(bench, stacks, people[2 * each :][:2], numbers)
    rows = list(bench.rows())
    slow = [row[0] for row in rows if max(row[-1], row[-2]) > _AIM]
    notes = (
        f"one hash: p50 {statistics.median(bench.hashes):.1f} ms; {rounds} rounds by turns",
        f"above {_AIM} ms at the median: {', '.join(map(str, slow)) or 'none'}",
    )
    yield Table("Milliseconds until the answer, one person at a time", _COLUMNS, rows, notes)


def _walks(
    bench: Bench, stacks: dict[str, Stack], people: Sequence[Insured], numbers: Iterator[int]
) -> None:
    """Let the same two people do everything once on each database."""
    by_card, by_app = people
    for database, stack in stacks.items():
        walks = [
            (by_card, lambda walk: walk.is_refused()),
            (by_card, lambda walk: walk.by_card()),
            (by_app, lambda walk: walk.by_app()),
            (by_app, lambda walk: walk.by_franceconnect(_LOGIN)),
        ]
        for insured, does in walks:
            meter = Meter(stack.url("broker"), time.perf_counter)
            email = f"personne{next(numbers)}@exemple.fr"
            does(PageWalk(meter, insured, email, partial(_received, stack)))
            meter.close()
            bench.note(database, meter.answers)
            bench.hash_once()


def _received(stack: Stack, address: str, pattern: re.Pattern[str]) -> list[str]:
    texts = (mail["text"] for mail in mails(stack, address, at_least=0))
    return [found[0] for text in texts if (found := pattern.findall(text))]


@contextlib.contextmanager
def _services(folder: Path, rounds: int) -> Iterator[dict[str, Stack]]:
    """Run the service on both databases, each with the programs around it."""
    register = write_register(folder / "register.csv", 2 * (rounds + 1))
    changes = {f"BROKER_{name.upper()}": str(value) for name, value in _COST.items()}
    with postgres(folder) as server, contextlib.ExitStack() as ends:
        urls = (f"sqlite:///{folder / 'broker.db'}", server.database("pages"))
        stacks = {
            name: Stack(folder / name, url, changes=changes)
            for name, url in zip(_DATABASES, urls, strict=True)
        }
        for stack in stacks.values():
            ends.callback(stack.stop)
            stack.prepare(register)
            stack.start()
        stacks["PostgreSQL"].start_worker()  # on SQLite the server has one in itself
        yield stacks


def _shares(taken: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p95."""
    return statistics.median(taken), sorted(taken)[int(0.95 * len(taken))]
