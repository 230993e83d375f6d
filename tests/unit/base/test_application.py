"""An answer is sent as Werkzeug sends it, with the headers of the edge besides."""

import pytest
from flask import Response
from werkzeug.test import EnvironBuilder, run_wsgi_app

from broker.base.application import Answer

USUAL = ("X-Frame-Options", "DENY")


def sent(kind, method, *, chunks=None, **made):
    answer = kind(chunks() if chunks else b"body", **made)
    answer.usual = (USUAL,)
    parts, status, headers = run_wsgi_app(answer, EnvironBuilder(method=method).get_environ())
    return b"".join(parts), status, headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "made",
    [
        {},
        {"status": 404, "content_type": "application/json"},
        {"status": 204},
        {"status": 304},
        {"status": 303, "headers": {"Location": "https://site.test/a?state=%20&x=1"}},
        {"status": 303, "headers": {"Location": "https://site.test/été à vélo"}},
        {"chunks": lambda: iter([b"a", b"b"])},
    ],
)
def test_an_answer_is_the_one_of_werkzeug_and_the_usual_headers(method, made):
    body, status, headers = sent(Answer, method, **made)
    expected = sent(Response, method, **made)

    assert (body, status) == expected[:2]
    assert headers.pop(USUAL[0]) == USUAL[1]
    assert sorted(headers) == sorted(expected[2])


def test_a_registered_address_is_sent_to_the_letter():
    _, _, headers = sent(Answer, "GET", status=303, headers={"Location": "HTTPS://Site.test?"})

    assert headers["Location"] == "HTTPS://Site.test?"


def test_an_answer_is_handed_over_whole_for_granian_to_send_at_once():
    environ = EnvironBuilder(method="GET").get_environ()

    assert Answer("à lire")(environ, lambda *_: None) == ["à lire".encode()]
