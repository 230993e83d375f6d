"""Parts fail under load and come back: people are asked to wait, and hear of nobody else."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
import requests

from tests.support.account_holder import AccountHolder
from tests.support.edge_stack import plain
from tests.support.load import Answer, Load, medians
from tests.support.partner import REFRESHING, a_registration
from tests.support.people import without_account, write_register
from tests.support.postgres import PostgresCluster
from tests.support.remote_partner import counted, recorded
from tests.support.stack import READY, Stack, mails, wait_for
from tests.support.users import User, told

pytestmark = pytest.mark.processes
_REGISTERED, _USERS = 8, 4
_CALM, _AWAY = 3, 10  # seconds
_BACK = 30  # seconds within which all is as before
_LEAVES = {"password": "login.password.ok", "refresh": "refresh.ok"}
_ENDS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_PAGE = "Patientez une minute"


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL of these tests alone: it is killed under them."""
    with PostgresCluster.running() as running:
        yield running


@pytest.fixture(scope="module")
def stack(cluster: PostgresCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("faults")
    running = Stack(folder, cluster.new_database(), 2)
    running.prepare(write_register(folder / "people.csv", _REGISTERED))
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture(scope="module")
def holders(stack: Stack) -> Iterator[AccountHolder]:
    """People who have no account yet."""
    people = enumerate(without_account())
    return (AccountHolder(stack, who, f"panne{number}@exemple.fr") for number, who in people)


@pytest.fixture(scope="module")
def users(stack: Stack, holders: Iterator[AccountHolder]) -> list[User]:
    registered = a_registration(client_id="service", **REFRESHING)
    stack.register(registered)
    people = list(itertools.islice(holders, _USERS))
    with ThreadPoolExecutor() as threads:
        return list(threads.map(lambda person: User.of(person, registered), people))


@dataclass
class Outage:
    """What was seen of an outage of the database; moments are of ``time.monotonic``."""

    load: Load
    done_before: dict[str, int]
    waiting: AccountHolder
    """Somebody whose code could not leave before the outage."""
    ready: int = 0
    calm: list[Answer] = field(default_factory=list)
    away: list[Answer] = field(default_factory=list)
    back: float = 0.0
    logged_in: float = 0.0


@pytest.fixture(scope="module")
def outage(
    cluster: PostgresCluster, stack: Stack, users: list[User], holders: Iterator[AccountHolder]
) -> Iterator[Outage]:
    """Kill the database under load, keep it away for a while, start it again, and log in."""
    user, waiting, newcomer = users[0], users[1], next(holders)
    newcomer.creates_account()
    stack.kill("mailbox")
    assert waiting.gives_password().status_code == requests.codes.see_other
    acts = {**user.reads, "password": user.gives_password}
    with Load({(0, name): act for name, act in acts.items()}) as load:
        seen = Outage(load, _done(stack), waiting.person)
        seen.calm = _hear(load, _CALM)
        cluster.kill()
        seen.away = _hear(load, _AWAY)
        seen.ready = requests.get(f"{stack.url('broker')}/health/ready", timeout=10).status_code
        stack.start_mailbox()
        wait_for(stack.url("mailbox") + READY["mailbox"])
        cluster.start()
        seen.back = time.monotonic()
        _log_in(newcomer)
        seen.logged_in = time.monotonic()
        yield seen


def test_while_the_database_is_away_everybody_is_asked_to_wait(outage):
    assert {answer.name for answer in outage.away} == outage.load.acts.keys()
    assert {answer.status for answer in outage.away} == {503}
    assert {answer.response.headers["Retry-After"] for answer in outage.away} == {"30"}
    said = {
        (act, _PAGE in answer.response.text) for answer in outage.away for _, act in [answer.name]
    }
    assert said == {("page", True), ("password", True), ("userinfo", False), ("refresh", False)}
    assert outage.ready == 503


def test_half_a_minute_after_its_return_all_is_as_it_was(outage):
    usual = medians(outage.calm)
    slow, answers = dict(usual), outage.calm
    while slow:
        answers = _hear(outage.load, 2)
        now = medians(answers)
        slow = {name: now.get(name) for name in usual if now.get(name, 60) > 2 * usual[name]}
        assert time.monotonic() < outage.back + _BACK, slow

    assert outage.logged_in < outage.back + _BACK
    assert {answer.status for answer in answers} == {200, 303}


def test_what_was_answered_was_kept(outage, stack):
    answers, done = tuple(outage.load.answers), _done(stack)

    assert {answer.status for answer in answers} == {200, 303, 503}
    for act, before in outage.done_before.items():
        answered = [a for a in answers if a.name == (0, act) and a.status in {200, 303}]
        assert done[act] - before >= len(answered)


def test_a_mail_that_waited_leaves_once(outage, stack):
    assert len(mails(stack, outage.waiting.email, seconds=_BACK)) == 1


@pytest.mark.usefixtures("outage")
def test_the_trail_goes_on_being_sealed(stack):
    last = counted(stack, "SELECT max(position) FROM audit_leaf")
    deadline = time.monotonic() + _BACK
    while counted(stack, "SELECT max(position) FROM audit_leaf") == last:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    stack.command("audit", "verify")


def test_nobody_hears_of_somebody_else_while_parts_fail(stack, users):
    acts = {(n, name): act for n, user in enumerate(users) for name, act in user.reads.items()}
    with Load(acts) as load:
        for number, port in enumerate(stack.backends):
            with _connections_end(stack):
                time.sleep(3)
                stack.kill(f"server{number}")
                time.sleep(1)
            stack.start_server(number, port)
            wait_for(f"http://localhost:{port}/health/ready")

    marks = [{user.name, user.sub} for user in users]
    everybodys = set.union(*marks)
    assert len(everybodys) == 2 * _USERS
    assert {answer.status for answer in load.answers} == {200, 503, None}
    told_to = [
        (a.name, a.status, told(a.response)) for a in load.answers if a.response is not None
    ]
    for (number, act), status, text in told_to:
        heard = {mark for mark in everybodys if mark in text}
        assert heard <= marks[number], act
        assert bool(heard) == (status == 200), act
    calm = {name: [status for n, status, _ in told_to if n == name].count(200) for name in acts}
    assert min(calm.values()) > 10


def _hear(load: Load, seconds: float) -> list[Answer]:
    """Return what is answered from now on, until then."""
    start = time.monotonic()
    time.sleep(seconds)
    return load.between(start, time.monotonic())


def _done(stack: Stack) -> dict[str, int]:
    """Count what each act leaves in the trail."""
    return {act: recorded(stack, kind) for act, kind in _LEAVES.items()}


def _log_in(person: AccountHolder) -> None:
    """Log in as people do, who try again where they are told to."""
    deadline = time.monotonic() + 2 * _BACK
    while True:
        try:
            person.browser.opens("/connexion")
            person.logs_in()
        except StopIteration:  # a page without the form
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            break
    assert person.browser.opens("/mon-compte").status == requests.codes.ok


@contextmanager
def _connections_end(stack: Stack) -> Iterator[None]:
    """Let PostgreSQL end every connection of the service, again and again."""
    over = threading.Event()

    def end() -> None:
        with psycopg.connect(plain(stack.database_url), autocommit=True) as database:
            while not over.wait(0.3):
                database.execute(_ENDS)

    thread = threading.Thread(target=end)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
