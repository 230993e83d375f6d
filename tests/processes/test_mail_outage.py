"""The mail server is down, then back: the activation mail arrives once."""

import time

import pytest

from tests.support.account_holder import LINK

pytestmark = pytest.mark.processes


def test_mail_arrives_once_when_the_server_is_back(stack, newcomer):
    stack.kill("mailbox")
    person = newcomer()
    person.reaches_contact().submits(**person.contact)
    assert "Consultez votre messagerie" in person.browser.text
    time.sleep(3)

    stack.start_mailbox()

    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and not _arrived(person):
        time.sleep(1)
    time.sleep(2)
    assert len(person.received(LINK)) == 1


def _arrived(person) -> bool:
    try:
        return bool(person.received(LINK))
    except OSError:
        return False
