"""Verifies the whole audit: chains, heads, roots, and each against the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.findings import AuditReport
from domain.auditing.roots import RootPolicy, SignedRoot, is_gap
from infra.audit.chain_checks import Scope, count_links, faults_against_roots, faults_of_chains
from infra.audit.root_checks import RootWalk, first_root, missing_roots, walk_roots
from infra.audit.signing import TrustedKeys

VERIFY_MS_MAX = 60 * 60 * 1_000
"""A verification reads every row there is; nobody waits behind it."""
NO_KEYS = "the roots: no key is trusted; set SENDALONG_AUDIT_SIGNING_KEY or name one with --key"


async def verify_audit(
    engine: AsyncEngine,
    keys: TrustedKeys,
    scope: Scope | None = None,
    kept: Sequence[SignedRoot] = (),
) -> AuditReport:
    """Verify on one consistent view of the database; `kept` are roots that somebody has elsewhere."""
    scope = scope or Scope()
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="REPEATABLE READ")
        await connection.execute(text("SET TRANSACTION READ ONLY"))
        await connection.execute(text(f"SET LOCAL statement_timeout = {VERIFY_MS_MAX}"))
        links = await count_links(connection, scope)
        faults = await faults_of_chains(connection, scope)
        start = await first_root(connection, scope.since)
        faults += await faults_against_roots(connection, scope, start)
        faults += await missing_roots(connection, kept)
        walk = RootWalk(keys)
        if len(keys):
            walk = await walk_roots(connection, keys, scope.since)
    return AuditReport(
        links=links,
        roots=walk.count,
        faults=tuple(dict.fromkeys([*faults, *walk.faults])),
        notes=(*walk.gaps, *_lateness(walk)) if len(keys) else (),
        unchecked=() if len(keys) else (NO_KEYS,),
    )


def _lateness(walk: RootWalk) -> list[str]:
    """Say that the newest root is old: the last ones may be missing, or nothing signs them."""
    if walk.before is None:
        return ["there is no signed root: that a chain was cut at its end cannot be seen yet"]
    if is_gap(walk.before.at, datetime.now(UTC), RootPolicy()):
        return [f"no root since {walk.before.at:%Y-%m-%d %H:%M} UTC"]
    return []
