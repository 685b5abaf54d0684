"""Finds the signed root that covers the chain of a delivery, with the way to it."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.roots import read_statement
from infra.audit.roots import read_leaves, tree_of
from infra.database.schema import audit_root

LEAVES_MAX = 50_000
"""Chains of a root up to which the way to it is made here: a fifth of a second for each. Beyond, the
document holds the root without the way, which `sendalong audit proof` prints."""

_LEAF = text("""
SELECT position, root_sequence, length, head FROM audit_leaf
WHERE chain = :chain AND length <= :length ORDER BY root_sequence DESC LIMIT 1
""")


async def covering_root(
    engine: AsyncEngine, delivery_id: str, length: int
) -> dict[str, Any] | None:
    """Return the first root that covers as much of a chain as any does, as a statement holds it.

    It stays the same while nothing is added to the chain: so does the document.
    """
    chain = f"delivery:{delivery_id}"
    async with engine.connect() as connection:
        found = await connection.execute(_LEAF, {"chain": chain, "length": length})
        leaf = found.one_or_none()
        if leaf is None:
            return None
        query = select(audit_root).where(audit_root.c.sequence == leaf.root_sequence)
        root = (await connection.execute(query)).one()
        leaves = None
        if read_statement(root.body).chains <= LEAVES_MAX:
            leaves = await read_leaves(connection, before=leaf.root_sequence + 1)
    path = None
    if leaves is not None:
        tree = await asyncio.to_thread(tree_of, leaves)
        path = [sibling.hex() for sibling in tree.path(leaf.position)]
    return {
        "chain": chain,
        "length": leaf.length,
        "head": bytes(leaf.head).hex(),
        "position": leaf.position,
        "path": path,
        "root": {
            "statement": root.body,
            "key_id": root.key_id,
            "signature": bytes(root.signature).hex(),
        },
    }
