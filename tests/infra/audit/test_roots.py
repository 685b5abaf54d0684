"""Roots on a real database: each covers every chain, and names the one before it."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from itertools import pairwise

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from domain.auditing.merkle import MerkleTree, head_leaf
from domain.auditing.roots import SignedRoot, read_statement
from infra.audit.roots import DatabaseRoots
from infra.audit.signing import RootSigner, TrustedKeys
from infra.audit.trail import note_entry
from infra.database.schema import audit_leaf
from tests.infra.database.story import Story


async def leaves(engine: AsyncEngine) -> list[tuple[int, int, str, int]]:
    leaf = audit_leaf.c
    query = select(leaf.root_sequence, leaf.position, leaf.chain, leaf.length)
    async with engine.connect() as connection:
        rows = await connection.execute(query.order_by(leaf.root_sequence, leaf.position))
        return [tuple(row) for row in rows]


async def test_a_root_covers_every_chain_as_it_stands(
    vault: AsyncEngine, roots: DatabaseRoots, opened: Story, signer: RootSigner
) -> None:
    await note_entry(vault, AuditEntry(EntryKind.KEY_MADE, "key", "k1"))
    first = await roots.sign()
    statement = read_statement(first.statement)
    assert TrustedKeys([signer.public]).proves(
        first.key_id, bytes.fromhex(first.signature), statement.signed_bytes
    )
    assert statement.root == (await tree(vault)).root.hex()
    before = await leaves(vault)
    assert (f"delivery:{opened.delivery_id}", 1) in {leaf[2:] for leaf in before}

    await opened.agree()
    second = await roots.sign()
    grown = read_statement(second.statement)
    assert grown.previous == sha256(first.statement.encode()).hexdigest()
    assert (grown.sequence, grown.chains) == (statement.sequence + 1, statement.chains)
    assert grown.root == (await tree(vault)).root.hex() != statement.root
    (changed,) = [leaf for leaf in await leaves(vault) if leaf not in before]
    assert changed[2:] == (f"delivery:{opened.delivery_id}", 3)


async def tree(engine: AsyncEngine) -> MerkleTree:
    """Return the tree of the chains as they stand, in the order of their first appearance."""
    places = {chain: position for _, position, chain, _ in await leaves(engine)}
    query = text(
        "SELECT 'delivery:' || delivery_id, sequence, hash FROM event UNION ALL "
        "SELECT 'trail:' || trail, sequence, hash FROM audit_entry ORDER BY 2"
    )
    async with engine.connect() as connection:
        heads = {chain: (length, head) for chain, length, head in await connection.execute(query)}
    made = MerkleTree()
    for chain in sorted(heads, key=places.__getitem__):
        length, head = heads[chain]
        made.put(places[chain], head_leaf(chain, length, bytes(head)))
    return made


async def test_nothing_new_is_signed_again(
    vault: AsyncEngine, roots: DatabaseRoots, opened: Story
) -> None:
    first = read_statement((await roots.sign()).statement)
    known = await leaves(vault)
    again = read_statement((await roots.sign()).statement)
    assert (again.root, again.chains) == (first.root, first.chains)
    assert await leaves(vault) == known
    assert opened.delivery_id in str(known)


async def test_roots_at_once_follow_each_other(roots: DatabaseRoots, opened: Story) -> None:
    made = await asyncio.gather(*(roots.sign() for _ in range(4)))
    ordered = sorted(made, key=lambda root: read_statement(root.statement).sequence)
    for before, after in pairwise(ordered):
        assert read_statement(after.statement).previous == hash_of(before)
    assert opened.delivery_id


def hash_of(root: SignedRoot) -> str:
    return sha256(root.statement.encode()).hexdigest()
