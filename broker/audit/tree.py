"""The Merkle tree of RFC 6962 §2.1: roots and proofs, whoever keeps its hashes."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_STEP = 8  # of the levels of complete subtrees, those that are kept: 0, 8, 16…
WIDTH = 1 << _STEP
"""Hashes of one block, under one hash of the next kept level: no range crosses its edges."""

Kept = Callable[[int, int, int], Sequence[bytes]]
"""Gives hashes that are kept: those of a level, from a number on, so many. Level 0: the leaves."""


@dataclass(frozen=True)
class Node:
    """A complete subtree of ``2**level`` leaves, the one of that number from the left."""

    level: int
    number: int
    hash: bytes


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf; no inner node can have the same."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Tree:
    """A tree of any size, of which one hash in 256 is kept above the leaves."""

    kept: Kept

    def root(self, size: int) -> bytes:
        """Return the hash of the first *size* leaves."""
        return self._range(0, size) if size else hashlib.sha256().digest()

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """Return the proof that a leaf is in the tree of that size (§2.1.1)."""
        if not 0 <= position < size:
            raise ValueError(position)
        found, start, end = [], 0, size
        while end - start > 1:
            middle = start + _left(end - start)
            if position < middle:
                found.append(self._range(middle, end))
                end = middle
            else:
                found.append(self._range(start, middle))
                start = middle
        return found[::-1]

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the tree of that size begins with the *old* one (§2.1.2)."""
        if not 0 < old <= size:
            raise ValueError(old)
        found, start, end, whole = [], 0, size, True
        while old != end:
            middle = start + _left(end - start)
            if old <= middle:
                found.append(self._range(middle, end))
                end = middle
            else:
                found.append(self._range(start, middle))
                start, whole = middle, False
        if not whole:
            found.append(self._range(start, end))
        return found[::-1]

    def grown(self, size: int, leaves: Sequence[bytes]) -> Iterator[Node]:
        """Yield what must be kept above the leaves when these hashes follow the first *size*."""
        level, first, new = 0, size, leaves
        while new:
            block = first // WIDTH
            row = [*self.kept(level, block * WIDTH, first % WIDTH), *new]
            full = range(0, len(row) - WIDTH + 1, WIDTH)
            new = [_joined(row[start : start + WIDTH]) for start in full]
            level, first = level + _STEP, block
            yield from (Node(level, block + rank, each) for rank, each in enumerate(new))

    def _range(self, start: int, end: int) -> bytes:
        """Return the hash of the leaves from *start* to *end*, an edge that §2.1 divides at."""
        size = end - start
        if size & (size - 1):
            middle = start + _left(size)
            return node_hash(self._range(start, middle), self._range(middle, end))
        level = size.bit_length() - 1
        width = 1 << level % _STEP
        return _joined(self.kept(level - level % _STEP, start // size * width, width))


@dataclass
class GrowingRoot:
    """The root of a tree that is read leaf by leaf: it holds one hash per bit of its size."""

    size: int = 0
    grown: list[Node] = field(default_factory=list)
    """What must be kept above the leaves that were added, until somebody takes it."""
    _peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        level, rest = 0, self.size
        while rest & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            level, rest = level + 1, rest >> 1
            if level % _STEP == 0:
                self.grown.append(Node(level, rest, leaf))
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of what was added."""
        if not self._peaks:
            return hashlib.sha256().digest()
        found = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            found = node_hash(peak, found)
        return found


def proves_inclusion(
    leaf: bytes, position: int, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether the proof leads from the leaf's hash to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= position < size:
        return False
    sides = _sides(position, size - 1, proof)
    found = leaf
    for each, on_the_left in sides or ():
        found = node_hash(each, found) if on_the_left else node_hash(found, each)
    return sides is not None and found == root


def proves_consistency(
    old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    """Tell whether the tree *new* (size and root) begins with *old* (RFC 9162 §2.1.4.2)."""
    (old_size, old_root), (size, root) = old, new
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return old_root == root and not proof
    start, *path = [old_root, *proof] if old_size & (old_size - 1) == 0 else proof or [b""]
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    sides = _sides(at, last, path)
    before = after = start
    for each, on_the_left in sides or ():
        if on_the_left:
            before = node_hash(each, before)
        after = node_hash(each, after) if on_the_left else node_hash(after, each)
    return sides is not None and (before, after) == (old_root, root)


def _sides(at: int, last: int, proof: Sequence[bytes]) -> list[tuple[bytes, bool]] | None:
    """Return each hash on the way up, and whether it stands on the left; None: too few or many."""
    found = []
    for each in proof:
        if last == 0:
            return None
        on_the_left = bool(at & 1) or at == last
        while on_the_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
        found.append((each, on_the_left))
    return found if last == 0 else None


def _left(size: int) -> int:
    """Return the largest power of two that is smaller than *size*."""
    return 1 << (size - 1).bit_length() - 1


def _joined(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(*row[rank : rank + 2]) for rank in range(0, len(row), 2)]
    return row[0]
