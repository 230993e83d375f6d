"""Random values sent from one address, as many as the flood limits of every process let through.

Their length alone keeps them from being guessed; what is attacked is that the rate has a bound.
"""

from collections.abc import Callable, Sequence
from itertools import cycle

import requests

from broker.base.crypto import new_token
from broker.base.limits import MINUTE
from tests.support.besieged import PROCESSES, STRICT, Besieged
from tests.support.doors import answer_of
from tests.support.key_partner import DPoPKey
from tests.support.own_app import CHALLENGE, FIRST_PARTY
from tests.support.partner import CALLBACK, SECRET
from tests.support.siege import Act, Attack
from tests.support.visitor import Visitor

Door = Callable[[], requests.Response]
"""Shows one random value."""


def values_of_programs(service: Besieged) -> Attack:
    """Show authorization codes, refresh and access tokens in the name of a partner."""
    browser = service.browser_in(service.network())
    grant = {"redirect_uri": CALLBACK, "code_verifier": _random()}

    def calls(path: str, **form: str) -> requests.Response:
        return requests.post(
            browser.address + path,
            data=form,
            auth=(STRICT, SECRET),
            headers=dict(browser.http.headers),
            timeout=60,
        )

    def reads() -> requests.Response:
        headers = {**browser.http.headers, "Authorization": f"Bearer {_random()}"}
        return requests.get(f"{browser.address}/userinfo", headers=headers, timeout=60)

    doors: tuple[Door, ...] = (
        lambda: calls("/token", grant_type="authorization_code", code=_random(), **grant),
        lambda: calls("/token", grant_type="refresh_token", refresh_token=_random()),
        lambda: calls("/introspect", token=_random()),
        lambda: calls("/revoke", token=_random()),
        reads,
    )
    routes = ("/token", "/introspect", "/revoke", "/userinfo")
    limits = service.limits
    return _flood(service, doors, (limits.endpoint_count, limits.endpoint_window), routes)


def values_of_people(service: Besieged) -> Attack:
    """Show sessions, mailed links and steps of a creation as browsers and apps do."""
    browser = service.browser_in(service.network())
    creation = "/api/v1/creations/identite"

    def opens(path: str) -> requests.Response:
        return requests.get(
            browser.address + path,
            headers=dict(browser.http.headers),
            cookies={"session": _random()},
            allow_redirects=False,
            timeout=60,
        )

    def goes_on() -> requests.Response:
        headers = {**browser.http.headers, "Journey-Token": _random()}
        return requests.post(browser.address + creation, json={}, headers=headers, timeout=60)

    doors: tuple[Door, ...] = (
        lambda: opens("/mon-compte"),
        lambda: opens(f"/activation/{_random()}"),
        lambda: opens(f"/mot-de-passe-oublie/{_random()}"),
        goes_on,
        lambda: _own_session(service, browser),
    )
    links = ("/activation/<token>", "/mot-de-passe-oublie/<token>")
    routes = ("/mon-compte", *links, creation, CHALLENGE)
    limits = service.limits
    return _flood(service, doors, (limits.address_count, limits.address_window), routes)


def _own_session(service: Besieged, browser: Visitor) -> requests.Response:
    """Show an app's key and a step of its login."""
    proof = DPoPKey().proof(CHALLENGE, int(service.now), issuer=browser.address)
    return requests.post(
        browser.address + CHALLENGE,
        data={"client_id": FIRST_PARTY["client_id"], "auth_session": _random()},
        headers={**browser.http.headers, "DPoP": proof},
        timeout=60,
    )


def _flood(
    service: Besieged, doors: Sequence[Door], limit: tuple[int, int], routes: tuple[str, ...]
) -> Attack:
    turn, (count, window) = cycle(doors), limit
    # Begin a minute before the end of a window, which is the same one for everybody.
    service.passes(window - service.now % window - MINUTE)

    def act() -> Act:
        door = next(turn)
        return lambda: answer_of(door())

    at_once = PROCESSES * (count + count // 4)
    return Attack(
        lambda: [act() for _ in range(at_once)],
        lambda: service.answered(routes),
        times=PROCESSES,
    )


def _random() -> str:
    return new_token().reveal()
