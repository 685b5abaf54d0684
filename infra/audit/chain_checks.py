"""Verifies every chain, row by row, as PostgreSQL itself hashes what it holds.

The same text of SQL looks at events of deliveries and at entries of the trails: both are chained in
the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.auditing.findings import Fault
from domain.ids import DeliveryId
from infra.database.audit import HEAD_CHECKS

_LINKS = """
link AS (
    SELECT 'delivery:' || delivery_id AS chain, 'event ' || sequence AS row, sequence, key, kind,
        actor_role, actor_id, NULL AS subject, NULL AS subject_id, at, body, previous_hash, hash,
        sha256(convert_to(CAST(delivery_id AS text), 'UTF8')) AS genesis
    FROM event WHERE CAST(:only AS uuid) IS NULL OR delivery_id = CAST(:only AS uuid)
    UNION ALL
    SELECT 'trail:' || trail, 'entry ' || sequence, sequence, key, kind, actor_role, actor_id,
        subject, subject_id, at, body, previous_hash, hash,
        sha256(convert_to('trail:' || trail, 'UTF8'))
    FROM audit_entry WHERE CAST(:only AS uuid) IS NULL
)"""

_BROKEN = text(f"""
WITH {_LINKS},
begun AS (
    SELECT chain, min(sequence) AS first FROM link
    WHERE CAST(:since AS timestamptz) IS NULL OR at >= CAST(:since AS timestamptz)
    GROUP BY chain
),
placed AS (
    SELECT link.*, lag(sequence) OVER neighbour AS before, lag(hash) OVER neighbour AS before_hash
    FROM link JOIN begun USING (chain)
    WHERE sequence >= first
    WINDOW neighbour AS (PARTITION BY chain ORDER BY sequence)
),
judged AS (
    SELECT chain, row, sequence, CASE
        WHEN before IS NULL AND sequence > 1 AND CAST(:since AS timestamptz) IS NULL
            THEN 'what came before it is missing'
        WHEN sequence <> before + 1 THEN 'the row before it is missing'
        WHEN previous_hash <> coalesce(
            before_hash, CASE WHEN sequence = 1 THEN genesis ELSE previous_hash END
        ) THEN 'it is not chained to the row before it'
        WHEN hash <> sha256(previous_hash || int8send(sequence) || convert_to(body, 'UTF8'))
            THEN 'it was changed after it was written'
        WHEN (body IS JSON OBJECT) IS NOT TRUE THEN 'its body cannot be read'
        WHEN (coalesce(key, ''), kind, actor_role, CAST(actor_id AS text), subject, subject_id, at)
            IS DISTINCT FROM (
                coalesce(CAST(body AS json) ->> 'key', ''), CAST(body AS json) ->> 'kind',
                CAST(body AS json) #>> '{{actor,role}}',
                CAST(body AS json) #>> '{{actor,person_id}}',
                CAST(body AS json) #>> '{{subject,kind}}', CAST(body AS json) #>> '{{subject,id}}',
                CAST(CAST(body AS json) ->> 'at' AS timestamptz)
            ) THEN 'its columns say something else than its body'
    END AS problem
    FROM placed
)
SELECT chain, row, problem FROM judged WHERE problem IS NOT NULL ORDER BY chain, sequence
""")  # noqa: S608 -- It is made of constants only.

_COUNT = text(f"""
WITH {_LINKS}
SELECT count(*) FROM link
WHERE CAST(:since AS timestamptz) IS NULL OR at >= CAST(:since AS timestamptz)
""")  # noqa: S608 -- It is made of constants only.

_UNLIKE_ROOTS = text(f"""
WITH {_LINKS},
judged AS (
    SELECT leaf.chain, leaf.length, leaf.root_sequence, CASE
        WHEN link.hash IS NULL THEN 'it is gone: root ' || leaf.root_sequence || ' saw it'
        WHEN link.hash <> leaf.head THEN 'root ' || leaf.root_sequence || ' saw another one'
    END AS problem
    FROM audit_leaf AS leaf
    LEFT JOIN link ON link.chain = leaf.chain AND link.sequence = leaf.length
    WHERE (CAST(:only AS uuid) IS NULL OR leaf.chain = 'delivery:' || CAST(:only AS uuid))
        AND leaf.root_sequence >= :first_root
)
SELECT DISTINCT ON (chain) chain,
    CASE WHEN chain LIKE 'delivery:%' THEN 'event ' ELSE 'entry ' END || length AS row, problem
FROM judged WHERE problem IS NOT NULL ORDER BY chain, root_sequence
""")  # noqa: S608 -- It is made of constants only.


@dataclass(frozen=True, slots=True)
class Scope:
    """What is verified: everything, one delivery, or what was written since a moment."""

    delivery_id: DeliveryId | None = None
    since: datetime | None = None
    """Rows before it are believed."""

    @property
    def values(self) -> dict[str, Any]:
        """What every statement takes."""
        return {"only": self.delivery_id, "since": self.since}


async def count_links(connection: AsyncConnection, scope: Scope) -> int:
    """Return how many events and entries are in the scope."""
    return int(await connection.scalar(_COUNT, scope.values) or 0)


async def faults_of_chains(connection: AsyncConnection, scope: Scope) -> list[Fault]:
    """Return every row whose hash, place, link or columns are wrong, then every wrong head."""
    faults = await _faults(connection, _BROKEN, scope.values)
    if scope.since is None:
        faults += await _faults_of_heads(connection, scope.delivery_id)
    return faults


async def faults_against_roots(
    connection: AsyncConnection, scope: Scope, first_root: int
) -> list[Fault]:
    """Return the first row of each chain that a root saw otherwise: a chain that was cut or redone."""
    values = {"only": scope.delivery_id, "first_root": first_root}
    return await _faults(connection, _UNLIKE_ROOTS, values)


async def _faults_of_heads(
    connection: AsyncConnection, delivery_id: DeliveryId | None
) -> list[Fault]:
    faults = []
    for check in HEAD_CHECKS:
        values = {"only": delivery_id, **check.values}
        rows = await connection.execute(text(check.sql), values)
        faults += [Fault(f"delivery:{row.delivery_id}", row.subject, row.problem) for row in rows]
    return faults


async def _faults(
    connection: AsyncConnection, statement: TextClause, values: dict[str, Any]
) -> list[Fault]:
    rows = await connection.execute(statement, values)
    return [Fault(row.chain, row.row, row.problem) for row in rows]
