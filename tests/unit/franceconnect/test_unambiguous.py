"""JSON that two readers could understand differently is refused."""

import json
import time

import pytest
import requests

from broker.franceconnect.model import UntrustedAnswer
from broker.franceconnect.unambiguous import UnambiguousDecoder, document


def read(text: str) -> object:
    return json.loads(text, cls=UnambiguousDecoder)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        '{"a": {"b": 1, "b": 2}}',
        '[{"a": 1, "\\u0061": 2}]',
        '{"a": NaN}',
        '{"a": -Infinity}',
        "[" * 33 + "]" * 33,
        '{"a":' * 33 + "1" + "}" * 33,
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"a": [{"b": "\\udc00\\ud800"}]}',
        '{"a": 1',
        '{"a": "',
        "",
    ],
)
def test_refuses_what_is_doubtful(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": {"a": 2}}', {"a": 1, "b": {"a": 2}}),
        ('{"a": "[[[[[\\"[[[["}', {"a": '[[[[["[[[['}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (json.dumps({"a": "[" * 100}), {"a": "[" * 100}),
    ],
)
def test_reads_what_is_clear(text: str, value: object) -> None:
    assert read(text) == value


def test_reads_32_levels() -> None:
    assert read("[" * 32 + "]" * 32) is not None


def test_is_quick_on_what_is_made_to_be_slow() -> None:
    started = time.perf_counter()
    for hostile in ('"' + '\\"' * 32_000, '"' * 65_535, "[]" * 32_000, "{" * 65_536):
        with pytest.raises(ValueError, match=r".+"):
            read(hostile)

    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("application/json", b'{"a": "\xe9"}', "name.json"),
        ("application/json", "{}".encode("utf-16"), "name.json"),
        ("application/json", b"[]", "name.json"),
        ("text/html", b"{}", "name.content_type"),
        ("", b"{}", "name.content_type"),
    ],
)
def test_refuses_a_document_that_is_not_what_it_should_be(
    kind: str, body: bytes, reason: str
) -> None:
    answer = requests.Response()
    answer.status_code, answer._content = 200, body
    answer.headers["Content-Type"] = kind

    with pytest.raises(UntrustedAnswer, match=reason):
        document(answer, "name")
