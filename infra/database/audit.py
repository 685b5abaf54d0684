"""Invariant I7: every state change has exactly one event, and the chain of events verifies.

Hashes are computed anew by the database from what it holds, so that whoever changes a row, with or
without the triggers, leaves a link that does not fit. The end of a chain is held by its projection.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any

from domain.status import DELIVERY_MOVES, DISPUTE_MOVES, ESCROW_MOVES
from infra.database.checks import TOLD, Check, of_delivery

_CHAIN = f"""
WITH linked AS (
    SELECT event.*,
        lag(sequence, 1, 0) OVER link + 1 AS expected_sequence,
        lag(hash, 1, sha256(convert_to(CAST(delivery_id AS text), 'UTF8'))) OVER link
            AS expected_previous,
        sha256(previous_hash || int8send(sequence) || convert_to(body, 'UTF8')) AS expected_hash
    FROM event WHERE {of_delivery("delivery_id")}
    WINDOW link AS (PARTITION BY delivery_id ORDER BY sequence)
),
judged AS (
    SELECT delivery_id, sequence, CASE
        WHEN sequence <> expected_sequence THEN 'the event before it is missing'
        WHEN previous_hash <> expected_previous THEN 'it is not chained to the event before it'
        WHEN hash <> expected_hash THEN 'it was changed after it was written'
        WHEN (body IS JSON OBJECT) IS NOT TRUE THEN 'its body cannot be read'
        WHEN (key, kind, actor_role, CAST(actor_id AS text), at) IS DISTINCT FROM (
            CAST(body AS json) ->> 'key', CAST(body AS json) ->> 'kind',
            CAST(body AS json) #>> '{{actor,role}}', CAST(body AS json) #>> '{{actor,person_id}}',
            CAST(CAST(body AS json) ->> 'at' AS timestamptz)
        ) THEN 'its columns say something else than its body'
    END AS problem
    FROM linked
)
SELECT CAST(delivery_id AS text) AS delivery_id, 'event ' || sequence AS subject, problem
FROM judged WHERE problem IS NOT NULL
ORDER BY judged.delivery_id, sequence
"""  # noqa: S608 -- It is made of constants only.

_PROJECTION = f"""
WITH judged AS (
    SELECT delivery.delivery_id, CASE
        WHEN last.sequence IS NULL THEN 'it has no events'
        WHEN delivery.head_sequence <> last.sequence OR delivery.head_hash <> last.hash
            THEN 'its head is not its last event'
        WHEN last.standing IS NULL THEN 'its last event cannot be read'
        ELSE 'it differs from its last event in ' || nullif(concat_ws(', ',
            CASE WHEN status IS DISTINCT FROM standing ->> 'status' THEN 'status' END,
            CASE WHEN escrow IS DISTINCT FROM standing ->> 'escrow' THEN 'escrow' END,
            CASE WHEN dispute IS DISTINCT FROM standing ->> 'dispute' THEN 'dispute' END,
            CASE WHEN CAST(dispute_id AS text) IS DISTINCT FROM standing ->> 'dispute_id'
                THEN 'dispute_id' END,
            CASE WHEN CAST(traveler_id AS text) IS DISTINCT FROM standing ->> 'traveler_id'
                THEN 'traveler_id' END,
            CASE WHEN price_minor
                IS DISTINCT FROM CAST(standing #>> '{{price,minor}}' AS bigint)
                THEN 'price_minor' END,
            CASE WHEN deadline_kind IS DISTINCT FROM standing ->> 'deadline_kind'
                THEN 'deadline_kind' END,
            CASE WHEN deadline_at
                IS DISTINCT FROM CAST(standing ->> 'deadline_at' AS timestamptz)
                THEN 'deadline_at' END,
            CASE WHEN attention IS DISTINCT FROM standing ->> 'attention' THEN 'attention' END
        ), '')
    END AS problem
    FROM delivery
    LEFT JOIN LATERAL (
        SELECT sequence, hash,
            CASE WHEN body IS JSON OBJECT THEN CAST(body AS jsonb) -> 'standing' END AS standing
        FROM event WHERE event.delivery_id = delivery.delivery_id
        ORDER BY sequence DESC LIMIT 1
    ) AS last ON true
    WHERE {of_delivery("delivery.delivery_id")}
)
SELECT CAST(delivery_id AS text) AS delivery_id, 'projection' AS subject, problem
FROM judged WHERE problem IS NOT NULL
ORDER BY judged.delivery_id
"""  # noqa: S608 -- It is made of constants only.

_ORPHANS = f"""
SELECT DISTINCT CAST(event.delivery_id AS text) AS delivery_id, 'projection' AS subject,
    'its delivery is gone' AS problem
FROM event LEFT JOIN delivery USING (delivery_id)
WHERE delivery.delivery_id IS NULL AND {of_delivery("event.delivery_id")}
"""  # noqa: S608 -- It is made of constants only.

_MOVES = f"""
WITH {TOLD},
moved AS (
    SELECT told.delivery_id, told.sequence, side.name,
        lag(side.value) OVER (PARTITION BY told.delivery_id, side.name ORDER BY told.sequence)
            AS old,
        side.value AS new
    FROM told
    CROSS JOIN jsonb_each_text(body -> 'standing') AS side (name, value)
    WHERE side.name IN ('status', 'escrow', 'dispute')
)
SELECT CAST(delivery_id AS text) AS delivery_id, 'event ' || sequence AS subject,
    name || ' cannot go from ' || old || ' to ' || new AS problem
FROM moved
WHERE old <> new AND NOT EXISTS (
    SELECT FROM unnest(
        CAST(:sides AS text[]), CAST(:olds AS text[]), CAST(:news AS text[])
    ) AS legal (side, old, new)
    WHERE legal.side = moved.name AND legal.old = moved.old AND legal.new = moved.new
)
ORDER BY moved.delivery_id, sequence
"""  # noqa: S608 -- It is made of constants only.


def _legal_moves() -> dict[str, Any]:
    tables: dict[str, Mapping[Any, AbstractSet[StrEnum]]] = {
        "status": DELIVERY_MOVES,
        "escrow": ESCROW_MOVES,
        "dispute": DISPUTE_MOVES,
    }
    moves = [
        (side, str(old), str(new))
        for side, table in tables.items()
        for old, following in table.items()
        for new in following
    ]
    sides, olds, news = (list(column) for column in zip(*moves, strict=True))
    return {"sides": sides, "olds": olds, "news": news}


HEAD_CHECKS: tuple[Check, ...] = (
    Check("I7", _PROJECTION),
    Check("I7", _ORPHANS),
    Check("I7", _MOVES, _legal_moves()),
)
"""What holds a chain to its delivery: the head, the projection and the moves between them."""
AUDIT_CHECKS: tuple[Check, ...] = (Check("I7", _CHAIN), *HEAD_CHECKS)
