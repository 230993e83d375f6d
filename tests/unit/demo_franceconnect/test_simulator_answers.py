"""How an answer of the simulator arrives, seen by a client over a real connection."""

import json
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from demo.franceconnect.answers import Answer
from demo.franceconnect.misbehaviour.delivery import AT_ANY_ENDPOINT, AT_USERINFO, IN_ANY_JSON

DOCUMENT = {"name": "value", "other": ["a", "b"]}
DELIVERIES = AT_ANY_ENDPOINT | IN_ANY_JSON | AT_USERINFO
TIMED = {"slow", "dripping"}
Fetch = Callable[[str], requests.Response]


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def fetch(slept: list[float]) -> Iterator[Fetch]:
    """Return a function that fetches one document as a delivery has it sent."""
    app = Flask("one_answer")
    app.add_url_rule("/<name>", view_func=lambda name: sent(name).sent(slept.append))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    with requests.Session() as session:
        yield lambda name: session.get(
            f"http://127.0.0.1:{server.server_port}/{name}", stream=True, allow_redirects=False
        )
    server.shutdown()
    thread.join()
    server.server_close()


def sent(name: str) -> Answer:
    return DELIVERIES.get(name, lambda answer: answer)(Answer.of(DOCUMENT))


def is_lawful(answer: requests.Response) -> bool:
    return (
        answer.status_code == 200
        and answer.headers["Content-Type"] == "application/json"
        and answer.content == json.dumps(DOCUMENT).encode()
    )


def test_arrives_whole_by_default(fetch: Fetch, slept: list[float]) -> None:
    assert is_lawful(fetch("lawful"))
    assert slept == [0]


@pytest.mark.parametrize("name", sorted(DELIVERIES.keys() - TIMED - {"endless", "reset"}))
def test_arrives_otherwise(fetch: Fetch, name: str) -> None:
    assert not is_lawful(fetch(name))


def test_a_faulty_status_hides_a_right_body(fetch: Fetch) -> None:
    """Whoever does not look at the status believes it."""
    assert fetch("status_500").json() == DOCUMENT


def test_comes_after_thirty_seconds(fetch: Fetch, slept: list[float]) -> None:
    assert is_lawful(fetch("slow"))
    assert slept == [30]


def test_comes_one_byte_a_second(fetch: Fetch, slept: list[float]) -> None:
    assert is_lawful(fetch("dripping"))
    assert slept == [0] + [1] * len(json.dumps(DOCUMENT))


def test_announces_a_hundred_megabytes_and_sends_them(fetch: Fetch) -> None:
    answer = fetch("hundred_megabytes")

    assert int(answer.headers["Content-Length"]) > 100_000_000
    assert sum(len(part) for part in answer.iter_content(1_000_000)) > 100_000_000


def test_never_ends(fetch: Fetch) -> None:
    with fetch("endless") as answer:
        received = 0
        for part in answer.iter_content(1_000_000):
            received += len(part)
            if received > 50_000_000:
                break

    assert "Content-Length" not in answer.headers


def test_unpacks_to_a_hundred_megabytes(fetch: Fetch) -> None:
    answer = fetch("gzip_bomb")

    assert int(answer.headers["Content-Length"]) < 120_000
    assert sum(len(part) for part in answer.iter_content(1_000_000)) > 100_000_000


def test_is_cut_in_the_middle(fetch: Fetch) -> None:
    answer = fetch("reset")

    with pytest.raises(requests.RequestException, match="reset by peer"):
        _ = answer.content


@pytest.mark.parametrize("name", [name for name in DELIVERIES if "_elsewhere" in name])
def test_leads_elsewhere(fetch: Fetch, name: str) -> None:
    answer = fetch(name)

    assert answer.status_code == int(name.split("_")[1])
    assert answer.headers["Location"] == "https://elsewhere.example"
