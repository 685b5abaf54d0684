"""Brings the list of attention items up to what a run has found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attention import STAYS_EXPLAINED, AttentionItem, AttentionKind
from domain.reconciliation.differences import ITEM_PREFIX
from infra.database.attention import raise_in

_EXPLAINED = text("""
SELECT key, subject, problem FROM attention_item
WHERE key = ANY(CAST(:keys AS text[])) AND settled_by IS NOT NULL
    AND kind = ANY(CAST(:kinds AS text[]))
""")
_SETTLE_GONE = text("""
UPDATE attention_item SET settled_at = now(), settlement = :settlement
WHERE settled_at IS NULL AND starts_with(key, :prefix) AND key <> ALL(CAST(:keys AS text[]))
    AND kind <> ALL(CAST(:not_looked_for AS text[]))
    AND (kind <> ALL(CAST(:of_statement AS text[]))
        OR starts_with(key, :prefix || kind || ':' || :provider || ':'))
""")


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a run has found, and what it could not look for."""

    provider: str
    items: tuple[AttentionItem, ...]
    not_looked_for: tuple[AttentionKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of the list. Units: items."""

    raised: int
    settled: int
    explained: int


async def list_findings(connection: AsyncConnection, findings: Findings, now: datetime) -> Listed:
    """Raise what is found, leave what a person has explained, and settle what has gone."""
    explained = await _explained(connection, findings.items)
    raised = 0
    for item in findings.items:
        if item.key not in explained:
            raised += await raise_in(connection, item)
    gone = {
        "settlement": f"Gone at the reconciliation of {now:%Y-%m-%d %H:%M} UTC.",
        "prefix": ITEM_PREFIX,
        "keys": [item.key for item in findings.items],
        "not_looked_for": [kind.value for kind in findings.not_looked_for],
        "of_statement": sorted(STAYS_EXPLAINED),
        "provider": findings.provider,
    }
    settled = (await connection.execute(_SETTLE_GONE, gone)).rowcount
    return Listed(raised, settled, len(explained))


def counted(items: Iterable[AttentionItem]) -> dict[str, int]:
    """Return how many items there are of each kind."""
    return dict(Counter(item.kind.value for item in items))


async def _explained(
    connection: AsyncConnection, items: tuple[AttentionItem, ...]
) -> frozenset[str]:
    """Return the keys of what a person has explained and what has not changed since."""
    words = {item.key: (item.subject, item.problem) for item in items}
    asked = {"keys": list(words), "kinds": sorted(STAYS_EXPLAINED)}
    rows = await connection.execute(_EXPLAINED, asked)
    return frozenset(row.key for row in rows if words[row.key] == (row.subject, row.problem))
