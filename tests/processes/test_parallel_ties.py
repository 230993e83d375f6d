"""The tie of FranceConnect, twenty times at once over two processes on PostgreSQL."""

import itertools
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.conftest import ROOT
from tests.processes.test_parallel import count, submission, twenty_times
from tests.support.account_holder import CODE, AccountHolder
from tests.support.people import at_franceconnect
from tests.support.person import PASSWORD
from tests.support.stack import Stack

pytestmark = pytest.mark.processes
CITIZENS = (("sans_nom_dusage", "DUPONT"), ("avec_nom_dusage", "MERCIER"))
_mailboxes = itertools.count(1)


@pytest.fixture(scope="module")
def citizens(stack: Stack) -> Iterator[tuple[str, str]]:
    stack.command("insured", "import", str(ROOT / "data/demo_records.csv"))
    return iter(CITIZENS)


@pytest.fixture
def tying(stack: Stack, citizens: Iterator[tuple[str, str]]) -> tuple[AccountHolder, str]:
    """Somebody with an account, and who they are at FranceConnect."""
    login, birth_name = next(citizens)
    email = f"relie{next(_mailboxes)}@exemple.fr"
    person = AccountHolder(stack, at_franceconnect(birth_name), email)
    person.creates_account()
    return person, login


def accepts(person: AccountHolder, login: str) -> str:
    """Accept the tie that is offered, up to the code; return the code."""
    codes = len(person.received(CODE))
    page = person.identifies_at_franceconnect(login)
    page.submits(
        form=page.form_with("mot_de_passe"), nir=person.insured.nir, mot_de_passe=PASSWORD
    )
    return person.newest(CODE, codes + 1)


def happened(stack: Stack, kind: str) -> int:
    return count(stack, "SELECT count(*) FROM audit_event WHERE type = %s", kind)


def mailed(stack: Stack, kind: str) -> int:
    return count(stack, "SELECT count(*) FROM outgoing_mail WHERE kind = %s", kind)


def test_twenty_right_codes_tie_once_and_twenty_requests_untie_once(stack, tying):
    person, login = tying
    code = accepts(person, login)
    linked, unlinked = happened(stack, "fc.linked"), happened(stack, "fc.unlinked")
    sessions = happened(stack, "session.created")

    tied = twenty_times(submission(person, code=code))

    assert max(tied) < 500
    assert happened(stack, "fc.linked") == linked + 1
    assert happened(stack, "session.created") == sessions + 1
    assert mailed(stack, "franceconnect_tied") == 1

    person.browser.submits(form=person.browser.form_with("code"), code=code)
    person.browser.opens("/mon-compte/franceconnect")
    untied = twenty_times(the_form(person, "/mon-compte/franceconnect"))

    assert max(untied) < 500
    assert happened(stack, "fc.unlinked") == unlinked + 1
    assert mailed(stack, "franceconnect_untied") == 1
    assert "deadlock" not in stack.logs()


def test_one_answer_of_franceconnect_twenty_times_brings_one_identity(stack, tying):
    person, login = tying
    callback = f"{stack.url('broker')}/franceconnect/callback"
    person.identifies_at_franceconnect(login, until=callback)
    verified = happened(stack, "fc.callback.ok")
    cookies = person.browser.http.cookies.get_dict()

    answers = twenty_times(
        lambda: requests.get(
            person.browser.arrived, cookies=cookies, allow_redirects=False, timeout=60
        )
    )

    assert max(answers) < 500
    assert answers.count(303) == 1
    assert happened(stack, "fc.callback.ok") == verified + 1


def the_form(person: AccountHolder, action: str) -> Callable[[], requests.Response]:
    """Return a function that posts the form of the page that goes there."""
    forms = person.browser.forms
    rank = next(i for i, form in enumerate(forms) if form.action.endswith(action))
    url = requests.compat.urljoin(person.browser.url, forms[rank].action)
    cookies = person.browser.http.cookies.get_dict()
    return lambda: requests.post(
        url, data=forms[rank].fields, cookies=cookies, allow_redirects=False, timeout=60
    )
