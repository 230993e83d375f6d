"""Events as CEF and syslog: whatever they hold, a reader gets back what was meant."""

import json
import re
from datetime import UTC, datetime

import pytest

from broker.audit.formats.leaves import leaves
from broker.audit.formats.syslog import framed
from broker.audit.sealing.sealed import Sealed
from broker.exports.cef import cef
from broker.exports.syslog_message import SyslogMessages
from scripts.write_export_samples import sealed_samples
from tests.support.syslog_receiver import parsed

SAMPLES = sealed_samples()
MESSAGES = SyslogMessages("compte-ameli.example", 32_473)
NASTY = 'a"b\\c]d|e=f\ng\rh\x00i é'


def cef_parts(line: str) -> tuple[list[str], dict[str, str]]:
    """Take a line of CEF apart, as its specification says."""
    *header, extension = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
    fields = re.split(r"(?:^|(?<= ))([A-Za-z0-9]+)=", extension)[1:]
    values = (value.removesuffix(" ") for value in fields[1::2])
    undone = {"n": "\n", "r": "\r"}
    return header, {
        key: re.sub(r"\\(.)", lambda found: undone.get(found[1], found[1]), value)
        for key, value in zip(fields[::2], values, strict=True)
    }


def an_event(**facts) -> Sealed:
    event = SAMPLES[0].event | facts
    return Sealed(41, datetime(2026, 3, 2, tzinfo=UTC), json.dumps(event))


@pytest.mark.parametrize("sealed", SAMPLES, ids=lambda each: each.event["type"])
def test_every_event_is_a_message_that_holds_all_of_it(sealed):
    message = parsed(MESSAGES.message(sealed))

    told = {
        path[:32]: " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for path, value in leaves(sealed.event)
    }
    assert message.parameters == told | {"position": str(sealed.position)}
    assert message.element == "audit@32473"
    assert message.message_id == sealed.event["type"]
    assert message.priority // 8 == 13


def test_no_two_values_of_an_event_share_a_name_and_no_type_is_cut():
    for sealed in SAMPLES:
        names = [path[:32] for path, _ in leaves(sealed.event)]
        assert len(names) == len(set(names))
        assert len(sealed.event["type"]) <= 32


@pytest.mark.parametrize(
    ("kind", "priority", "severity"),
    [
        ("login.password.ok", 110, "1"),
        ("refresh.reuse", 107, "8"),
        ("audit.verify.failed", 106, "10"),
    ],
)
def test_how_urgent_an_event_is_in_the_words_of_each(kind, priority, severity):
    (sealed,) = (each for each in SAMPLES if each.event["type"] == kind)

    assert parsed(MESSAGES.message(sealed)).priority == priority
    assert cef_parts(cef(sealed))[0][6] == severity


def test_what_a_value_holds_ends_neither_parameter_nor_line():
    message = parsed(MESSAGES.message(an_event(reason_code=NASTY)))

    assert message.parameters["reason_code"] == 'a"b\\c]d|e=f g h i é'


def test_what_a_value_holds_ends_neither_field_nor_header_of_cef():
    line = cef(an_event(reason_code=NASTY, type="odd|kind\\of"))

    header, fields = cef_parts(line)
    assert "\n" not in line
    assert "\r" not in line
    assert header[:4] == ["CEF:0", "Assurance Maladie", "compte ameli", "1"]
    assert header[4] == "odd\\|kind\\\\of"
    assert fields["reason"] == 'a"b\\c]d|e=f\ng\rh i é'


def test_cef_tells_what_rules_correlate_by():
    header, fields = cef_parts(cef(an_event(type="refresh.reuse")))

    event = SAMPLES[0].event
    assert header[4:] == ["refresh.reuse", "refresh reuse", "8"]
    assert fields["externalId"] == event["event_id"]
    assert (fields["cn1Label"], fields["cn1"]) == ("position", "41")
    assert (fields["cs3Label"], fields["cs3"]) == ("authEventId", event["auth_event_id"])
    assert (fields["src"], fields["spt"]) == ("192.0.2.7", "40123")
    assert fields["suid"] == event["subject_ref"]
    assert fields["requestClientApplication"] == event["src"]["ua"]


def test_cef_has_a_field_of_its_own_for_addresses_of_ipv6():
    _, fields = cef_parts(cef(an_event(src={"ip": "2001:db8::7"})))

    assert (fields["c6a2Label"], fields["c6a2"]) == ("Source IPv6 Address", "2001:db8::7")
    assert "src" not in fields


def test_a_frame_counts_bytes_and_not_letters():
    sealed = an_event(reason_code="é")

    frame = framed(MESSAGES.message(sealed))

    length, _, message = frame.partition(b" ")
    assert int(length) == len(message) == len(message.decode()) + 1
