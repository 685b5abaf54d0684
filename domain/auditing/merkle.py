"""The tree hash over the heads of all chains.

Source: RFC 6962, section 2.1; a test holds it to the vectors of its reference implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"
"""What is put before a leaf and before two nodes, so that neither is taken for the other."""
HEAD_OF_CHAIN = b"sendalong head 1\n"
"""What is put before the head of a chain, so that no other text of ours is taken for one."""


def hash_leaf(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(LEAF + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two nodes."""
    return sha256(NODE + left + right).digest()


def head_leaf(chain: str, length: int, head: bytes) -> bytes:
    """Return the hash of the leaf that says how long a chain is and what its last hash is."""
    return hash_leaf(HEAD_OF_CHAIN + length.to_bytes(8, "big") + head + chain.encode())


class MerkleTree:
    """A tree that grows at its end and whose leaves may change: either costs one path.

    Shape: level 0 holds the leaves; a node without a sibling stands unchanged on the next level,
    which makes the tree that RFC 6962 defines from its largest powers of two.
    """

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    def __len__(self) -> int:
        return len(self._levels[0])

    def put(self, position: int, leaf: bytes) -> None:
        """Set a leaf, or append one.

        Raises:
            IndexError: a leaf before it is missing.
        """
        if position > len(self):
            raise IndexError(position)
        _set(self._levels[0], position, leaf)
        level = 0
        while len(self._levels[level]) > 1:
            if level + 1 == len(self._levels):
                self._levels.append([])
            position //= 2
            pair = self._levels[level][2 * position : 2 * position + 2]
            node = hash_node(*pair) if len(pair) > 1 else pair[0]
            _set(self._levels[level + 1], position, node)
            level += 1

    @property
    def root(self) -> bytes:
        """The hash of the whole tree; of an empty one, the hash of nothing."""
        return self._levels[-1][0] if len(self) else sha256(b"").digest()

    def path(self, position: int) -> list[bytes]:
        """Return the siblings from a leaf up to the root: the proof that the leaf is in the tree."""
        siblings = []
        for level in self._levels[:-1]:
            sibling = position ^ 1
            if sibling < len(level):
                siblings.append(level[sibling])
            position //= 2
        return siblings


def root_of_path(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a path leads to; none when it does not fit the tree's size."""
    node, last = leaf, size - 1
    if not 0 <= position < size:
        return None
    siblings = iter(path)
    while last:
        if position % 2 or position < last:
            sibling = next(siblings, None)
            if sibling is None:
                return None
            node = hash_node(sibling, node) if position % 2 else hash_node(node, sibling)
        position //= 2
        last //= 2
    return node if next(siblings, None) is None else None


def _set(nodes: list[bytes], position: int, node: bytes) -> None:
    if position == len(nodes):
        nodes.append(node)
    else:
        nodes[position] = node
