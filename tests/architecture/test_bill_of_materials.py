"""``make sbom`` lists what the lock file installs."""

import json
import re
import subprocess

import pytest

from tests.conftest import ROOT, require

LOCKED = re.compile(
    r"^([A-Za-z0-9._-]+)==([^ ;]+)(.*?)(?=^[A-Za-z0-9]|\Z)", re.MULTILINE | re.DOTALL
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@pytest.fixture(scope="module")
def bill(tmp_path_factory):
    """Return what the target writes; what it installs first is installed."""
    require("cyclonedx-py", present=(ROOT / ".venv/bin/cyclonedx-py").exists())
    written = tmp_path_factory.mktemp("bill") / "sbom.cdx.json"
    installed = ("-o", ".venv/installed", "-o", ".venv/installed-dev")
    subprocess.run(["make", *installed, "sbom", f"SBOM={written}"], cwd=ROOT, check=True)
    return json.loads(written.read_text())


def test_each_locked_package_is_listed_with_its_version_and_hashes(bill):
    locked = {
        (name, version, frozenset(HASH.findall(rest)))
        for name, version, rest in LOCKED.findall((ROOT / "requirements.lock").read_text())
    }

    listed = {
        (part["name"], part["version"], frozenset(_hashes(part))) for part in bill["components"]
    }

    assert len(locked) > 40
    assert all(hashes for _, _, hashes in locked)
    assert listed == locked


def test_the_bill_is_in_the_common_format_and_says_whose_it_is(bill):
    project = bill["metadata"]["component"]

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert project["name"] == "ameli-identity-broker"
    assert {part["purl"].partition("@")[0].partition("/")[0] for part in bill["components"]} == {
        "pkg:pypi"
    }


def _hashes(part):
    return [
        digest["content"]
        for place in part["externalReferences"]
        for digest in place["hashes"]
        if digest["alg"] == "SHA-256"
    ]
