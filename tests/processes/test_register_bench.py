"""The measurement of a large register runs, in small."""

import re
import subprocess
import sys

import pytest

from tests.support.places import ROOT

pytestmark = pytest.mark.processes


def test_a_tiny_register_is_loaded_and_its_people_alone_are_found():
    command = [sys.executable, "-m", "bench", "register", "--size", "2000"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    shown = done.stdout

    assert done.returncode == 0, done.stderr[-2000:]
    asked_and_matched = {
        kind: (int(asked), int(matched))
        for kind, asked, matched in re.findall(
            r"^2,000 (\D+?) +(\d+) +(\d+) ", shown, re.MULTILINE
        )
    }
    assert asked_and_matched["present"] >= (40, 30)
    assert asked_and_matched["absent"] == (40, 0)
    assert asked_and_matched["one field differs"] == (40, 0)
    assert "--processes 2" in shown
