"""Two nodes behind nginx: one may stop at any time, and nobody notices."""

import threading
import time

import psycopg
import pytest
import requests

from tests.edge.conftest import visitor
from tests.support.edge_stack import plain
from tests.support.person import PASSWORD
from tests.support.traffic import Traffic

pytestmark = pytest.mark.processes


def test_a_node_that_is_taken_out_before_it_stops_loses_nothing(stack):
    both = stack.backends
    with Traffic(stack, kept=False) as traffic:
        for number in range(2):
            stack.nginx.use_nodes([both[1 - number]])
            time.sleep(2)  # longer than any answer under way in this test
            stack.end(f"server{number}")
            stack.start_node(number)
        stack.nginx.use_nodes(both)
        time.sleep(0.5)

    assert set(traffic.answers["GET"]) == {200}
    assert set(traffic.answers["POST"]) == {401}
    assert min(traffic.answers["GET"][200], traffic.answers["POST"][401]) > 50


def test_a_graceful_stop_of_either_node_loses_no_page(stack):
    with Traffic(stack) as traffic:
        for number in range(2):
            stack.end(f"server{number}")
            time.sleep(0.5)
            stack.start_node(number)
        time.sleep(0.5)

    assert set(traffic.answers["GET"]) == {200}
    # A POST that travels on a connection while the node closes it is not sent to the other.
    assert set(traffic.answers["POST"]) <= {401, 502}
    assert traffic.answers["POST"][401] > 50
    assert traffic.answers["POST"][502] <= len(traffic.answers) * traffic.connections


def test_a_killed_node_loses_no_page(stack):
    with Traffic(stack) as traffic:
        stack.kill("server0")
        time.sleep(1)
        stack.start_node(0)

    assert set(traffic.answers["GET"]) == {200}


def test_what_is_under_way_is_finished_before_the_node_ends(stack, holder):
    stack.end("server1")  # whatever comes now goes to the other one
    holder.browser.opens("/connexion")
    answers: list[requests.Response] = []
    login = threading.Thread(target=lambda: answers.append(posts_password(holder)))

    with psycopg.connect(plain(stack.owner_url)) as database:
        database.execute("LOCK TABLE login_attempt IN ACCESS EXCLUSIVE MODE")
        login.start()
        time.sleep(1.5)
        stopping = threading.Thread(target=stack.end, args=["server0"])
        stopping.start()
        time.sleep(1)
        assert not answers
        database.rollback()
    login.join()
    stopping.join()
    stack.start_node(0)
    stack.start_node(1)

    assert [answer.status_code for answer in answers] == [303]
    assert "/connexion/code" in answers[0].headers["Location"]


def posts_password(holder):
    """Submit the login form of the present page, and follow nothing."""
    browser = holder.browser
    form = browser.forms[browser.form_with("mot_de_passe")].fields
    return browser.http.post(
        browser.url,
        data={**form, "nir": holder.insured.nir, "mot_de_passe": PASSWORD},
        allow_redirects=False,
        timeout=30,
    )


def test_where_no_node_answers_a_french_page_says_so(stack):
    for number in range(2):
        stack.end(f"server{number}")

    answer = stack.session().get(stack.url("broker") + "/connexion")

    assert answer.status_code == 502
    assert "Le service est momentanément indisponible" in answer.text
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    for number in range(2):
        stack.start_node(number)


def test_a_redis_that_is_killed_and_emptied_under_traffic_changes_no_answer(stack, edge_redis):
    person = visitor(stack)
    with Traffic(stack) as traffic:
        person.creates_account()
        edge_redis.kill()
        refused = [fails_to_log_in(stack, person.insured) for _ in range(3)]
        edge_redis.start()
        edge_redis.flush()
        refused += [fails_to_log_in(stack, person.insured) for _ in range(3)]
        person.browser.opens("/connexion")
        deadline = time.monotonic() + 30
        while not edge_redis.keys():  # the nodes count together again, by themselves
            assert time.monotonic() < deadline
            time.sleep(0.2)

    # Five failures of a pair, whatever happens to Redis: these are counted in the database.
    assert refused == [422] * 5 + [429]
    assert set(traffic.answers["GET"]) == {200}
    assert set(traffic.answers["POST"]) == {401}


def fails_to_log_in(stack, insured):
    """Try a wrong password in a new browser, from one address; return the status."""
    browser = visitor(stack).browser
    browser.http = stack.session("127.0.0.41")
    browser.opens("/connexion")
    form = browser.form_with("mot_de_passe")
    return browser.submits(form=form, nir=insured.nir, mot_de_passe="Faux&Violon7").status
