"""Evidence of tokens: what it proves to the client that they were issued to, and hides."""

import base64
import hashlib
import json

import pytest

from broker.accounts.closing import Closing
from broker.accounts.erasure import Erasure
from broker.audit.proofs.verification import Verification
from tests.support.partner import API, REFRESHING, Partner, events, register
from tests.unit.oidc.evidence_story import judge, lines_of, story, the_event, tokens

__all__ = ["judge", "story", "tokens"]
KNOWN_TO_THE_PARTNER = {"acr", "client_id", "event_id", "outcome", "scopes", "subject_pairwise",
                        "time", "token", "type", "v"}  # fmt: skip


@pytest.mark.parametrize("kind", ["access_token", "id_token", "refresh_token"])
def test_from_the_login_to_the_verdict_of_a_program_without_the_broker(story, tokens, judge, kind):
    evidence = story.evidence(token=tokens[kind])

    code, said = judge(evidence, tokens[kind])

    assert (code, said[:16]) == (0, "proved: 1 events"), said
    event = the_event(evidence)
    assert event["token"]["kind"] == kind.partition("_")[0]
    assert event["subject_pairwise"] == story.partner.id_token(tokens)["sub"]
    assert event["acr"] == "eidas1"


def test_an_older_checkpoint_shows_that_nothing_was_rewritten_since(story, tokens, judge):
    older = lines_of(story.evidence(token=tokens["id_token"]))[0]["note"]
    later = story.partner.tokens()["id_token"]
    story.signs()

    evidence = story.evidence(token=later, checkpoint=older)

    assert [line["kind"] for line in lines_of(evidence)] == ["checkpoint", "consistency", "event"]
    assert judge(evidence, later, older)[0] == 0
    assert judge(story.evidence(token=later), later, older)[0] == 1  # not asked for, not proved


def test_the_evidence_of_one_token_is_none_of_another(story, tokens, judge):
    evidence = story.evidence(token=tokens["access_token"])

    assert judge(evidence, tokens["id_token"])[0] == 1


def test_a_digest_or_a_jti_names_the_token_as_well(story, app, judge):
    register(app, client_id="api", redirect_uris=None, post_logout_redirect_uris=None,
             ameli={"introspects": True, "resource": API,
                    "access_token_signed_response_alg": "ES256"})  # fmt: skip
    token = story.partner.tokens(resource=API)["access_token"]
    story.signs()
    digest = hashlib.sha256(token.encode()).hexdigest()

    by_token, by_digest = story.evidence(token=token), story.evidence(token_sha256=digest)
    by_jti = story.evidence(jti=story.partner.verified(token)["jti"])

    assert the_event(by_token) == the_event(by_digest) == the_event(by_jti)
    assert the_event(by_token)["audience"] == API
    assert judge(by_jti, token)[0] == 0


def test_whoever_else_asks_gets_the_answer_of_tokens_that_never_were(story, tokens, app):
    other = Partner(app, story.holder, register(app, client_id="autre", **REFRESHING))
    digest = hashlib.sha256(tokens["id_token"].encode()).hexdigest()

    answers = [
        *(story.asks(other, token=tokens[kind]) for kind in ("access_token", "id_token")),
        story.asks(other, token_sha256=digest),
        *(story.asks(asker, token="x" * 43) for asker in (other, story.partner)),
        *(story.asks(asker, jti="x" * 22) for asker in (other, story.partner)),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.get_data() for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1
    told = events(app, "token.evidence.given")
    assert {(event["outcome"], event["reason_code"]) for event in told} == {("failure", "unknown")}
    assert all("token" not in event for event in told)


def test_it_says_nothing_of_the_person_but_what_the_partner_knows(story, tokens, app):
    evidence = story.evidence(token=tokens["id_token"])

    event = the_event(evidence)
    (issued,) = [each for each in events(app, "token.issued") if each["token"]["kind"] == "id"]
    assert event.keys() == KNOWN_TO_THE_PARTNER | {"withheld"}
    for name in issued.keys() - KNOWN_TO_THE_PARTNER - {"retention", "actor", "src", "http"}:
        if name == "code_ref":  # the digest of the partner's own code: the token's family
            continue
        assert issued[name] not in evidence, name
    assert issued["subject_ref"]
    assert story.holder.account_id not in evidence


def test_what_is_withheld_differs_between_partners_for_the_same_person(story, tokens, app):
    elsewhere = {"redirect_uris": ["https://autre.test/"], "post_logout_redirect_uris": None}
    other = Partner(app, story.holder, register(app, client_id="autre", **REFRESHING | elsewhere))
    theirs = other.tokens()["id_token"]
    story.signs()

    one = the_event(story.evidence(token=tokens["id_token"]))
    two = the_event(story.asks(other, token=theirs).get_data(as_text=True))

    same = {name for name in one if one[name] == two.get(name)}
    assert same <= {"acr", "outcome", "type", "v"}


def in_event(name, value):
    def touch(lines):
        lines[-1]["event"][name] = value

    return touch


def unhidden(lines):
    lines[-1]["event"]["subject_ref"] = "a" * 43


def claimed(lines):
    lines[-1]["shown"] = sorted(lines[-1]["event"].keys() - {"withheld"})


@pytest.mark.parametrize(
    "touch",
    [in_event("acr", "eidas2"), in_event("client_id", "autre"), in_event("subject_pairwise", "x"),
     in_event("time", "2026-01-01T00:00:00.000000Z"),
     in_event("withheld", base64.b64encode(bytes(32)).decode()), unhidden, claimed],
)  # fmt: skip
def test_evidence_that_was_touched_proves_nothing(story, tokens, judge, touch):
    lines = lines_of(story.evidence(token=tokens["id_token"]))
    touch(lines)

    code, said = judge("".join(f"{json.dumps(line)}\n" for line in lines))

    assert (code, said[:11]) == (1, "NOT PROVED:")


def test_the_proof_outlives_the_person_s_account_and_the_right_to_use_the_token(
    story, tokens, judge
):
    before = story.evidence(token=tokens["id_token"])
    story.partner.revokes(tokens["refresh_token"])
    account = story.holder.account_id
    story.of(Closing).close(account, "login-1")
    story.clock.advance(days=91)
    assert story.of(Erasure).erase() == 1
    story.signs()

    after = story.evidence(token=tokens["id_token"])

    assert the_event(after) == the_event(before)
    assert judge(after, tokens["id_token"])[0] == 0
    assert judge(before, tokens["id_token"])[0] == 0
    assert story.of(Verification).run().flaws == []
