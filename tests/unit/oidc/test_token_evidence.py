"""Evidence of tokens: for the client that they were issued to, judged without the broker."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta

import pytest

from broker.accounts.closing import Closing
from broker.accounts.erasure import Erasure
from broker.audit.sealer import Sealer
from broker.audit.verification import Verification
from broker.base.db import Database
from broker.clients.administration import ClientAdministration
from tests.conftest import ROOT, test_settings
from tests.support.partner import (
    API,
    OPERATOR,
    PUBLIC,
    REFRESHING,
    SECRET,
    Holder,
    Partner,
    events,
    register,
    sample_account,
)

PATH = "/token-evidence"
KNOWN_TO_THE_PARTNER = {"acr", "client_id", "event_id", "outcome", "scopes", "subject_pairwise",
                        "time", "token", "type", "v"}  # fmt: skip


@dataclass
class Story:
    """A login at a partner, and the worker that seals the trail."""

    app: object
    clock: object
    holder: Holder
    partner: Partner

    def of(self, service):
        return self.app.extensions["broker"][service]

    def signs(self):
        """Seal, and sign a minute later."""
        self.clock.advance(minutes=1)
        self.of(Sealer).seal()
        assert self.of(Sealer).sign_when_due() == 1

    def asks(self, partner=None, **form):
        return (partner or self.partner).calls(PATH, form)

    def evidence(self, **form):
        answer = self.asks(**form)
        assert (answer.status_code, answer.mimetype) == (200, "application/jsonl")
        return answer.get_data(as_text=True)


@pytest.fixture
def story(app, clock):
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, register(app, **REFRESHING))
    return Story(app, clock, holder, partner)


@pytest.fixture
def tokens(story):
    found = story.partner.tokens(scope="openid email offline_access")
    story.signs()
    return found


@pytest.fixture
def judge(story, tmp_path):
    """Return a function that has evidence judged elsewhere, with the key from the operator."""
    key = str(story.of(Sealer).key.verifier)

    def run(evidence, token=None, older=None):
        (tmp_path / "evidence.jsonl").write_text(evidence)
        command = [sys.executable, "-I", ROOT / "scripts/verify_evidence.py"]
        command += [tmp_path / "evidence.jsonl", "--key", key]
        for option, text in (("--token", token), ("--checkpoint", older)):
            if text is not None:
                (tmp_path / option).write_text(text)
                command += [option, tmp_path / option]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    return run


def lines_of(evidence):
    return [json.loads(line) for line in evidence.splitlines()]


def the_event(evidence):
    (found,) = [line["event"] for line in lines_of(evidence) if line["kind"] == "event"]
    return found


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


def test_a_token_just_issued_is_to_be_asked_again_in_a_minute(story):
    token = story.partner.tokens()["id_token"]

    early = story.asks(token=token)
    story.of(Sealer).seal()
    sealed = story.asks(token=token)
    story.signs()

    for answer in (early, sealed):
        assert (answer.status_code, answer.get_json()["error"]) == (409, "evidence_pending")
        assert answer.headers["Retry-After"] == "60"
    assert story.asks(token=token).status_code == 200


@pytest.mark.forges_events
def test_a_trail_that_was_touched_proves_nothing(story, tokens, app):
    with story.of(Database).transaction() as transaction:
        transaction.driver.execute(
            "UPDATE audit_event SET body = replace(body, 'eidas1', 'eidas2')"
            " WHERE type = 'token.issued'"
        )

    answer = story.asks(token=tokens["id_token"])

    assert (answer.status_code, answer.get_json()["error"]) == (500, "server_error")
    assert events(app, "token.evidence.given")[-1]["reason_code"] == "broken"


@pytest.mark.forges_events
def test_a_token_from_before_partners_had_evidence_is_unknown(story, tokens):
    with story.of(Database).transaction() as transaction:
        transaction.driver.execute(
            "UPDATE audit_event SET body = replace(body, '\"salt\":', '\"sale\":')"
        )

    assert story.asks(token=tokens["id_token"]).status_code == 404


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


def test_only_a_client_that_proves_itself_asks(story, tokens, app):
    public = Partner(app, story.holder, register(app, client_id="app", **PUBLIC))

    wrong = story.partner.calls(PATH, {"token": tokens["id_token"]}, secret="w" * 40)
    without = story.asks(public, token=tokens["id_token"])

    assert (wrong.status_code, wrong.get_json()["error"]) == (401, "invalid_client")
    assert (without.status_code, without.get_json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    "form",
    [{}, {"token": "a", "jti": "b"}, {"token_sha256": "A" * 64}, {"token_sha256": "a" * 63},
     {"token": "a", "checkpoint": "x"}],
)  # fmt: skip
def test_a_question_that_names_no_single_token_is_refused(story, form):
    answer = story.asks(**form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


class TestQuestionsAreCounted:
    @pytest.fixture
    def settings(self, database_url):
        return test_settings(database_url, BROKER_LIMIT_TOKEN_EVIDENCE_COUNT="3")

    def test_a_partner_that_asks_too_often_waits_and_no_other_with_it(self, story, tokens, app):
        other = Partner(app, story.holder, register(app, client_id="autre", **REFRESHING))
        for _ in range(4):
            story.partner.calls(
                PATH, {"token": "a"}, secret="w" * 40
            )  # a stranger's count nothing

        answers = [story.asks(token=tokens["id_token"]) for _ in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 0 < int(answers[3].headers["Retry-After"]) <= timedelta(hours=1).seconds + 1
        assert story.asks(other, token="x").status_code == 404
        story.clock.advance(hours=1)
        assert story.asks(token=tokens["id_token"]).status_code == 200


def test_what_was_given_is_on_record_with_the_login_and_never_the_token(story, tokens, app):
    story.evidence(token=tokens["access_token"])

    (told,) = events(app, "token.evidence.given")
    assert told["actor"] == {"kind": "client", "ref": "partenaire"}
    assert (told["client_auth_method"], told["token"]["kind"]) == ("client_secret_basic", "access")
    assert told["auth_event_id"] == events(app, "session.created")[0]["auth_event_id"]
    assert tokens["access_token"] not in json.dumps(told)
    assert SECRET not in json.dumps(told)


def test_an_operator_gives_the_partner_the_same(story, tokens, settings, judge, app):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BROKER_")},
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": settings.database_url,
    }

    def run(client_id):
        command = [sys.executable, "-m", "broker", "audit", "token-evidence", client_id]
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=tokens["id_token"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    given, refused = run("partenaire"), run("autre")

    assert given.returncode == 0, given.stderr
    assert the_event(given.stdout) == the_event(story.evidence(token=tokens["id_token"]))
    assert judge(given.stdout, tokens["id_token"])[0] == 0
    assert (refused.returncode, refused.stdout) == (1, "")
    told = events(app, "token.evidence.given")
    assert sorted(event["actor"]["kind"] for event in told) == ["admin", "admin", "client"]


def test_a_partner_that_is_switched_off_asks_no_more(story, tokens):
    story.of(ClientAdministration).disable("partenaire", OPERATOR)

    assert story.asks(token=tokens["id_token"]).status_code == 401
