"""From anything that names a part of it, the whole of what came of a login is found."""

import base64
import json
from functools import partial

import pytest
from alembic import command as alembic
from sqlalchemy import create_engine

from broker.audit.lineage.growth import Mark
from broker.audit.lineage.lookup import Lineages
from broker.audit.model import Actor
from broker.audit.store import AuditStore
from broker.foundation import Foundation
from broker.migration import _config, migrate
from broker.otp.events import CodeAccepted
from tests.conftest import test_settings
from tests.support.commands import command
from tests.support.partner import Holder, Partner, callback, events, register, sample_account
from tests.unit.audit.login_story import LoginStory, digest

_BEFORE = "0018"
ANALYST = Actor(kind="admin", ref="test")
TREE = """\
login
  session.created
  request
    authz.pushed
    authz.requested
    code.issued ended
      code.redeemed
      token.issued access 0
      token.issued id 0
      token.issued refresh 0
        refresh.rotated
        token.issued access 1
        token.issued refresh 1
          refresh.rotated
          token.issued access 2
            token.introspected
          token.issued refresh 2
        refresh.reuse replayed
      token.issued id 1
      token.issued id 2
      token.revoked
      code.replayed replayed
"""


@pytest.fixture
def story(app, clock) -> LoginStory:
    return LoginStory.happens(app, clock)


@pytest.fixture
def lineage(app):
    """Return a function that looks an identifier up."""
    return partial(app.extensions["broker"][Lineages].read, actor=ANALYST, reason="a report")


def told(found) -> str:
    """Return the trees without what chance made: kinds, generations, marks but SOUGHT."""
    lines = (line for root in found.roots for line in root.lines())
    return "".join(f"{'  ' * depth}{_told(node)}\n" for depth, node in lines)


def _told(node) -> str:
    token = (node.event or {}).get("token", {}) if node.kind == "token.issued" else {}
    marks = [mark for mark in node.marks if mark is not Mark.SOUGHT]
    facts = [token.get("kind"), token.get("generation"), *marks]
    return " ".join([node.kind, *(str(fact) for fact in facts if fact is not None)])


def sought(found) -> list[str]:
    lines = (node for root in found.roots for _, node in root.lines())
    return [_told(node) for node in lines if Mark.SOUGHT in node.marks]


def issued(app, kind: str) -> dict:
    """Return the last event about a new token of that kind."""
    return [e for e in events(app, "token.issued") if e["token"]["kind"] == kind][-1]


IDENTIFIERS = {
    "the reference in a mail": (lambda _, story: story.login, "login"),
    "the same, read aloud": (lambda _, story: f" {story.login.lower()}\n", "login"),
    "a session": (lambda _, story: story.sid, "session.created"),
    "a request_uri": (lambda _, story: story.request_uri, "request"),
    "a code": (lambda _, story: story.code, "code.issued ended"),
    "a code's digest": (lambda _, story: digest(story.code), "code.issued ended"),
    "a code as the trail names it": (lambda _, story: digest(story.code)[:32].upper(),
                                     "code.issued ended"),
    "a digest in base64url": (
        lambda _, story: base64.urlsafe_b64encode(bytes.fromhex(digest(story.code)))
        .decode().rstrip("="),
        "code.issued ended",
    ),
    "an access token": (lambda _, story: story.access, "token.issued access 2"),
    "a rotated refresh token": (lambda _, story: story.refresh[0], "token.issued refresh 0"),
    "the living refresh token": (lambda _, story: story.refresh[2], "token.issued refresh 2"),
    "a jti": (lambda app, _: issued(app, "access")["token"]["jti"],
              "token.issued access 2"),
    "an event": (lambda app, _: events(app, "refresh.reuse")[0]["event_id"],
                 "refresh.reuse replayed"),
}  # fmt: skip


@pytest.mark.parametrize(("identifier", "names"), IDENTIFIERS.values(), ids=IDENTIFIERS.keys())
def test_whatever_is_named_the_whole_tree_is_found(app, story, lineage, identifier, names):
    found = lineage(identifier(app, story))

    assert told(found).splitlines() == TREE.splitlines()
    assert found.whole
    assert sought(found) == [names]


