"""A pushed request serves once, whichever way the browser brings it."""

from tests.support.partner import callback, parse


def test_a_pushed_request_cannot_be_copied_by_posting_it(partner, holder):
    holder.logs_in()
    pushed = partner.calls("/par", partner.request()).get_json()["request_uri"]
    brought = {"client_id": partner.registered["client_id"], "request_uri": pushed}

    first = holder.client.post("/authorize", data=brought)
    second = holder.client.post("/authorize", data=brought)
    answered = callback(holder.client.get(first.location))
    again = holder.client.get(second.location)

    assert parse(first.location)["request_uri"] == pushed
    assert "code" in answered
    assert again.status_code == 400
    assert holder.client.post("/authorize", data=brought).status_code == 400
