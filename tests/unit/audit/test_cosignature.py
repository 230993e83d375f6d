"""What a witness signs (C2SP tlog-cosignature): the published message, and what must not pass."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.audit.sealing.cosignature import WitnessKey
from broker.audit.sealing.note import NoteRefused, SignerKey, VerifierKey

TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
# As the specification writes out what is signed.
STATED = (
    b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
    b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)
SECONDS = 1_679_315_147
THEN = datetime.fromtimestamp(SECONDS, UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = WitnessKey("witness.example.com/w1", PRIVATE.public_key().public_bytes_raw())
LINE = KEY.line(SECONDS.to_bytes(8) + PRIVATE.sign(STATED))


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(SECONDS + seconds, UTC)


def test_the_published_message_is_what_is_verified():
    assert KEY.cosignature(TEXT, LINE, THEN) == LINE
    assert KEY.open(f"{TEXT}\n{LINE}") == TEXT


def test_the_key_is_read_as_it_is_published():
    assert WitnessKey.parse(str(KEY)) == KEY
    assert str(KEY).startswith("witness.example.com/w1+")


@pytest.mark.parametrize(("of", "key"), [(WitnessKey, VerifierKey(KEY.name, KEY.raw)),
                                         (VerifierKey, KEY)])  # fmt: skip
def test_the_key_of_a_log_is_not_that_of_a_witness(of, key):
    with pytest.raises(NoteRefused):
        of.parse(str(key))


def test_lines_of_unknown_keys_are_left_aside_and_not_kept():
    other = WitnessKey("other", KEY.raw).line(bytes(72))
    renamed = WitnessKey(KEY.name, bytes(32)).line(bytes(2428))

    assert KEY.cosignature(TEXT, other + LINE + renamed, THEN) == LINE


REFUSED = {
    "another text": (TEXT.replace("163", "164"), LINE),
    "another moment": (TEXT, KEY.line((SECONDS + 1).to_bytes(8) + PRIVATE.sign(STATED))),
    "the text alone": (TEXT, KEY.line(SECONDS.to_bytes(8) + PRIVATE.sign(TEXT.encode()))),
    "too short": (TEXT, KEY.line(b"x")),
    "nothing": (TEXT, ""),
    "no line break": (TEXT, LINE.strip()),
    "another key": (
        TEXT,
        SignerKey("witness.example.com/w1", PRIVATE).sign(TEXT).split("\n\n")[1],
    ),
    "no base64": (TEXT, f"\u2014 {KEY.name} !\n"),
    "a page": (TEXT, "<p>Bonjour</p>\n"),
}


@pytest.mark.parametrize(("text", "lines"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_cosignature_is_refused(text, lines):
    with pytest.raises(NoteRefused):
        KEY.cosignature(text, lines, THEN)


@pytest.mark.parametrize(("seconds", "refused"), [(-300, False), (-301, True)])
def test_the_clock_of_a_witness_may_be_five_minutes_ahead(seconds, refused):
    try:
        assert not refused or not KEY.cosignature(TEXT, LINE, at(seconds))
    except NoteRefused:
        assert refused


def test_a_moment_that_no_calendar_has_is_refused():
    latest = (2**64 - 1).to_bytes(8)
    stated = f"cosignature/v1\ntime {2**64 - 1}\n{TEXT}".encode()

    with pytest.raises(NoteRefused, match="future"):
        KEY.cosignature(TEXT, KEY.line(latest + PRIVATE.sign(stated)), THEN)


def test_a_note_says_whether_the_witness_signed_it():
    note = SignerKey.of_seed("example.com/behind-the-sofa", bytes(32)).sign(TEXT)

    assert not KEY.has_signed(note)
    assert KEY.has_signed(note + LINE)
    with pytest.raises(NoteRefused):
        KEY.has_signed(note + KEY.line(bytes(72)))
