"""Guesses at every secret that the budget has a line for, through every door there is."""

import secrets
from collections.abc import Callable
from itertools import cycle

from tests.support.attacks_from_inside import (
    addresses_from_account,
    addresses_in_creation,
    code_in_stolen_browser,
    password_in_stolen_browser,
)
from tests.support.attacks_on_values import values_of_people, values_of_programs
from tests.support.besieged import Besieged
from tests.support.doors import (
    analyst,
    answer_of,
    at_console,
    card_page,
    card_step,
    digits,
    holder,
    identifies,
    login_page,
    own_screens,
    submission,
    wrong_password,
)
from tests.support.person import PASSWORD
from tests.support.siege import Act, Answer, Attack
from tests.support.visitor import Visitor

_AT_ONCE = 8


def password_of_one(service: Besieged, networks: int = 1) -> Attack:
    """Guess one person's password: on the pages, in the app's pages, on an app's own screens."""
    person = holder(service).insured
    prefixes = [service.network() for _ in range(networks)]
    doors = cycle((login_page("/connexion"), login_page("/app/connexion"), own_screens(service)))

    def act(prefix: str, password: str) -> Act:
        browser, door = service.browser_in(prefix), next(doors)
        return lambda: door(browser, person.nir, password)

    return Attack(
        lambda: [act(prefix, wrong_password()) for prefix in prefixes for _ in range(_AT_ONCE)],
        lambda: service.judged("login.password.failed"),
        times=networks,
        forgets=service.limits.login_pair_ceiling_window,
        opens=lambda: any(act(prefix, PASSWORD)().wait is None for prefix in prefixes),
    )


def password_from_site(service: Besieged) -> Attack:
    """Guess one person's password from one site of IPv6, each time in another network of it."""
    person, networks = holder(service).insured, service.networks_of_site()
    doors = cycle((login_page("/connexion"), login_page("/app/connexion"), own_screens(service)))

    def act(password: str) -> Act:
        browser, door = service.browser_in(next(networks)), next(doors)
        return lambda: door(browser, person.nir, password)

    return Attack(
        lambda: [act(wrong_password()) for _ in range(2 * _AT_ONCE)],
        lambda: service.judged("login.password.failed"),
        forgets=service.limits.login_pair_ceiling_window,
        opens=lambda: act(PASSWORD)().wait is None,
    )


def passwords_of_many(service: Besieged) -> Attack:
    """Guess one password of each of many people, few of whom have an account."""
    prefix, page = service.network(), login_page("/connexion")
    victims = cycle(service.many)

    def act() -> Act:
        browser, nir = service.browser_in(prefix), next(victims).nir
        return lambda: page(browser, nir, wrong_password())

    return Attack(
        lambda: [act() for _ in range(2 * _AT_ONCE)],
        lambda: service.judged("login.password.failed"),
        window=service.limits.login_prefix_window,
    )


def code_of_one(service: Besieged) -> Attack:
    """Guess the code, the password known: two logins at a time, each in another network.

    Their ten tries are what a window leaves, and two windows meet within the hour that leaves
    five codes: with a third login, the second window would find no code to guess.
    """
    person = holder(service).insured

    def waiting() -> Visitor:
        browser = service.browser_in(service.network()).opens("/connexion")
        form = browser.form_with("mot_de_passe")
        return browser.submits(form=form, nir=person.nir, mot_de_passe=PASSWORD)

    def act(browser: Visitor) -> Act:
        post = submission(browser, browser.form_with("code"), code=digits(6))
        return lambda: Answer(None, answer_of(post()).wait)  # the sixth is answered as the fifth

    return Attack(
        lambda: [act(browser) for browser in (waiting(), waiting()) for _ in range(6)],
        lambda: service.judged("otp.failed"),
        window=service.limits.code_account_window,
    )


def card_of_one(service: Besieged) -> Attack:
    """Guess the ends of IBAN and card number: a page, the API, each in another network."""
    person = next(service.people)

    def acts() -> list[Act]:
        ready = (card_page(service, person), card_step(service, person))
        return [act for door in ready for act in [door] * 4]

    return Attack(
        acts,
        lambda: service.judged("account.create.refused", but="limited"),
        window=service.limits.card_window,
    )


def identities(service: Besieged) -> Attack:
    """Guess who is behind numbers, by the API and the pages, from one network."""
    prefix = service.network()
    victims = cycle(service.many)

    def by_page(browser: Visitor, wrong: dict[str, str]) -> Answer:
        return answer_of(browser.opens("/creation-compte").submits(**wrong).response)

    def by_api(browser: Visitor, wrong: dict[str, str]) -> Answer:
        return answer_of(identifies(browser, wrong))

    doors = cycle((by_page, by_api))

    def act() -> Act:
        browser, door = service.browser_in(prefix), next(doors)
        wrong = {**next(victims).identity, "code_postal": f"9{digits(4)}"}
        return lambda: door(browser, wrong)

    return Attack(
        lambda: [act() for _ in range(_AT_ONCE)],
        lambda: service.judged("account.create.refused", but="limited"),
        window=service.limits.identity_prefix_window,
    )


