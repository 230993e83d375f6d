"""Guesses of who holds a part already: a remembered browser, a proved card, an account."""

import secrets
from itertools import cycle
from urllib.parse import urlencode

from tests.support.account_holder import AccountHolder
from tests.support.besieged import STRICT, Besieged
from tests.support.doors import (
    CHALLENGED,
    THROTTLED,
    answer_of,
    completes_by_api,
    digits,
    holder,
    login_page,
    submission,
    wrong_password,
)
from tests.support.partner import CALLBACK
from tests.support.person import PASSWORD
from tests.support.siege import Act, Answer, Attack
from tests.support.visitor import Visitor

_AT_ONCE = 8
_CODES = 2  # of one login
_TRIES = 6  # of one code: one more than are compared


def password_in_stolen_browser(service: Besieged) -> Attack:
    """Guess the password with the cookie of a remembered browser, from a new network each time."""
    person = holder(service)
    _logs_in(service, person)
    doors = cycle((login_page("/connexion"), login_page("/app/connexion")))

    def act(password: str) -> Act:
        browser, door = _stolen(service, person), next(doors)
        return lambda: door(browser, person.insured.nir, password)

    return Attack(
        lambda: [act(wrong_password()) for _ in range(_AT_ONCE)],
        lambda: service.judged("login.password.failed"),
        forgets=service.limits.login_pair_ceiling_window,
        opens=lambda: act(PASSWORD)().wait is None,
    )


def code_in_stolen_browser(service: Besieged) -> Attack:
    """Guess the code that a partner always asks, password and remembered browser stolen.

    Each login has a code of its own, and asks for another one once its tries are used up.
    """
    person = holder(service)
    _logs_in(service, person)
    asked = urlencode({"client_id": STRICT, "redirect_uri": CALLBACK, **CHALLENGED})

    def waiting() -> Visitor:
        browser = _stolen(service, person).opens(f"/authorize?{asked}")
        form = browser.form_with("mot_de_passe")
        return browser.submits(form=form, nir=person.insured.nir, mot_de_passe=PASSWORD)

    def act() -> Answer:
        browser, guesses = waiting(), 0
        for _ in range(_CODES):
            if browser.status == THROTTLED:
                break
            for _ in range(_TRIES):
                answer_of(submission(browser, browser.form_with("code"), code=digits(6))())
            guesses += _TRIES
            again = next(i for i, f in enumerate(browser.forms) if f.action.endswith("/renvoyer"))
            browser.submits(form=again)
        return Answer(None, answer_of(browser.response).wait, guesses)

    return Attack(
        lambda: [act] * 4,
        lambda: service.judged("otp.failed"),
        window=service.limits.code_sent_window,
    )


def addresses_in_creation(service: Besieged) -> Attack:
    """Ask which addresses have accounts: a creation goes on at those, and ends at another one.

    One that has ended gives way to the next, which asks again: by pages and by the API.
    """
    person = service.newcomer()
    used = cycle([holder(service).email for _ in range(2)])

    def by_page(email: str) -> Act:
        person.browser = service.browser_in(service.network())
        browser = person.reaches_contact()
        return _posts(browser, browser.form_with("email"), **{**person.contact, **_twice(email)})

    def by_api(email: str) -> Act:
        browser = service.browser_in(service.network())
        post = completes_by_api(browser, person.insured, {**person.contact, **_twice(email)})
        return lambda: answer_of(post())

    def acts() -> list[Act]:
        asks = [door(next(used)) for door in (by_page, by_api)]
        ends = [door(_free_address()) for door in (by_page, by_api)]
        return [*asks * 5, *ends]

    return Attack(
        acts, lambda: _asked_in_creation(service), window=service.limits.email_used_window
    )


def addresses_from_account(service: Besieged) -> Attack:
    """Ask the same as the holder of an account, who would like another address."""
    person = holder(service)
    used = holder(service).email

    def acts() -> list[Act]:
        _logs_in(service, person)
        browser = person.browser.opens("/mon-compte/adresse-e-mail")
        form = browser.form_with("email")
        emails = [used, _free_address()] * (_AT_ONCE // 2)
        return [
            _posts(browser, form, mot_de_passe_actuel=PASSWORD, **_twice(each)) for each in emails
        ]

    return Attack(
        acts,
        lambda: service.judged("identifier.email.requested", but="limited"),
        window=service.limits.address_change_window,
    )


def _logs_in(service: Besieged, person: AccountHolder) -> None:
    """Log in from a new network, in a browser that is remembered from then on."""
    person.browser = service.browser_in(service.network()).opens("/connexion")
    person.logs_in()


def _stolen(service: Besieged, person: AccountHolder) -> Visitor:
    """Return a browser elsewhere that has the cookie by which the person's is remembered."""
    browser = service.browser_in(service.network())
    cookies = person.browser.http.cookies.get_dict()
    memory = {name: value for name, value in cookies.items() if name.endswith("memoire")}
    assert memory, sorted(cookies)
    browser.http.cookies.update(memory)
    return browser


def _posts(browser: Visitor, form: int, **answers: str) -> Act:
    post = submission(browser, form, **answers)
    return lambda: answer_of(post())


def _twice(email: str) -> dict[str, str]:
    return {"email": email, "email_confirmation": email}


def _free_address() -> str:
    return f"libre{secrets.token_hex(6)}@exemple.fr"


def _asked_in_creation(service: Besieged) -> int:
    refused = service.judged("security.input.reject", but="limited")
    return refused + service.judged("account.created")
