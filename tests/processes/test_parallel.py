"""Twenty at once over two processes: exactly one effect each."""

import threading
from collections.abc import Callable

import psycopg
import pytest
import requests

from tests.support.account_holder import CODE, LINK, AccountHolder
from tests.support.person import PASSWORD
from tests.support.stack import Stack

pytestmark = pytest.mark.processes


def twenty_times(act: Callable[[], requests.Response]) -> list[int]:
    """Do it twenty times at once; return the statuses."""
    barrier, statuses = threading.Barrier(20), []

    def run() -> None:
        barrier.wait()
        statuses.append(act().status_code)

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def count(stack: Stack, statement: str, *values: str) -> int:
    url = stack.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        row = connection.execute(statement, values).fetchone()
    assert row
    return int(row[0])


def submission(person: AccountHolder, **answers: str) -> Callable[[], requests.Response]:
    """Return a function that posts the present form, each time over its own connection."""
    form = person.browser.forms[0]
    cookies = person.browser.http.cookies.get_dict()
    url = requests.compat.urljoin(person.browser.url, form.action)
    fields = {**form.fields, **answers}
    return lambda: requests.post(
        url, data=fields, cookies=cookies, allow_redirects=False, timeout=60
    )


def test_twenty_completions_of_one_journey_open_one_account(stack, newcomer):
    person = newcomer()
    person.reaches_contact()
    before = count(stack, "SELECT count(*) FROM account")

    statuses = twenty_times(submission(person, **person.contact))

    assert max(statuses) < 500
    assert count(stack, "SELECT count(*) FROM account") == before + 1
    assert len(person.received(LINK)) <= 1


def test_twenty_activations_activate_once(stack, newcomer):
    person = newcomer()
    person.reaches_contact().submits(**person.contact)
    person.browser.opens(person.newest(LINK))

    statuses = twenty_times(submission(person))

    subjects = [event["subject_ref"] for event in stack.events("--type", "account.activated")]
    assert max(statuses) < 500
    assert statuses.count(303) == 1
    assert len(subjects) == len(set(subjects))


def test_twenty_right_codes_open_one_session(stack, newcomer):
    person = newcomer()
    person.creates_account()
    person.browser.opens("/connexion").submits(
        form=person.browser.form_with("mot_de_passe"),
        nir=person.insured.nir,
        mot_de_passe=PASSWORD,
    )
    before = len(stack.events("--type", "session.created"))

    statuses = twenty_times(submission(person, code=person.newest(CODE)))

    assert max(statuses) < 500
    assert len(stack.events("--type", "session.created")) == before + 1


def test_twenty_journeys_for_one_number_leave_one_account(stack, newcomer):
    first = newcomer()
    people = [
        AccountHolder(stack, first.insured, f"foule{number}@exemple.fr") for number in range(6)
    ]
    for person in people:
        person.reaches_contact()
    acts = iter([submission(person, **person.contact) for person in people])
    before = count(stack, "SELECT count(*) FROM account")

    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count(stack, "SELECT count(*) FROM account") == before + 1
