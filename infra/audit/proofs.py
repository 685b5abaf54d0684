"""Makes the proof that a delivery's chain is in the newest root, and returns kept roots."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.auditing.proofs import InclusionProof
from domain.auditing.roots import SignedRoot
from domain.ids import DeliveryId
from infra.audit.roots import Leaf, read_leaves, tree_of
from infra.database.schema import audit_root


async def prove_delivery(engine: AsyncEngine, delivery_id: DeliveryId) -> InclusionProof | None:
    """Return the proof for one delivery in the newest root; none while no root knows it."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="REPEATABLE READ")
        root = await _newest(connection)
        leaves = await read_leaves(connection)
    wanted = f"delivery:{delivery_id}"
    leaf = next((leaf for leaf in leaves if leaf.chain == wanted), None)
    return None if root is None or leaf is None else _proof(root, leaf, leaves)


async def newest_roots(engine: AsyncEngine, count: int) -> list[SignedRoot]:
    """Return the newest roots, the newest last."""
    query = select(audit_root).order_by(audit_root.c.sequence.desc()).limit(count)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [_signed(row) for row in reversed(rows)]


def _proof(root: Row[Any], leaf: Leaf, leaves: list[Leaf]) -> InclusionProof:
    path = tree_of(leaves).path(leaf.position)
    return InclusionProof(
        chain=leaf.chain,
        length=leaf.length,
        head=leaf.head.hex(),
        position=leaf.position,
        path=tuple(sibling.hex() for sibling in path),
        root=_signed(root),
    )


def _signed(row: Row[Any]) -> SignedRoot:
    return SignedRoot(row.body, row.key_id, bytes(row.signature).hex())


async def _newest(connection: AsyncConnection) -> Row[Any] | None:
    query = select(audit_root).order_by(audit_root.c.sequence.desc()).limit(1)
    return (await connection.execute(query)).one_or_none()
