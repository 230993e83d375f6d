"""A form or a query is read as Werkzeug reads it, whatever was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from broker.base.urlencoded import lists_of
from broker.oidc.errors import InvalidRequest
from broker.oidc.parameters import Parameters

PIECES = [
    "a",
    "code",
    "resource",
    "é",
    "=",
    "&",
    "+",
    "%",
    "%20",
    "%3D",
    "%26",
    "%C3%A9",
    "%C3",
    ";",
]
SENT = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(SENT)
def test_a_form_is_read_as_werkzeug_reads_it(sent):
    request = Request(
        EnvironBuilder(
            method="POST", data=sent, content_type="application/x-www-form-urlencoded"
        ).get_environ()
    )

    assert Parameters.of(lists_of(sent.encode())) == Parameters.of(request.form.lists())


@given(SENT)
def test_a_query_is_read_as_werkzeug_reads_it(sent):
    request = Request(
        {**EnvironBuilder().get_environ(), "QUERY_STRING": sent.encode().decode("latin-1")}
    )

    assert Parameters.of(lists_of(request.query_string)) == Parameters.of(request.args.lists())


@pytest.mark.parametrize("sent", ["a=%00", "%00=a", "b=1&b=%00"])
def test_a_nul_is_refused_wherever_it_stands(sent):
    with pytest.raises(InvalidRequest):
        Parameters.of(lists_of(sent.encode()))
