"""What happens at the edge before any page is asked."""

from io import BytesIO


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
