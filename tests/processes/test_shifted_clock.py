"""The whole service with its clock shifted from outside, by libfaketime."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import require
from tests.support.account_holder import LINK, AccountHolder
from tests.support.faketime import FAKETIME
from tests.support.people import without_account, write_register
from tests.support.stack import Stack, wait_for

pytestmark = pytest.mark.processes
_LINK_LIFE = 21 * 86_400  # seconds


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A database in which one person is registered."""
    folder = tmp_path_factory.mktemp("prepared")
    file = folder / "broker.db"
    Stack(folder, f"sqlite:///{file}").prepare(write_register(folder / "people.csv", 1))
    return file


@pytest.fixture
def stack(tmp_path, prepared):
    running = Stack(tmp_path, f"sqlite:///{shutil.copy(prepared, tmp_path)}")
    running.start_mailbox()
    wait_for(running.url("mailbox") + "/api/messages")
    yield running
    running.stop()


def serve(stack: Stack, *, shift: int, **options: str) -> None:
    """Start the broker, *shift* seconds from now."""
    require("libfaketime", present=FAKETIME is not None)
    stack.changes = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{shift:+}s", **options}
    stack.start_server(0, stack.backends[0])
    wait_for(stack.url("broker") + "/health/ready")


@pytest.mark.parametrize("options", [{}, {"DONT_FAKE_MONOTONIC": "1"}])
def test_mail_does_not_wait_for_the_shift_to_pass(stack, options):
    person = AccountHolder(stack, next(without_account()), "decalage@exemple.fr")
    serve(stack, shift=3 * 86_400, **options)

    person.creates_account()
    person.browser.opens("/connexion")
    person.logs_in()

    assert person.browser.url.endswith("/mon-compte")


@pytest.mark.parametrize(
    ("shift", "status"), [(_LINK_LIFE - 60, 200), (_LINK_LIFE + 1, 410)], ids=["before", "after"]
)
def test_activation_link_dies_with_the_twenty_first_day(stack, shift, status):
    person = AccountHolder(stack, next(without_account()), "decalage@exemple.fr")
    serve(stack, shift=0)
    person.reaches_contact().submits(**person.contact)
    link = person.newest(LINK)
    stack.kill("server0")

    serve(stack, shift=shift)

    assert person.browser.opens(link).status == status
