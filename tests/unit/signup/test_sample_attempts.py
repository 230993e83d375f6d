"""Every attempt of the sample, through the pages, with the sample's register."""

import json

import pytest

from broker.app import create_app
from broker.audit.model import Actor
from broker.audit.store import AuditStore
from broker.base.db import Database
from broker.insured.register import RegisterImport
from tests.conftest import ROOT, FrozenClock, test_settings
from tests.unit.signup.visitor import Visitor, goes_to

CASES = [json.loads(line) for line in (ROOT / "data/cv_cases.jsonl").read_text().splitlines()]
_IDENTITY = ("nom", "nir", "date_naissance", "code_postal")


@pytest.fixture(scope="module")
def app(tmp_path_factory, sqlite_template):
    path = tmp_path_factory.mktemp("sample") / "broker.db"
    path.write_bytes(sqlite_template.read_bytes())
    application = create_app(test_settings(f"sqlite:///{path}"), clock=FrozenClock())
    with (ROOT / "data/records.csv").open("rb") as file:
        application.extensions["broker"][RegisterImport].load(
            file,
            actor=Actor(kind="admin", ref="test"),
            on_bad_row=lambda bad: pytest.fail(str(bad)),
            on_progress=lambda _done: None,
        )
    yield application
    application.extensions["broker"][Database].engine.dispose()


def refusals(app) -> dict[str, str]:
    """Return the reason of each refusal so far, by the id of its event."""
    bodies = app.extensions["broker"][AuditStore].search(type_prefix="account.create.refused")
    events = [json.loads(body) for body in bodies]
    return {event["event_id"]: event["reason_code"] for event in events}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['kind']}")
def test_the_attempt_ends_as_the_sample_says(app, case):
    form, visitor, before = case["form"], Visitor(app), refusals(app)

    answer = visitor.posts("/creation-compte", **{name: form[name] for name in _IDENTITY})
    if answer.headers.get("Location") == "/creation-compte/carte":
        answer = visitor.posts(
            "/creation-compte/carte", iban7=form["iban7"], vitale11=form["vitale11"]
        )

    told = [reason for event, reason in refusals(app).items() if event not in before]
    wanted = f"{case['expect']}:{case['reason']}".rstrip(":")
    assert told == ([] if case["expect"] == "ok" else [wanted])
    if case["expect"] == "ok":
        assert goes_to(answer) == "/conditions"
