"""The places where secrets are typed, as an attacker's program uses them."""

import re
import secrets
from collections.abc import Callable
from urllib.parse import urljoin

import pyotp
import requests

from tests.support.account_holder import AccountHolder
from tests.support.besieged import Besieged
from tests.support.key_partner import DPoPKey
from tests.support.own_app import CHALLENGE, FIRST_PARTY
from tests.support.people import Insured
from tests.support.person import PASSWORD
from tests.support.siege import Act, Answer
from tests.support.visitor import Visitor

THROTTLED = 429
Door = Callable[[Visitor, str, str], Answer]
"""Gives number and password from that browser."""
_API = "/api/v1/creations"
CHALLENGED = {
    "response_type": "code",
    "scope": "openid",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636, appendix B
    "code_challenge_method": "S256",
}
"""A request, but for its client and where to go back to."""
_SECRET = re.compile(r'class="secret">([A-Z2-7 ]+)<')


def digits(number: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(number))


def wrong_password() -> str:
    return f"{PASSWORD}{digits(6)}"


def holder(service: Besieged) -> AccountHolder:
    """Return somebody who has just opened an account."""
    person = service.newcomer()
    person.creates_account()
    return person


def answer_of(response: requests.Response | None) -> Answer:
    """Read what an answer tells: too many, hence not compared, or compared."""
    assert response is not None
    assert response.status_code < requests.codes.internal_server_error, response.text[:500]
    wait = response.headers.get("Retry-After")
    return Answer(response.status_code != THROTTLED, int(wait) if wait else None)


def login_page(path: str) -> Door:
    """Return the door of pages: the site's or the app's."""

    def enter(browser: Visitor, nir: str, password: str) -> Answer:
        form = browser.opens(path).form_with("mot_de_passe")
        browser.submits(form=form, nir=nir, mot_de_passe=password)
        return answer_of(browser.response)

    return enter


def own_screens(service: Besieged) -> Door:
    """Return the door of an app's own screens, each installation with a key of its own."""
    address = service.stack.url("broker")

    def enter(browser: Visitor, nir: str, password: str) -> Answer:
        key = DPoPKey()

        def asks(**form: str) -> requests.Response:
            proof = key.proof(CHALLENGE, int(service.now), issuer=address)
            body = {"client_id": FIRST_PARTY["client_id"], **form}
            return browser.http.post(
                address + CHALLENGE, data=body, headers={"DPoP": proof}, timeout=60
            )

        begun = asks(**CHALLENGED)
        assert begun.status_code == requests.codes.forbidden, begun.text[:500]  # a step is next
        thread = begun.json()["auth_session"]
        return answer_of(asks(auth_session=thread, nir=nir, password=password))

    return enter


def submission(browser: Visitor, form: int, **answers: str) -> Callable[[], requests.Response]:
    """Return a function that posts that form as often as it is called, even at once."""
    chosen, url = browser.forms[form], browser.url
    sent = {
        "data": {**chosen.fields, **answers},
        "cookies": browser.http.cookies.get_dict(),
        "headers": dict(browser.http.headers),
    }
    target = urljoin(url, chosen.action)
    return lambda: requests.post(target, allow_redirects=False, timeout=60, **sent)


def card_page(service: Besieged, person: Insured) -> Act:
    """Come to the page of the two proofs; return the act that answers it wrongly."""
    browser = service.browser_in(service.network())
    browser.opens("/creation-compte").submits(**person.identity)
    post = submission(browser, browser.form_with("iban7"), **_wrong_proofs())
    return lambda: _silent(post())


def card_step(service: Besieged, person: Insured) -> Act:
    """Come to the same step of the API."""
    browser = service.browser_in(service.network())
    first = identifies(browser, person.identity).json()
    headers = {**browser.http.headers, "Journey-Token": first["journey_token"]}
    target = f"{browser.address}{_API}/carte"
    return lambda: _silent(
        requests.post(target, json=_wrong_proofs(), headers=headers, timeout=60)
    )


def identifies(browser: Visitor, identity: dict[str, str]) -> requests.Response:
    """Begin a creation by the API, and say who one is."""
    base = f"{browser.address}{_API}"
    begun = browser.http.post(base, json={"cgu": "oui"}, timeout=60).json()
    headers = {"Journey-Token": begun["journey_token"]}
    return browser.http.post(f"{base}/identite", json=identity, headers=headers, timeout=60)


def completes_by_api(
    browser: Visitor, person: Insured, contact: dict[str, str]
) -> Callable[[], requests.Response]:
    """Come to the last step of the API; return what posts it, as often as it is called."""
    token = identifies(browser, person.identity).json()["journey_token"]
    headers = {**browser.http.headers, "Journey-Token": token}
    proofs = {"iban7": person.iban7, "vitale11": person.vitale11}
    base = f"{browser.address}{_API}"
    proved = requests.post(f"{base}/carte", json=proofs, headers=headers, timeout=60)
    assert proved.status_code == requests.codes.ok, proved.text[:500]
    body = {**contact, "mot_de_passe": PASSWORD, "mot_de_passe_confirmation": PASSWORD}
    return lambda: requests.post(f"{base}/compte", json=body, headers=headers, timeout=60)


def analyst(service: Besieged, name: str) -> pyotp.TOTP:
    """Invite an analyst, who begins; return their application."""
    link = service.stack.command("console", "add-user", name, "--role", "reader").strip()
    browser = service.browser_in(service.network()).opens(link)
    found = _SECRET.search(browser.response.text if browser.response else "")
    assert found, browser.text[:500]
    application = pyotp.TOTP(found[1].replace(" ", ""))
    browser.submits(
        form=browser.form_with("code"),
        mot_de_passe=PASSWORD,
        mot_de_passe_confirmation=PASSWORD,
        code=application.at(int(service.now)),
    )
    assert browser.status == requests.codes.ok, browser.text[:500]
    return application


def at_console(browser: Visitor, name: str, password: str, code: str) -> Answer:
    """Log in at the analysts' console."""
    form = browser.opens("/audit/connexion").form_with("identifiant")
    browser.submits(form=form, identifiant=name, mot_de_passe=password, code=code)
    return answer_of(browser.response)


def _wrong_proofs() -> dict[str, str]:
    return {"iban7": digits(7), "vitale11": digits(11)}


def _silent(response: requests.Response) -> Answer:
    """Read an answer that looks the same whether it was compared or not."""
    return Answer(None, answer_of(response).wait)
