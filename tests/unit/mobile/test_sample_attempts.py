"""Every attempt of the sample, through the app's screens, with the sample's register."""

import pytest

from tests.unit.mobile.owner import PhoneOwner
from tests.unit.signup.test_sample_attempts import CASES, app, refusals

__all__ = ["app"]
_IDENTITY = ("nom", "nir", "date_naissance", "code_postal")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['kind']}")
def test_the_attempt_ends_as_the_sample_says(app, case):
    form, owner, before = case["form"], PhoneOwner(app), refusals(app)
    owner.accepts_terms()

    answer = owner.posts("/app/identite", **{name: form[name] for name in _IDENTITY})
    if answer.location == "/app/carte":
        answer = owner.posts("/app/carte", iban7=form["iban7"], vitale11=form["vitale11"])

    told = [reason for event, reason in refusals(app).items() if event not in before]
    wanted = f"{case['expect']}:{case['reason']}".rstrip(":")
    assert told == ([] if case["expect"] == "ok" else [wanted])
    if case["expect"] == "ok":
        assert answer.location == "/app/compte"