def test_a_session_is_found_as_its_partner_calls_it(story, lineage):
    found = lineage(story.partner_sid)

    assert told(found).splitlines() == TREE.splitlines()
    assert {name.split()[:2] == ["token.issued", "id"] for name in sought(found)} == {True}


def test_another_login_of_the_same_browser_is_another_tree(app, clock, story, lineage):
    clock.advance(seconds=1)
    Holder(app, sample_account(app, 2)).logs_in()
    (_, second) = events(app, "session.created")

    assert told(lineage(second["auth_event_id"])) == "login\n  session.created\n"
    assert told(lineage(story.login)).splitlines() == TREE.splitlines()


def test_a_pushed_request_that_waited_for_the_login_leads_to_its_code(app, clock, lineage):
    holder = Holder(app, sample_account(app, 2))
    partner = Partner(app, holder, register(app, client_id="autre"))
    request_uri = partner.calls("/par", partner.request()).get_json()["request_uri"]
    address = {"client_id": "autre", "request_uri": request_uri}
    asked = holder.client.get("/authorize", query_string=address)
    clock.advance(seconds=1)
    code = callback(holder.goes_on(asked))["code"]

    by_push, by_code = lineage(request_uri), lineage(code)

    tree = """\
login
  request
    authz.pushed
    authz.requested
    code.issued
  session.created
"""
    assert told(by_push).splitlines() == told(by_code).splitlines() == tree.splitlines()


@pytest.mark.parametrize("unknown", ["K7TP-4WQD-2M", "x" * 43, "é" * 500, "\0", "", "-"])
def test_what_the_trail_does_not_know_has_no_tree(lineage, unknown):
    assert lineage(unknown).roots == ()


def test_a_lookup_is_itself_an_event_that_tells_no_secret(app, story, lineage):
    lineage(story.code)
    lineage("x" * 43)

    known, unknown = events(app, "audit.lineage.read")
    assert known["actor"] == {"kind": "admin", "ref": "test"}
    assert known["after"] == {"reason": "a report"}
    assert (known["logins"], known["events"]) == ([story.login], 20)
    assert (unknown["outcome"], unknown["reason_code"]) == ("failure", "unknown")
    assert "logins" not in unknown
    assert story.code not in "".join(app.extensions["broker"][AuditStore].search())


def test_a_lookup_does_not_become_part_of_what_is_looked_up(story, lineage):
    first = lineage(story.login)

    assert lineage(story.login) == first


def test_what_was_recorded_before_the_columns_is_found_after_the_migration(
    story, lineage, database_url
):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        alembic.downgrade(config, _BEFORE)
    engine.dispose()

    migrate(test_settings(database_url))

    for identifier in (story.sid, story.code, story.access, story.refresh[0]):
        assert told(lineage(identifier)).splitlines() == TREE.splitlines()


def test_a_trail_that_is_larger_than_an_answer_says_so(app, story, lineage):
    audit = app.extensions["broker"][Foundation].audit
    for number in range(1_981):
        audit.record(CodeAccepted(auth_event_id=story.login, code_ref=f"{number:08}"))

    found = lineage(story.login)

    assert not found.whole
    assert sum(node.event is not None for root in found.roots for _, node in root.lines()) == 2_000


def test_the_command_prints_the_tree_and_draws_it(story, database_url, tmp_path):
    environment = {"BROKER_PROFILE": "test", "BROKER_DATABASE_URL": database_url}
    ask = partial(command, "audit", "lineage", "--reason", "case 7", environment=environment)
    picture = tmp_path / "lineage.svg"

    listed = ask(story.login, "--svg", picture)
    as_json = ask(story.access, "--json")
    unknown = ask("K7TP-4WQD-2M")

    assert (listed.code, as_json.code, unknown.code) == (0, 0, 1)
    kinds = [line.strip() for line in listed.stdout.splitlines()]
    assert kinds[0] == f"login {story.login} SOUGHT"
    assert [line for line in kinds if "refresh.reuse" in line and line.endswith("REPLAYED")]
    assert picture.read_text().count("REJEU") == 2
    assert json.loads(as_json.stdout)["roots"][0]["kind"] == "login"
    assert story.access not in as_json.stdout + as_json.stderr
    assert unknown.stderr == "broker: the trail knows nothing of it\n"
