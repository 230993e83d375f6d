"""mod_auth_openidc of Debian, unmodified: login, logout asked there, logout told to it."""

import time
from collections.abc import Iterator

import pytest
import requests

from tests.conftest import require
from tests.support.account_holder import AccountHolder
from tests.support.apache import MODULES, PATH, Apache
from tests.support.partner import SECRET, a_registration
from tests.support.stack import Stack, wait_for

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def apache(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apache]:
    """A site that is registered as its guide says: one address for everything, the query tells."""
    installed = PATH is not None and (MODULES / "mod_auth_openidc.so").exists()
    require("apache2 with mod_auth_openidc", present=installed)
    folder = tmp_path_factory.mktemp("site")
    site = Apache(folder / "apache", stack.url("broker"), "apache", SECRET)
    registration = a_registration(
        client_id="apache",
        redirect_uris=[site.redirect_uri],
        post_logout_redirect_uris=[f"{site.address}/"],
        backchannel_logout_uri=f"{site.redirect_uri}?logout=backchannel",
        backchannel_logout_session_required=True,
    )
    stack.register(registration)
    site.start()
    wait_for(f"{site.address}/")
    yield site
    site.stop()


class Reader:
    """A person's browser: one part of it is at the site, the other at the provider."""

    def __init__(self, apache: Apache, holder: AccountHolder) -> None:
        self.apache = apache
        self.holder = AccountHolder(holder.stack, holder.insured, holder.email)
        self.site = requests.Session()

    def asks(self, address: str) -> requests.Response:
        return self.site.get(address, allow_redirects=False, timeout=10)

    def opens_private_page(self) -> requests.Response:
        return self.asks(f"{self.apache.address}/prive/")

    def logs_in(self) -> requests.Response:
        leaving = self.opens_private_page().headers["Location"]
        back = self.apache.redirect_uri
        self.holder.browser.opens(leaving, until=back)
        self.holder.logs_in(until=back)
        arrived = self.asks(self.holder.browser.arrived)
        return self.asks(arrived.headers["Location"])


@pytest.fixture
def reader(apache: Apache, holder: AccountHolder) -> Reader:
    return Reader(apache, holder)


def is_sent_to_the_provider(answer: requests.Response, stack: Stack) -> bool:
    return answer.headers.get("Location", "").startswith(f"{stack.url('broker')}/authorize?")


def test_the_module_logs_a_person_in(reader: Reader, stack: Stack) -> None:
    before = reader.opens_private_page()

    page = reader.logs_in()

    assert is_sent_to_the_provider(before, stack)
    assert "code_challenge_method=S256" in before.headers["Location"]
    assert page.status_code == 200
    assert page.headers["Nom"] == reader.holder.insured.nom
    assert "@" in page.headers["Personne"]  # sub@issuer, as the module names people


def test_a_logout_asked_at_the_site_ends_both_sessions(reader: Reader, stack: Stack) -> None:
    reader.logs_in()
    home = f"{reader.apache.address}/"

    leaving = reader.asks(f"{reader.apache.redirect_uri}?logout={home}")
    reader.holder.browser.opens(leaving.headers["Location"], until=home)

    assert leaving.headers["Location"].startswith(f"{stack.url('broker')}/end-session?")
    assert reader.holder.browser.arrived.startswith(home)
    assert is_sent_to_the_provider(reader.opens_private_page(), stack)
    account = reader.holder.browser.opens("/mon-compte")
    assert "mot_de_passe" in str(account.forms)


def test_a_logout_elsewhere_ends_the_session_at_the_site(reader: Reader, stack: Stack) -> None:
    reader.logs_in()
    account = reader.holder.browser.opens("/mon-compte")
    leave = next(i for i, form in enumerate(account.forms) if form.action == "/deconnexion")

    account.submits(form=leave)

    is_out_before_long(reader, stack)
    sent = stack.events("--type", "logout.notice.sent", "--reason", "logout")[-1]
    assert (sent["client_id"], sent["outcome"]) == ("apache", "success")


def test_a_site_that_is_switched_off_ends_its_sessions(reader: Reader, stack: Stack) -> None:
    reader.logs_in()

    stack.command("clients", "disable", "apache")

    is_out_before_long(reader, stack)
    stack.command("clients", "enable", "apache")


def is_out_before_long(reader: Reader, stack: Stack) -> None:
    deadline = time.monotonic() + 30
    while not is_sent_to_the_provider(reader.opens_private_page(), stack):
        assert time.monotonic() < deadline
        time.sleep(0.2)
