"""A login at a partner whose tokens are sealed, and the program that judges their evidence."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from broker.audit.sealing.sealer import Sealer
from tests.conftest import ROOT
from tests.support.partner import REFRESHING, Holder, Partner, register, sample_account

PATH = "/token-evidence"


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
