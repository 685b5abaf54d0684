"""Verifies the chain of roots: order, links, signatures, and the tree that each of them states."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.auditing.findings import Fault
from domain.auditing.merkle import MerkleTree
from domain.auditing.roots import (
    FIRST_PREVIOUS,
    RootPolicy,
    RootStatement,
    SignedRoot,
    is_gap,
    read_statement,
)
from infra.audit.roots import Leaf, leaf_of, read_leaves
from infra.audit.signing import TrustedKeys
from infra.database.schema import audit_leaf, audit_root

CHAIN = "roots"
"""How a report names the chain of the roots themselves."""
_root, _leaf = audit_root.c, audit_leaf.c


@dataclass(slots=True)
class RootWalk:
    """Goes through the roots in their order and keeps what it finds."""

    keys: TrustedKeys
    tree: MerkleTree = field(default_factory=MerkleTree)
    before: Row[Any] | None = None
    """The root before the one that is looked at."""
    count: int = 0
    faults: list[Fault] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def take(self, root: Row[Any], leaves: Sequence[Leaf], *, is_first: bool) -> None:
        """Look at the next root; `is_first` when what came before it is believed."""
        self.count += 1
        problem = next(self._problems(root, leaves, is_first=is_first), None)
        if problem is not None:
            self.faults.append(Fault(CHAIN, f"root {root.sequence}", problem))
        if self.before is not None and is_gap(self.before.at, root.at, RootPolicy()):
            self.gaps.append(f"no root between {_told(self.before.at)} and {_told(root.at)}")
        self.before = root

    def put(self, leaves: Sequence[Leaf]) -> bool:
        """Put leaves into the tree and tell whether they had their places in it."""
        try:
            for leaf in leaves:
                self.tree.put(leaf.position, leaf.hash)
        except IndexError:
            return False
        return True

    def _problems(self, root: Row[Any], leaves: Sequence[Leaf], *, is_first: bool) -> Iterator[str]:
        are_placed = self.put(leaves)
        try:
            statement = read_statement(root.body)
        except ValueError:
            yield "its body cannot be read"
            return
        if bytes(root.hash) != sha256(root.body.encode()).digest():
            yield "it was changed after it was written"
        if not self.keys.knows(root.key_id):
            yield f"its key {root.key_id} is not trusted; if it was ours, name it with --key"
        elif not self.keys.proves(root.key_id, bytes(root.signature), statement.signed_bytes):
            yield "its signature is not that of the key"
        if (statement.sequence, statement.at) != (root.sequence, root.at):
            yield "its columns say something else than its body"
        if not is_first:
            yield from self._problems_of_place(statement)
        if not are_placed or statement.chains != len(self.tree):
            yield "leaves of its tree are missing"
        elif statement.root != self.tree.root.hex():
            yield "its tree is not the one of its leaves"

    def _problems_of_place(self, statement: RootStatement) -> Iterator[str]:
        sequence = 0 if self.before is None else self.before.sequence
        previous = FIRST_PREVIOUS if self.before is None else bytes(self.before.hash).hex()
        if statement.sequence != sequence + 1:
            yield "the root before it is missing"
        if statement.previous != previous:
            yield "it is not chained to the root before it"


async def walk_roots(
    connection: AsyncConnection, keys: TrustedKeys, since: datetime | None
) -> RootWalk:
    """Go through every root, or those made since a moment, with the trees that they state."""
    walk = RootWalk(keys)
    first = await first_root(connection, since)
    walk.put(await read_leaves(connection, before=first))
    roots = (await connection.execute(select(audit_root).order_by(_root.sequence))).all()
    changed = _by_root(connection, first)
    group = await anext(changed, None)
    for root in (root for root in roots if root.sequence >= first):
        fitting: list[Leaf] = []
        while group is not None and group[0] <= root.sequence:
            fitting += group[1]
            group = await anext(changed, None)
        walk.take(root, fitting, is_first=first > 1 and walk.count == 0)
    return walk


async def first_root(connection: AsyncConnection, since: datetime | None) -> int:
    """Return the first root that was made at or after a moment; the first of all without one."""
    if since is None:
        return 1
    found = await connection.scalar(select(func.min(_root.sequence)).where(_root.at >= since))
    if found is None:
        found = 1 + (await connection.scalar(select(func.max(_root.sequence))) or 0)
    return int(found)


async def missing_roots(connection: AsyncConnection, kept: Sequence[SignedRoot]) -> list[Fault]:
    """Return the roots that somebody has kept elsewhere and that are not here as they were."""
    query = select(_root.sequence, _root.body)
    rows = await connection.execute(query)
    bodies = {row.sequence: row.body for row in rows}
    faults = []
    for root in kept:
        sequence = read_statement(root.statement).sequence
        if bodies.get(sequence) != root.statement:
            problem = "it is gone, and a copy of it is kept elsewhere"
            if sequence in bodies:
                problem = "the copy of it that is kept elsewhere says something else"
            faults.append(Fault(CHAIN, f"root {sequence}", problem))
    return faults


async def _by_root(
    connection: AsyncConnection, first: int
) -> AsyncIterator[tuple[int, list[Leaf]]]:
    """Return the leaves that changed, root by root; only those of one root are in memory."""
    query = select(audit_leaf).where(_leaf.root_sequence >= first)
    rows = await connection.stream(query.order_by(_leaf.root_sequence, _leaf.position))
    sequence, group = first, list[Leaf]()
    async for row in rows:
        if row.root_sequence != sequence:
            yield sequence, group
            sequence, group = row.root_sequence, []
        group.append(leaf_of(row))
    yield sequence, group


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
