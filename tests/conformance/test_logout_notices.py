"""Who is told of the end of a session, and what it is told."""

import threading

import pytest
from joserfc.jwk import ECKey

from broker.accounts.administration import Administration
from broker.audit.model import Actor
from broker.clients.administration import ClientAdministration
from broker.sessions.sessions import Sessions
from tests.conformance.test_encrypted_answers import encrypted, inside, jwks
from tests.support.logout_receiver import delivers
from tests.support.partner import callback, events, header, sample_account

GOODBYE = "https://partenaire.test/au-revoir"


def ends(holder, tokens):
    return holder.client.get("/end-session", query_string={"id_token_hint": tokens["id_token"]})


def sids(partner, receiver):
    return [partner.verified(token).get("sid") for token in receiver.tokens]


def test_every_partner_of_the_session_is_told_once(told, a_partner, receiver, holder, app):
    other = a_partner(client_id="autre", backchannel_logout_uri=receiver.address)
    silent = a_partner(client_id="muet")
    holder.logs_in()
    tokens = told.tokens()
    told.tokens()  # a second code of the same session
    for partner in (other, silent):
        partner.tokens()
    other_code = other.code()

    ends(holder, tokens)
    delivered = delivers(app)
    again = delivers(app)

    audiences = sorted(told.verified(token)["aud"] for token in receiver.tokens)
    assert (delivered, again) == (2, 0)
    assert audiences == ["autre", "partenaire"]
    assert other.redeems(other_code).get_json()["error"] == "invalid_grant"
    sent = events(app, "logout.notice.sent")
    assert {event["client_id"] for event in sent} == {"autre", "partenaire"}
    assert {event["reason_code"] for event in sent} == {"logout"}


def test_a_partner_that_never_redeemed_its_code_is_not_told(told, holder, app, partner):
    holder.logs_in()
    told.code()

    ends(holder, partner.tokens())

    assert delivers(app) == 0


def test_each_session_of_a_person_is_told_by_itself(told, receiver, holder, app):
    holder.logs_in()
    one = told.id_token(told.tokens())["sid"]
    holder.client = app.test_client()
    holder.logs_in()
    two = told.id_token(told.tokens())["sid"]

    administration = app.extensions["broker"][Administration]
    administration.disable(holder.account_id, operator="test", reason="fraud")
    delivers(app)

    assert sorted(sids(told, receiver)) == sorted([one, two])


def test_a_session_that_its_holder_ends_from_another_browser_is_told_and_its_tokens_die(
    told, receiver, holder, app
):
    holder.logs_in()
    tokens = told.tokens()
    sessions = app.extensions["broker"][Sessions]
    holder.client = app.test_client()
    here = holder.logs_in()
    tokens_here = told.tokens()
    (mine,) = (o.session for o in sessions.every(holder.account_id) if o.session.sid == here)

    sessions.end_others_by_holder(mine)
    delivers(app)

    assert sids(told, receiver) == [told.id_token(tokens)["sid"]]
    assert told.userinfo(tokens["access_token"]).status_code == 401
    assert told.userinfo(tokens_here["access_token"]).status_code == 200
    (revoked,) = events(app, "token.revoked")
    assert revoked["reason_code"] == "ended_by_holder"


def test_the_token_has_the_algorithm_of_the_clients_id_tokens(a_partner, receiver, holder, app):
    partner = a_partner(
        backchannel_logout_uri=receiver.address, id_token_signed_response_alg="PS256"
    )
    holder.logs_in()

    ends(holder, partner.tokens())
    delivers(app)

    assert header(receiver.tokens[0])["alg"] == "PS256"
    assert "nonce" not in partner.verified(receiver.tokens[0])


def test_the_token_is_encrypted_where_id_tokens_are(a_partner, partner, receiver, holder, app):
    key = ECKey.generate_key("P-256", {"kid": "ec", "use": "enc", "alg": "ECDH-ES"})
    secret = a_partner(
        client_id="chiffre",
        backchannel_logout_uri=receiver.address,
        jwks=jwks(key),
        **encrypted("id_token"),
    )
    holder.logs_in()
    secret.tokens()

    ends(holder, partner.tokens())
    delivers(app)

    inner = inside(receiver.tokens[0], key)
    assert header(inner)["typ"] == "logout+jwt"
    assert secret.verified(inner)["aud"] == "chiffre"


