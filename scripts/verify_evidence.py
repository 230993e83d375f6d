"""Judges evidence from the trail without the broker: Python and `cryptography` alone.

    python verify_evidence.py EVIDENCE --key LOG [--key WITNESS] [--checkpoint OLDER] [--token T]

The public keys must come from elsewhere than the evidence, and so must an older
checkpoint, which tells whether anything was rewritten since. Exit 0: proved; 1: not.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Checkpoint = tuple[str, int, bytes, str]  # origin, size, root, time
Verdict = tuple[Checkpoint, int]  # and how many events it proves
RFC_8785 = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class NotProved(Exception):
    """The evidence does not prove what it says."""


def leaf_hash(event: dict[str, Any], shown: list[str] | None) -> bytes:
    """Hash an event as the log does (RFC 6962 §2.1): *shown* members and a digest of the rest."""
    if shown is not None:
        rest = RFC_8785({name: event[name] for name in event.keys() - shown}).encode()
        digest = base64.b64encode(hashlib.sha256(rest).digest()).decode()
        event = {"withheld": digest} | {name: event[name] for name in shown}
    return hashlib.sha256(b"\x00" + RFC_8785(event).encode()).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def opened(note: str, vkey: str) -> Checkpoint:
    """Return origin, size, root, time of a checkpoint; this log or witness signed it (C2SP)."""
    name, _, rest = vkey.strip().partition("+")
    key = base64.b64decode(rest.partition("+")[2])
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    text, _, lines = note.rpartition("\n\n")
    origin, size, root, moment = text.split("\n")[:4]
    if key[:1] == b"\x01" and origin != name and not origin.startswith(name + "/"):
        raise NotProved(f"the checkpoint is of another log: {origin}")
    for line in lines.splitlines():
        signer, _, encoded = line.removeprefix("\u2014 ").rpartition(" ")
        signed, stated = base64.b64decode(encoded), f"{text}\n"
        if signer != name or signed[:4] != key_id:
            continue
        if key[:1] != b"\x01":  # a witness signs when it saw that, too
            stated = f"cosignature/v1\ntime {int.from_bytes(signed[4:12], 'big')}\n{stated}"
        with suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signed[-64:], stated.encode())
            return origin, int(size), base64.b64decode(root), moment
    raise NotProved(f"the checkpoint is not signed by {name}")


def climbed(at: int, last: int, proof: list[str], start: bytes) -> tuple[bytes, bytes]:
    """Go up the proof from *start*; return the hashes with and without what is on the right."""
    left_only = both = start
    for each in map(base64.b64decode, proof):
        if last == 0:
            raise NotProved("a proof is too long")
        if at & 1 or at == last:
            left_only, both = node_hash(each, left_only), node_hash(each, both)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            both = node_hash(both, each)
        at, last = at >> 1, last >> 1
    if last:
        raise NotProved("a proof is too short")
    return left_only, both


def require_included(item: dict[str, Any], size: int, root: bytes) -> None:
    """Verify that an event has its position in the tree (RFC 9162 §2.1.3.2)."""
    position, leaf = item["position"], leaf_hash(item["event"], item.get("shown"))
    if not 0 <= position < size or climbed(position, size - 1, item["proof"], leaf)[1] != root:
        raise NotProved(f"the event at {position} is not what was sealed")


def require_continued(old: Checkpoint, new: Checkpoint, proof: list[str]) -> None:
    """Verify that the tree of *new* begins with that of *old* (RFC 9162 §2.1.4.2)."""
    (_, old_size, old_root, _), (_, size, root, _) = old, new
    if old[0] != new[0] or not 0 < old_size <= size:
        raise NotProved("the older checkpoint is not one before this evidence")
    if (old_size, old_root) == (size, root):
        return
    at, last = old_size - 1, size - 1
    while at & 1:  # at 0, the old tree is one complete subtree
        at, last = at >> 1, last >> 1
    start, proof = (base64.b64decode(proof[0]), proof[1:]) if at else (old_root, proof)
    if climbed(at, last, proof, start) != (old_root, root):
        raise NotProved("the log was rewritten since the older checkpoint")


def judge(lines: Iterable[str], keys: list[str], older: str | None, token: str = "") -> Verdict:
    """Judge a file of evidence, of the *token* with that digest where one is given."""
    checkpoint, continued, issued, events = None, older is None, not token, 0
    for line in lines:
        item = json.loads(line)
        if item["kind"] == "checkpoint" and checkpoint is None:
            checkpoint, *_ = (opened(item["note"], key) for key in keys)
        elif item["kind"] == "consistency" and checkpoint and older is not None:
            require_continued(opened(older, keys[0]), checkpoint, item["proof"])
            continued = True
        elif item["kind"] == "event" and checkpoint:
            require_included(item, *checkpoint[1:3])
            events, event = events + 1, item["event"]
            about = event["type"].endswith(".issued"), event.get("token", {}).get("hash_prefix")
            issued = issued or about == (True, token)
        elif item["kind"] != "consistency":
            raise NotProved(f"a line that proves nothing: {item['kind']}, {item.get('position')}")
    if checkpoint is None or not continued or not issued:
        raise NotProved("no checkpoint, no proof of what was before, or no event of the token")
    return checkpoint, events


def main() -> None:
    """Read the command line; say what is proved."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("evidence", type=Path)
    parser.add_argument("--key", required=True, action="append", help="the log's, then witnesses'")
    parser.add_argument("--checkpoint", type=Path, help="an older checkpoint, obtained elsewhere")
    parser.add_argument("--token", type=Path, help="a file with the token that was issued")
    given = parser.parse_args()
    token = hashlib.sha256(given.token.read_bytes().strip()).hexdigest() if given.token else ""
    older = given.checkpoint.read_text("utf-8") if given.checkpoint else None
    try:
        with given.evidence.open(encoding="utf-8") as lines:
            (origin, size, _, moment), events = judge(lines, given.key, older, token[:32])
    except (NotProved, ValueError, LookupError, TypeError) as error:
        print(f"NOT PROVED: {error}")
        sys.exit(1)
    since = "" if older else "; no older checkpoint was given: what was before is not judged"
    print(f"proved: {events} events of {origin}, {size} in all, {moment}{since}")


if __name__ == "__main__":
    main()
