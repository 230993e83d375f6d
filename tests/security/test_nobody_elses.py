"""Two people who ask at once, again and again, in many threads: each answer is about its asker."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.support.partner import Holder, Partner, register, sample_account

THREADS, ROUNDS = 8, 12


@pytest.fixture
def people(app):
    """Return two people with a browser and a token each, and the name that is theirs alone."""
    registered = register(app)
    found = []
    for number in (1, 2):
        holder = Holder(app, sample_account(app, number))
        holder.logs_in()
        partner = Partner(app, holder, registered)
        token = partner.tokens(scope="openid profile")["access_token"]
        name = partner.userinfo(token).get_json()["family_name"]
        cookie = holder.client.get_cookie("ameli_session").value
        found.append((name, cookie, partner, token))
    return found


def test_each_answer_is_about_whoever_asked(app, people):
    names = [person[0] for person in people]
    together = Barrier(THREADS)

    def ask(number: int) -> list[tuple[bool, bool]]:
        mine, cookie, partner, token = people[number % 2]
        other = names[1 - number % 2]
        client = app.test_client(use_cookies=False)
        together.wait()
        heard = []
        for _ in range(ROUNDS):
            page = client.get("/mon-compte", headers={"Cookie": f"ameli_session={cookie}"})
            answers = (page, partner.userinfo(token))
            heard += [(mine in answer.text, other in answer.text) for answer in answers]
        return heard

    with ThreadPoolExecutor(THREADS) as threads:
        heard = [answer for answers in threads.map(ask, range(THREADS)) for answer in answers]

    assert names[0] != names[1]
    assert len(heard) == THREADS * ROUNDS * 2
    assert set(heard) == {(True, False)}
