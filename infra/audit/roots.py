"""Reads the heads of all chains and keeps a signed root over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.auditing.merkle import MerkleTree, head_leaf
from domain.auditing.roots import FIRST_PREVIOUS, RootStatement, SignedRoot
from infra.audit.signing import RootSigner
from infra.database.schema import audit_root

READ_MS_MAX = 10 * 60 * 1_000
"""Every head there is gets read; nobody waits behind it."""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('audit roots', 0))")
_LEAVES = text("""
SELECT DISTINCT ON (position) position, chain, length, head FROM audit_leaf
WHERE CAST(:before AS integer) IS NULL OR root_sequence < CAST(:before AS integer)
ORDER BY position, root_sequence DESC
""")
_HEADS = text("""
SELECT 'delivery:' || delivery_id AS chain, head_sequence AS length, head_hash AS head FROM delivery
UNION ALL
SELECT 'trail:' || trail, sequence, hash FROM (
    SELECT DISTINCT ON (trail) trail, sequence, hash FROM audit_entry ORDER BY trail, sequence DESC
) AS entry
ORDER BY chain
""")
_KEEP_LEAVES = text("""
INSERT INTO audit_leaf (position, root_sequence, chain, length, head)
SELECT position, :root_sequence, chain, length, head FROM unnest(
    CAST(:positions AS bigint[]), CAST(:chains AS text[]), CAST(:lengths AS integer[]),
    CAST(:heads AS bytea[])
) AS leaf (position, chain, length, head)
""")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One chain as a root knows it."""

    position: int
    """Place in the tree: a chain keeps the one that it got first."""
    chain: str
    """For example `delivery:<id>` or `trail:staff`."""
    length: int
    """Events or entries of the chain."""
    head: bytes
    """Hash of the last of them."""

    @property
    def hash(self) -> bytes:
        """What stands in the tree for it."""
        return head_leaf(self.chain, self.length, self.head)


class DatabaseRoots:
    """The roots of one database; each covers every chain and names the root before it."""

    def __init__(self, engine: AsyncEngine, signer: RootSigner) -> None:
        self._engine = engine
        self._signer = signer

    async def sign(self) -> SignedRoot:
        """Sign how all chains stand now.

        Idempotency: a run that is repeated makes one more root, which does no harm.
        """
        async with self._engine.begin() as connection:
            await connection.execute(text(f"SET LOCAL statement_timeout = {READ_MS_MAX}"))
            await connection.execute(_LOCK)
            known = {leaf.chain: leaf for leaf in await read_leaves(connection)}
            tree = tree_of(list(known.values()))
            changed = _changed(known, (await connection.execute(_HEADS)).all())
            for leaf in changed:
                tree.put(leaf.position, leaf.hash)
            statement = await _statement(connection, tree)
            signed = self._signer.sign(statement)
            await _keep(connection, statement, signed, changed)
        return signed


def tree_of(leaves: Sequence[Leaf]) -> MerkleTree:
    """Return the tree of leaves that are in the order of their places."""
    tree = MerkleTree()
    for leaf in leaves:
        tree.put(leaf.position, leaf.hash)
    return tree


async def read_leaves(connection: AsyncConnection, before: int | None = None) -> list[Leaf]:
    """Return the leaves of the newest root, or of the one before another, ordered by place."""
    rows = (await connection.execute(_LEAVES, {"before": before})).all()
    return [leaf_of(row) for row in rows]


def leaf_of(row: Row[Any]) -> Leaf:
    """Return the leaf in a row."""
    return Leaf(row.position, row.chain, row.length, bytes(row.head))


def _changed(known: dict[str, Leaf], heads: Sequence[Row[Any]]) -> list[Leaf]:
    """Return the chains that are new or longer, in the order of their places."""
    changed, free = [], len(known)
    for row in heads:
        before = known.get(row.chain)
        head = bytes(row.head)
        if before is None:
            changed.append(Leaf(free, row.chain, row.length, head))
            free += 1
        elif (before.length, before.head) != (row.length, head):
            changed.append(Leaf(before.position, row.chain, row.length, head))
    return sorted(changed, key=lambda leaf: leaf.position)


async def _statement(connection: AsyncConnection, tree: MerkleTree) -> RootStatement:
    root = audit_root.c
    query = select(root.sequence, root.hash).order_by(root.sequence.desc()).limit(1)
    last = (await connection.execute(query)).one_or_none()
    return RootStatement(
        sequence=1 if last is None else last.sequence + 1,
        at=datetime.now(UTC),
        chains=len(tree),
        root=tree.root.hex(),
        previous=FIRST_PREVIOUS if last is None else bytes(last.hash).hex(),
    )


async def _keep(
    connection: AsyncConnection,
    statement: RootStatement,
    signed: SignedRoot,
    changed: Sequence[Leaf],
) -> None:
    row = {
        "sequence": statement.sequence,
        "at": statement.at,
        "body": signed.statement,
        "hash": sha256(signed.statement.encode()).digest(),
        "key_id": signed.key_id,
        "signature": bytes.fromhex(signed.signature),
    }
    await connection.execute(insert(audit_root).values(row))
    columns = {
        "positions": [leaf.position for leaf in changed],
        "chains": [leaf.chain for leaf in changed],
        "lengths": [leaf.length for leaf in changed],
        "heads": [leaf.head for leaf in changed],
    }
    await connection.execute(_KEEP_LEAVES, {"root_sequence": statement.sequence, **columns})
