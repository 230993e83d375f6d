"""Signed notes and checkpoints: the published example, and everything that must not pass."""

import base64
from datetime import UTC, datetime

import pytest

from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.note import NoteRefused, SignerKey, VerifierKey

# The example of the package that notes come from (golang.org/x/mod/sumdb/note).
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    TEXT + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
    "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
OURS = SignerKey.of_seed("ameli.example/audit", bytes(range(32)))


def test_the_published_note_is_signed_and_opened():
    signer = SignerKey.of_seed("PeterNeumann", SEED)

    assert str(signer.verifier) == PETER
    assert signer.sign(TEXT) == NOTE
    assert VerifierKey.parse(PETER).open(NOTE) == TEXT


def test_the_signature_of_a_witness_beside_ours_changes_nothing():
    note = OURS.sign(TEXT)
    witness = SignerKey.of_seed("witness.example", bytes(32)).sign(TEXT).splitlines()[-1]

    assert OURS.verifier.open(f"{note}{witness}\n") == TEXT


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("problem is", "problem was"),
        NOTE.replace("x08go/Z", "x08go/a"),
        NOTE.removesuffix("\n"),
        NOTE.replace("PeterNeumann", "PeterNewmann"),
        NOTE.replace("\n\n", "\n"),
        TEXT,
        "",
        "\n\n\u2014 PeterNeumann !\n",
    ],
)
def test_a_note_that_was_touched_is_refused(note: str):
    with pytest.raises(NoteRefused):
        VerifierKey.parse(PETER).open(note)


def test_a_note_of_another_key_of_that_name_is_refused():
    impostor = SignerKey.of_seed(OURS.name, bytes(32))

    with pytest.raises(NoteRefused):
        OURS.verifier.open(impostor.sign(TEXT))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("Peter", "Paul"),
        PETER[:-4],
        PETER.replace("+ARpc", "+BRpc"),
    ],
)
def test_what_is_no_key_is_refused(key: str):
    with pytest.raises(NoteRefused):
        VerifierKey.parse(key)


def test_a_checkpoint_is_read_as_it_was_written():
    made = Checkpoint("ameli.example/audit", 12, bytes(32), datetime(2026, 3, 2, 11, tzinfo=UTC))

    assert made.text == (
        "ameli.example/audit\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "time 2026-03-02T11:00:00.000000Z\n"
    )
    assert Checkpoint.parse(OURS.verifier.open(OURS.sign(made.text))) == made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n12\n", "\n-12\n"),
        ("\n12\n", "\n012\n"),
        ("\n12\n", "\n1_2\n"),
        ("\n12\n", "\ntwelve\n"),
        ("AAA=", "AA=="),
        ("AAA=", ""),
        ("time 2026", "day 2026"),
        ("time 2026-03-02T11:00:00.000000Z\n", ""),
    ],
)
def test_what_is_no_checkpoint_is_refused(before: str, after: str):
    made = Checkpoint("ameli.example/audit", 12, bytes(32), datetime(2026, 3, 2, 11, tzinfo=UTC))

    with pytest.raises(NoteRefused):
        Checkpoint.parse(made.text.replace(before, after))
