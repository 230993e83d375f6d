"""The Merkle tree: known vectors, and every proof of every small tree against the definition."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.audit.tree import (
    GrowingRoot,
    Tree,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
)

# The vectors of the reference implementations of Certificate Transparency (RFC 6962).
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LARGEST = 130
MANY = [leaf_hash(str(number).encode()) for number in range(70_000)]


class Shelf:
    """Keeps in memory what a tree asks for, and nothing else."""

    def __init__(self, leaves: list[bytes], *, steps: tuple[int, ...] = ()) -> None:
        self.rows: dict[int, list[bytes]] = {0: []}
        self.tree = Tree(self.kept)
        for start, end in pairwise((0, *steps, len(leaves))):
            self._append(leaves[start:end])

    def kept(self, level: int, first: int, count: int) -> list[bytes]:
        return self.rows.get(level, [])[first : first + count]

    def _append(self, leaves: list[bytes]) -> None:
        for node in list(self.tree.grown(len(self.rows[0]), leaves)):
            row = self.rows.setdefault(node.level, [])
            assert node.number == len(row)
            row.append(node.hash)
        self.rows[0] += leaves


def defined_root(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash word for word as §2.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(defined_root(leaves[:k]), defined_root(leaves[k:]))


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_roots_are_those_of_the_reference_implementations(size: int):
    leaves = [leaf_hash(bytes.fromhex(each)) for each in LEAVES[:size]]
    growing = GrowingRoot()

    for leaf in leaves:
        growing.add(leaf)

    assert Shelf(leaves).tree.root(size).hex() == ROOTS[size]
    assert growing.root().hex() == ROOTS[size]


def test_what_is_read_leaf_by_leaf_tells_every_node_that_is_kept():
    shelf, growing = Shelf(MANY), GrowingRoot()

    for leaf in MANY:
        growing.add(leaf)

    of_level = {
        level: [node.hash for node in growing.grown if node.level == level] for level in (8, 16)
    }
    assert of_level == {level: shelf.rows[level] for level in (8, 16)}
    assert all(node.number == at for at, node in enumerate(growing.grown[:256]))


def test_a_known_proof_of_inclusion_is_made():
    leaves = [leaf_hash(bytes.fromhex(each)) for each in LEAVES]

    proof = Shelf(leaves).tree.inclusion(5, 8)

    assert [each.hex() for each in proof] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_leaf_of_every_small_tree_is_proved_and_no_other():
    tree = Shelf(MANY[:LARGEST]).tree

    for size in range(1, LARGEST + 1):
        root = tree.root(size)
        assert root == defined_root(MANY[:size])
        for position in range(size):
            proof = tree.inclusion(position, size)
            assert proves_inclusion(MANY[position], position, size, root, proof)
            assert not proves_inclusion(MANY[size], position, size, root, proof)
            assert not proves_inclusion(MANY[position], position, size, root, [*proof, root])
            if proof:
                other = position - 1 if position else 1
                assert not proves_inclusion(MANY[position], other, size, root, proof)
                assert not proves_inclusion(MANY[position], position, size, root, proof[:-1])


def test_every_small_tree_is_proved_to_begin_with_each_smaller_one_and_no_other():
    tree = Shelf(MANY[:LARGEST]).tree
    roots = [tree.root(size) for size in range(LARGEST + 1)]

    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = tree.consistency(old, new)
            assert proves_consistency((old, roots[old]), (new, roots[new]), proof)
            assert not proves_consistency((old, MANY[0][::-1]), (new, roots[new]), proof)
            assert not proves_consistency((old, roots[old]), (new, MANY[0][::-1]), proof)
            assert not proves_consistency((old, roots[old]), (new, roots[new]), [*proof, roots[1]])
            if old < new:
                wrong = (old + 1, roots[old])
                assert not proves_consistency(wrong, (new, roots[new]), proof)


@given(st.lists(st.integers(0, 1_200), max_size=6))
def test_the_tree_is_the_same_in_whatever_steps_it_grew(steps: list[int]):
    at_once = Shelf(MANY[:1_200])

    in_steps = Shelf(MANY[:1_200], steps=tuple(sorted(steps)))

    assert in_steps.rows == at_once.rows


@given(st.integers(1, 70_000), st.data())
def test_a_large_tree_proves_as_a_small_one(size: int, data: st.DataObject):
    position = data.draw(st.integers(0, size - 1))
    growing = GrowingRoot()
    for leaf in MANY[:size]:
        growing.add(leaf)

    root = LARGE.tree.root(size)

    assert root == growing.root()
    assert proves_inclusion(
        MANY[position], position, size, root, LARGE.tree.inclusion(position, size)
    )
    old = (position + 1, LARGE.tree.root(position + 1))
    assert proves_consistency(old, (size, root), LARGE.tree.consistency(position + 1, size))


LARGE = Shelf(MANY)


@pytest.mark.parametrize(("position", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_nothing_is_proved_of_a_leaf_that_the_tree_does_not_have(position: int, size: int):
    tree = Shelf(MANY[:3]).tree

    with pytest.raises(ValueError, match=str(position)):
        tree.inclusion(position, size)
    assert not proves_inclusion(MANY[0], position, size, tree.root(3), [])


@pytest.mark.parametrize("old", [0, 4])
def test_no_tree_begins_with_nothing_or_with_a_larger_one(old: int):
    tree = Shelf(MANY[:3]).tree

    with pytest.raises(ValueError, match=str(old)):
        tree.consistency(old, 3)
    assert not proves_consistency((old, tree.root(3)), (3, tree.root(3)), [])
