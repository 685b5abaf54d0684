"""The tree hash is the one of RFC 6962, however the tree came about."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.auditing.merkle import MerkleTree, hash_leaf, hash_node, head_leaf, root_of_path

CONTENTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Vectors of the reference implementation of RFC 6962."""


def tree_of(leaves: list[bytes]) -> MerkleTree:
    tree = MerkleTree()
    for position, leaf in enumerate(leaves):
        tree.put(position, leaf)
    return tree


def definition(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962 defines it."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hash_node(definition(leaves[:half]), definition(leaves[half:]))


def test_the_vectors_of_the_reference_implementation() -> None:
    assert MerkleTree().root == sha256(b"").digest()
    for size, root in enumerate(ROOTS, 1):
        assert tree_of([hash_leaf(content) for content in CONTENTS[:size]]).root.hex() == root


@given(st.integers(1, 70), st.lists(st.integers(0, 69), max_size=20))
def test_a_tree_that_changed_is_the_tree_of_its_leaves(size: int, changed: list[int]) -> None:
    leaves = [hash_leaf(bytes([number])) for number in range(size)]
    tree = tree_of(leaves)
    for number, position in enumerate(changed):
        leaves[position % size] = hash_leaf(b"new" + bytes([number]))
        tree.put(position % size, leaves[position % size])
    assert tree.root == definition(leaves)
    for position, leaf in enumerate(leaves):
        path = tree.path(position)
        assert root_of_path(leaf, position, size, path) == tree.root
        assert root_of_path(hash_leaf(b"of another tree"), position, size, path) != tree.root
        assert root_of_path(leaf, position, size, [*path, leaf]) is None
        assert not path or root_of_path(leaf, position, size, path[:-1]) is None


def test_a_place_outside_the_tree_has_no_root() -> None:
    assert root_of_path(b"", 3, 3, []) is None
    with pytest.raises(IndexError):
        MerkleTree().put(1, b"")


def test_a_head_says_chain_length_and_hash() -> None:
    head = b"h" * 32
    leaves = {head_leaf("a", 1, head), head_leaf("b", 1, head), head_leaf("a", 2, head)}
    assert len(leaves | {head_leaf("a", 1, b"i" * 32)}) == 4
