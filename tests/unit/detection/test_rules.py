"""What a file of rules may say, and how it is told what it may not."""

import re

import pytest

import broker.cli  # noqa: F401 - with every capability, every event
from broker.audit.catalogue import kinds
from broker.detection.rules import Rules, RulesRefused
from scripts.write_detection_rules import PAGE, written

SOUND = """
[sound]
title = "Une règle qui est bonne"
meaning = "Beaucoup de codes faux."
severity = "high"
by = "subject_ref"
counts = "events"
threshold = 7
within = "1 h"
events = { types = ["otp.failed"] }
"""
SEQUENCE = """
[sound]
title = "Une suite qui est bonne"
meaning = "Puis un nouveau service."
severity = "critical"
by = "subject_ref"
within = "24 h"
sequence = [{ types = ["session.created"] }, { types = ["code.issued"], first = "client_id" }]
"""


@pytest.fixture
def load(tmp_path):
    """Return a function that reads rules from files of these texts."""

    def loaded(*texts):
        for number, text in enumerate(texts):
            (tmp_path / f"{number}.toml").write_text(text, encoding="utf-8")
        return Rules.load(tmp_path, kinds())

    return loaded


def test_the_shipped_rules_are_sound_and_sleep_on_no_event():
    assert len(Rules.load(None, kinds()).by_name) >= 12


def test_the_page_of_the_rules_is_what_their_files_say():
    assert PAGE.read_text(encoding="utf-8") == written(), "python -m scripts.write_detection_rules"


@pytest.mark.parametrize("text", [SOUND, SEQUENCE])
def test_a_sound_rule_is_read(load, text):
    assert list(load(text).by_name) == ["sound"]


@pytest.mark.parametrize(
    ("from_", "to", "says"),
    [
        ("threshold = 7", "threshold = 0", "threshold: Input should be greater"),
        ("threshold", "treshold", "treshold: Extra inputs are not permitted"),
        ('"otp.failed"', '"otp.fialed"', "no event has the type otp.fialed"),
        ('"1 h"', '"1 hour"', "within: Value error, a window is a number and s, min or h"),
        ('"1 h"', '"24 h"', None),
        ('"1 h"', '"25 h"', "within: Input should be less than or equal to"),
        ('"1 h"', '"0 s"', "within: Input should be greater than"),
        ('"high"', '"low"', "severity: Input should be 'medium', 'high' or 'critical'"),
        ('by = "subject_ref"', 'by = "src.port"', "by: Input should be 'src.ip'"),
        ('"events"', '"subject_ref"', "what is counted is not what is grouped by"),
        ("[sound]", "[Sound]", "name: String should match pattern"),
        ("events = {", "#", "a rule has either events to count or a sequence"),
        ("[sound]", "sound = 1\n[other]", "0.toml, sound: a rule is a table"),
        ("[sound]", "[sound", "0.toml: Expected ']'"),
    ],
)
def test_a_flaw_is_named_with_its_file_rule_and_field(load, from_, to, says):
    text = SOUND.replace(from_, to)
    assert text != SOUND
    if says is None:
        assert load(text)
        return

    with pytest.raises(RulesRefused, match=re.escape(says)) as refused:
        load(text)

    assert all(flaw.startswith("0.toml") for flaw in refused.value.flaws)


@pytest.mark.parametrize(
    ("from_", "to", "says"),
    [
        ('by = "subject_ref"', 'by = "client_id"', "of one person"),
        ('{ types = ["session.created"] }, ', "", "a sequence has two steps or more"),
        ('within = "24 h"', 'within = "24 h"\nthreshold = 2', "a sequence counts nothing"),
    ],
)
def test_a_flawed_sequence_is_told(load, from_, to, says):
    with pytest.raises(RulesRefused, match=says):
        load(SEQUENCE.replace(from_, to))


def test_every_flaw_is_told_at_once(load):
    with pytest.raises(RulesRefused) as refused:
        load(SOUND.replace("= 7", "= 0"), SEQUENCE.replace("24 h", "24 d"), SOUND, SOUND)

    assert len(refused.value.flaws) == 3  # two values, and a name that stands twice


def test_a_folder_without_rules_is_refused(tmp_path):
    with pytest.raises(RulesRefused, match="no file of rules"):
        Rules.load(tmp_path, kinds())
