"""The service as it really runs: nginx, TLS, three sites, two nodes, a worker, Redis."""

import itertools
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.conftest import redis_required, require
from tests.support import nginx, sites
from tests.support.account_holder import AccountHolder
from tests.support.browsers import FLAGS
from tests.support.edge_stack import EdgeStack
from tests.support.people import Insured, without_account, write_register
from tests.support.person import Person
from tests.support.postgres import PostgresCluster
from tests.support.redis_server import RedisServer
from tests.support.watch import Watch

_people = without_account()
_numbers = itertools.count(1)
_REGISTERED = 80
# Everybody comes from one address here.
_ROOM = {"BROKER_LIMIT_ADDRESS_COUNT": "20000"}


@pytest.fixture(scope="session")
def edge_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    redis_required()
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def stack(
    postgres: PostgresCluster, edge_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EdgeStack]:
    """One service for every test here; each has people of its own."""
    require("nginx", present=nginx.PATH is not None)
    require("libnss-wrapper", present=sites.NSS_WRAPPER is not None)
    folder = tmp_path_factory.mktemp("edge")
    running = EdgeStack.on(postgres, folder, "edge", BROKER_REDIS_URL=edge_redis.url, **_ROOM)
    running.prepare(write_register(folder / "people.csv", _REGISTERED))
    running.start()
    yield running
    running.stop()
    running.require_no_leak()


@pytest.fixture(scope="session")
def chromium(stack: EdgeStack, playwright_driver: Playwright) -> Iterator[Browser]:
    """A browser that trusts the tests' authority and finds the three sites, and no other."""
    path = shutil.which("chromium")
    require("chromium", present=path is not None)
    require("certutil (libnss3-tools)", present=shutil.which("certutil") is not None)
    home = stack.sites.authority.trusted_home()
    rules = f"--host-resolver-rules={stack.sites.chromium_rules}"
    browser = playwright_driver.chromium.launch(
        executable_path=path, args=[*FLAGS, rules], env={"HOME": str(home)}
    )
    yield browser
    browser.close()


@pytest.fixture
def newcomer(chromium: Browser, stack: EdgeStack) -> Iterator[Callable[..., Person]]:
    """Return a function that seats a person at a browser, which must have no complaint."""
    watches = []

    def seat(*, javascript: bool = True, mobile: bool = False) -> Person:
        size = {"width": 360, "height": 740} if mobile else {"width": 1280, "height": 900}
        context = chromium.new_context(
            java_script_enabled=javascript,
            viewport=size,
            is_mobile=mobile,
            has_touch=mobile,
            locale="fr-FR",
        )
        context.set_default_timeout(15_000)
        watches.append(Watch(context, frozenset(sites.NAMES.values())))
        return Person(context.new_page(), stack, f"personne{next(_numbers)}@exemple.fr")

    yield seat
    for watch in watches:
        watch.context.close()
        watch.require_quiet()


@pytest.fixture
def insured() -> Insured:
    return next(_people)


@pytest.fixture
def holder(stack: EdgeStack) -> AccountHolder:
    """Somebody who created an account over plain HTTP, not logged in."""
    person = visitor(stack)
    person.creates_account()
    return person


def visitor(stack: EdgeStack) -> AccountHolder:
    """Return somebody without an account, in front of a browser without a screen."""
    person = AccountHolder(stack, next(_people), f"titulaire{next(_numbers)}@exemple.fr")
    person.browser.http = stack.session()
    return person
