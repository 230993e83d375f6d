"""The tree of a lineage and its drawing, from events alone."""

import itertools
import tomllib
from xml.etree import ElementTree as ET

import pytest

from broker.audit.catalogue import kinds
from broker.audit.lineage.drawing import drawing
from broker.audit.lineage.growth import Mark, tree
from tests.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"
WORDS = tomllib.loads((ROOT / "templates/messages/lineage.toml").read_text())["notice"]
_numbers = itertools.count(1)


def event(kind: str, at: int = 0, **facts: object) -> dict:
    return {
        "event_id": f"{next(_numbers):04}",
        "type": kind,
        "time": f"2026-03-02T11:00:{at:02}.000000Z",
        "outcome": "success",
        **facts,
    }


def shape(roots) -> list:
    return [(depth, node.kind) for root in roots for depth, node in root.lines()]


def test_the_steps_of_a_login_stand_below_it_in_the_order_of_time():
    login = {"auth_event_id": "L"}
    steps = [
        event("session.created", 3, session_ref="S", **login),
        event("otp.ok", 2, code_ref="12345678", **login),
        event("login.password.ok", 1, **login),
    ]

    assert shape(tree(steps)) == [
        (0, "login"), (1, "login.password.ok"), (1, "otp.ok"), (1, "session.created"),
    ]  # fmt: skip


def test_a_round_trip_to_franceconnect_stands_below_the_login_that_it_opened():
    trip = [
        event("fc.start", 1, interaction_id="T"),
        event("fc.callback.ok", 2, interaction_id="T"),
        event("fc.login.ok", 3, interaction_id="T", auth_event_id="L"),
    ]

    assert shape(tree(trip)) == [
        (0, "login"), (1, "round_trip"), (2, "fc.start"), (2, "fc.callback.ok"),
        (1, "fc.login.ok"),
    ]  # fmt: skip


def test_a_request_that_nobody_logged_in_for_stands_alone():
    asked = [event("authz.requested", interaction_id="I", outcome="attempt")]

    assert shape(tree(asked)) == [(0, "request"), (1, "authz.requested")]


def test_an_event_whose_parent_is_not_there_hangs_on_the_next_one():
    issued = event("code.issued", 1, auth_event_id="L", code_ref="C")
    used = event("userinfo.read", 2, auth_event_id="L", code_ref="C", token={"hash_prefix": "T"})

    assert shape(tree([issued, used])) == [(0, "login"), (1, "code.issued"), (2, "userinfo.read")]
    assert shape(tree([used])) == [(0, "login"), (1, "userinfo.read")]


def test_what_hangs_on_itself_is_shown_all_the_same():
    one = event("token.issued", 1, token={"hash_prefix": "A", "parent_jti": "B"})
    two = event("token.issued", 2, token={"hash_prefix": "B", "parent_jti": "A"})
    alone = event("token.issued", 3, token={"hash_prefix": "C", "parent_jti": "C"})

    roots = tree([one, two, alone])

    assert sorted(kind for _, kind in shape(roots)) == ["token.issued"] * 3


@pytest.mark.parametrize(
    ("kind", "outcome", "marks"),
    [
        ("code.replayed", "failure", (Mark.REPLAYED,)),
        ("refresh.reuse", "failure", (Mark.REPLAYED,)),
        ("refresh.refused", "failure", (Mark.REFUSED,)),
        ("refresh.ok", "success", ()),
        ("fc.start", "attempt", ()),
    ],
)
def test_an_event_is_marked_by_what_it_is(kind, outcome, marks):
    (root,) = tree([event(kind, outcome=outcome)])

    assert root.marks == marks


def test_a_session_that_ended_is_marked():
    session = [
        event("session.created", 1, auth_event_id="L", session_ref="S"),
        event("session.ended", 2, auth_event_id="L", session_ref="S"),
    ]

    (login,) = tree(session)

    assert login.children[0].marks == (Mark.ENDED,)
    assert shape([login]) == [(0, "login"), (1, "session.created"), (2, "session.ended")]


def drawn(*events: dict, sought: frozenset[str] = frozenset()) -> ET.Element:
    return ET.fromstring(drawing(tree(events, sought), WORDS.get))


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def test_the_drawing_says_what_it_is_to_who_does_not_see_it():
    picture = drawn(event("code.replayed", outcome="failure"), event("refresh.ok"))

    title, desc = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Ce qui découle de la connexion"
    assert desc.text.startswith("Arbre de 2 événements ; rejeux : 1.")


def test_a_replay_is_seen_by_its_word_and_its_shape():
    replay, plain = drawn(event("refresh.reuse", outcome="failure")), drawn(event("refresh.ok"))

    assert texts(replay) == ["2026-03-02 11:00:00Z · Ancien jeton présenté à nouveau · REJEU"]
    assert texts(plain) == ["2026-03-02 11:00:00Z · Jeton de rafraîchissement utilisé"]
    assert replay.find(f".//{SVG}g[@transform]/{SVG}path") is not None
    assert plain.find(f".//{SVG}circle") is not None
    assert replay.find(f".//{SVG}circle") is None


def test_what_was_sought_is_bold():
    used = event("refresh.ok")

    (text,) = drawn(used, sought=frozenset({used["event_id"]})).iter(f"{SVG}text")

    assert text.get("font-weight") == "bold"
    assert text.text.endswith("RECHERCHÉ")


def test_what_the_trail_holds_is_only_text():
    hostile = "<script>\"&'"

    assert hostile in texts(drawn(event("refresh.ok", client_id=hostile)))[0]


def test_a_tree_too_long_to_read_says_how_many_lines_are_not_drawn():
    picture = drawn(*(event("refresh.ok") for _ in range(403)))

    assert len(texts(picture)) == 400
    assert picture.find(f"{SVG}desc").text.endswith("3 lignes ne sont pas dessinées.")


def test_french_words_are_for_events_that_exist():
    others = (
        "mark.", "login", "request", "round_trip", "act", "tries", "title", "description",
        "left_out", "generation", "token.access", "token.refresh", "token.id", "token.family",
    )  # fmt: skip
    named = {code.removeprefix("lineage.") for code in WORDS}

    unknown = {name for name in named - set(kinds()) if not name.startswith(others)}

    assert unknown == set()


@pytest.mark.parametrize("kind", ["session.late", "session.copied"])
def test_a_session_that_was_used_after_its_end_is_marked_below_it(kind):
    about = {"session_ref": "S", "auth_event_id": "L"}
    roots = tree(
        [
            event("session.created", 1, **about),
            event("session.ended", 2, reason_code="cut", **about),
            event(kind, 3, outcome="failure", reason_code="cut", **about),
        ]
    )

    (_, opened, ended, used) = [node for _, node in roots[0].lines()]
    assert opened.children == (ended, used)
    assert used.marks == (Mark.LATE,)
    assert WORDS["lineage.mark.late"] in drawing(roots, WORDS.get)