def test_a_logout_token_is_no_hint(told, receiver, holder, app):
    holder.logs_in()
    ends(holder, told.tokens())
    delivers(app)

    response = holder.client.get(
        "/end-session",
        query_string={
            "id_token_hint": receiver.tokens[0],
            "post_logout_redirect_uri": GOODBYE,
        },
    )

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("elapsed", "reason"), [({"minutes": 1}, "idle"), ({"hours": 12}, "expired")]
)
def test_a_session_that_runs_out_is_told_without_anybody_coming_back(
    told, receiver, holder, app, clock, elapsed, reason
):
    holder.logs_in()
    sid = told.id_token(told.tokens())["sid"]
    sessions = app.extensions["broker"][Sessions]

    clock.advance(minutes=29)
    before = sessions.end_overdue()
    clock.advance(**elapsed)
    ended = sessions.end_overdue()
    delivers(app)

    assert (before, ended) == (0, 1)
    assert sids(told, receiver) == [sid]
    assert [e["reason_code"] for e in events(app, "session.ended")] == [reason]
    assert [e["reason_code"] for e in events(app, "logout.notice.sent")] == [reason]


def test_two_workers_end_a_session_once(told, holder, app, clock):
    holder.logs_in()
    told.tokens()
    clock.advance(hours=1)
    sessions = app.extensions["broker"][Sessions]

    threads = [threading.Thread(target=sessions.end_overdue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(events(app, "session.ended")) == 1
    assert delivers(app) == 1


def test_who_logs_in_again_stays_the_same_for_partners(told, receiver, holder, app, clock):
    first = holder.logs_in()
    sid = told.id_token(told.tokens())["sid"]
    clock.advance(minutes=5)

    second = holder.logs_in()
    after_login = delivers(app)
    tokens = told.tokens()
    ends(holder, tokens)
    delivers(app)

    assert first == second
    assert after_login == 0
    assert sids(told, receiver) == [told.id_token(tokens)["sid"]] == [sid]


def test_somebody_else_who_logs_in_ends_what_the_former_person_opened(told, receiver, holder, app):
    holder.logs_in()
    tokens = told.tokens()

    holder.account_id = sample_account(app, 2)
    holder.logs_in()
    delivers(app)
    former, latter = (told.id_token(each)["sid"] for each in (tokens, told.tokens()))

    assert former != latter
    assert sids(told, receiver) == [former]
    assert told.userinfo(tokens["access_token"]).status_code == 401
    assert [e["reason_code"] for e in events(app, "logout.notice.sent")] == ["replaced"]


def test_stopping_the_sharing_ends_every_session_there(told, receiver, holder, app):
    holder.logs_in()
    sub = told.id_token(told.tokens())["sub"]
    page = holder.client.get("/mon-compte/services/arreter?service=partenaire")

    holder.client.post("/mon-compte/services", data=callback(page))
    delivers(app)

    claims = told.verified(receiver.tokens[0])
    assert claims["sub"] == sub
    assert "sid" not in claims
    assert [e["reason_code"] for e in events(app, "logout.notice.sent")] == ["consent_revoked"]


def test_a_partner_that_is_switched_off_is_told_that_its_sessions_end(told, receiver, holder, app):
    holder.logs_in()
    first = told.id_token(told.tokens())["sid"]
    holder.client = app.test_client()
    holder.logs_in()
    second = told.id_token(told.tokens())["sid"]

    administration = app.extensions["broker"][ClientAdministration]
    administration.disable("partenaire", Actor(kind="admin", ref="test"))
    delivers(app)

    assert sorted(sids(told, receiver)) == sorted([first, second])
    assert {e["reason_code"] for e in events(app, "logout.notice.sent")} == {"client_disabled"}


def test_a_partner_that_requires_a_session_is_told_of_each(a_partner, receiver, holder, app):
    partner = a_partner(
        backchannel_logout_uri=receiver.address, backchannel_logout_session_required=True
    )
    holder.logs_in()
    one = partner.id_token(partner.tokens())["sid"]
    holder.client = app.test_client()
    holder.logs_in()
    two = partner.id_token(partner.tokens())["sid"]
    page = holder.client.get("/mon-compte/services/arreter?service=partenaire")

    holder.client.post("/mon-compte/services", data=callback(page))
    delivers(app)

    assert sorted(sids(partner, receiver)) == sorted([one, two])


# --- Partners that do not answer