def birth_dates(service: Besieged) -> Attack:
    """Ask for links to choose another password, with number and guessed birth date."""
    prefix = service.network()
    victims = cycle(service.many)

    def act() -> Act:
        browser = service.browser_in(prefix)
        typed = {
            "nir": next(victims).nir,
            "date_naissance": f"0{secrets.randbelow(9) + 1}/02/1970",
        }

        def ask() -> Answer:
            return answer_of(browser.opens("/mot-de-passe-oublie").submits(**typed).response)

        return ask

    return Attack(
        lambda: [act() for _ in range(_AT_ONCE)],
        lambda: service.judged("credential.reset.requested"),
        window=service.limits.link_prefix_window,
    )


def password_of_analyst(service: Besieged) -> Attack:
    """Guess the password of an analyst of the console."""
    name, prefix = f"analyste-{secrets.token_hex(4)}", service.network()
    application = analyst(service, name)

    def act(password: str) -> Act:
        browser = service.browser_in(prefix)
        return lambda: at_console(browser, name, password, application.at(int(service.now)))

    return Attack(
        lambda: [act(wrong_password()) for _ in range(_AT_ONCE)],
        lambda: service.judged("console.login.failed"),
        forgets=service.limits.analyst_pair_ceiling_window,
        opens=lambda: act(PASSWORD)().wait is None,
    )


def password_of_analyst_from_site(service: Besieged) -> Attack:
    """Guess an analyst's password from one site of IPv6, each time in another network of it."""
    name, networks = f"analyste-{secrets.token_hex(4)}", service.networks_of_site()
    application = analyst(service, name)

    def act(password: str) -> Act:
        browser = service.browser_in(next(networks))
        return lambda: at_console(browser, name, password, application.at(int(service.now)))

    return Attack(
        lambda: [act(wrong_password()) for _ in range(2 * _AT_ONCE)],
        lambda: service.judged("console.login.failed"),
        forgets=service.limits.analyst_pair_ceiling_window,
        opens=lambda: act(PASSWORD)().wait is None,
    )


def passwords_of_analysts(service: Besieged) -> Attack:
    """Guess passwords behind names of the console from one network; some are analysts'."""
    prefix, names = service.network(), [f"analyste-{secrets.token_hex(4)}" for _ in range(2)]
    for name in names:
        analyst(service, name)

    def act(name: str) -> Act:
        browser = service.browser_in(prefix)
        return lambda: at_console(browser, name, wrong_password(), digits(6))

    def acts() -> list[Act]:
        others = [f"analyste-{secrets.token_hex(4)}" for _ in range(2 * _AT_ONCE)]
        return [act(name) for name in (*names, *others)]

    return Attack(
        acts,
        lambda: service.judged("console.login.failed"),
        window=service.limits.analyst_prefix_window,
    )


def code_of_analyst(service: Besieged) -> Attack:
    """Guess the code of an analyst's application, the password known, each from a network."""
    name = f"analyste-{secrets.token_hex(4)}"
    application = analyst(service, name)

    def act(code: str) -> Act:
        browser = service.browser_in(service.network())
        return lambda: at_console(browser, name, PASSWORD, code)

    return Attack(
        lambda: [act(digits(6)) for _ in range(2 * _AT_ONCE)],
        lambda: service.judged("console.login.failed"),
        window=service.limits.analyst_code_window,
        opens=lambda: act(application.at(int(service.now)))().wait is None,
    )


ATTACKS: dict[str, Callable[[Besieged], Attack]] = {
    "password of one person, from one network": lambda service: password_of_one(service, 2),
    "password of one person, from one /48 of IPv6": password_from_site,
    "password of one person, remembered browser stolen": password_in_stolen_browser,
    "a few passwords, of many people, from one network": passwords_of_many,
    "code of one person, password known, from any number of networks": code_of_one,
    "code of one person, password and remembered browser stolen": code_in_stolen_browser,
    "card number and IBAN of one person": card_of_one,
    "names, birth date and post code behind numbers, from one network": identities,
    "birth dates at the forgotten password, from one network": birth_dates,
    "e-mail addresses of accounts, by one person who proves a card": addresses_in_creation,
    "e-mail addresses of accounts, from one account": addresses_from_account,
    "password of one analyst, from one network": password_of_analyst,
    "password of one analyst, from one /48 of IPv6": password_of_analyst_from_site,
    "a few passwords, of many analysts, from one network": passwords_of_analysts,
    "code of one analyst, password known, from any number of networks": code_of_analyst,
    "any authorization code or token, from one address, on each process": values_of_programs,
    "any session, mailed link or step, from one address, on each process": values_of_people,
}
"""The attack of each line of the budget."""
_A_THOUSAND = "the line above a thousand times, since networks share no counter; two are attacked"
_ON_ONE_PAGE = "asked with the other one on one page, on which both are attacked at once"
_LONG = "no limit bounds it: what all nodes can answer is counted; from one address see below"
NOT_ATTACKED = {
    "password of one person, from 1,000 networks at once": _A_THOUSAND,
    "a few passwords, of many people, from 1,000 networks at once": _A_THOUSAND,
    "code of any of 1,000 people whose passwords are known": "one person's, a thousand times",
    "end of the IBAN of one person, card number known": _ON_ONE_PAGE,
    "end of the IBAN of any of 1,000 people whose card numbers are known": _ON_ONE_PAGE,
    "card number of one person, IBAN known": _ON_ONE_PAGE,
    "password of one analyst, from 1,000 networks at once": _A_THOUSAND,
    "any random value, from any number of networks": _LONG,
}
"""The other lines, and why."""
