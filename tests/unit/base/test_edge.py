"""What happens at the edge before any page is asked."""

from io import BytesIO

import psycopg
import pytest
from flask import abort
from sqlalchemy import exc

from broker.base.web import protocol_endpoint

AWAY = [
    psycopg.errors.AdminShutdown("2640531555982"),
    exc.OperationalError("SELECT", {}, psycopg.errors.CannotConnectNow()),
    exc.TimeoutError("no connection came free"),
]


def test_a_body_too_large_is_refused_and_read_to_its_end(client):
    body = BytesIO(b"nom=" + b"a" * 100_000)

    answer = client.post(
        "/creation-compte",
        input_stream=body,
        content_length=100_004,
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 413
    assert body.read() == b""


@pytest.mark.parametrize(
    ("path", "method", "status", "title"),
    [
        ("/nulle-part", "GET", 404, "Cette page n&#39;existe pas"),
        ("/activation", "DELETE", 405, "Cette page ne s&#39;ouvre pas de cette façon"),
    ],
)
def test_a_fault_of_http_is_explained_in_french(client, path, method, status, title):
    answer = client.open(path, method=method)

    assert answer.status_code == status
    assert f"<title>Erreur\u00a0: {title}" in answer.text


def test_a_fault_of_http_that_has_no_words_of_its_own_is_told_in_general(app):
    app.add_url_rule("/theiere", view_func=lambda: abort(418), endpoint="teapot")

    answer = app.test_client().get("/theiere")

    assert answer.status_code == 418
    assert "Nous ne pouvons pas continuer" in answer.text


def test_a_fault_of_ours_is_told_without_what_was_typed(app):
    def breaks():
        raise ValueError("2640531555982")

    app.add_url_rule("/en-panne", view_func=breaks, endpoint="broken")

    answer = app.test_client().get("/en-panne")

    assert answer.status_code == 500
    assert "Le service rencontre un problème" in answer.text
    assert "2640531555982" not in answer.text


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_where_the_database_is_away_everybody_is_asked_to_come_back(app, error):
    def fails():
        raise error

    @protocol_endpoint
    def fails_a_program():
        raise error

    app.add_url_rule("/en-panne", view_func=fails)
    app.add_url_rule("/programme", view_func=fails_a_program)

    page, told = (app.test_client().get(path) for path in ("/en-panne", "/programme"))

    assert {page.status_code, told.status_code} == {503}
    assert {page.headers["Retry-After"], told.headers["Retry-After"]} == {"30"}
    assert "Le service ne répond pas pour l&#39;instant" in page.text
    assert "2640531555982" not in page.text + told.text
    assert told.get_json()["error"] == "temporarily_unavailable"
