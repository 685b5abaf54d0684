"""Finds what must be settled before a person's data can be erased."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.erasing.rules import BLOCKERS_SHOWN_MAX, Blocker, BlockerKind
from domain.ids import DeliveryId, PersonId
from infra.erasing.contacts import Lookups

_PART = """
WITH handed_on AS (
    SELECT delivery_id FROM relay WHERE giver_id = CAST(:person AS uuid) AND status = 'done'
),
named AS (
    SELECT delivery_id FROM parcel
    WHERE recipient_email_lookup = :email_lookup OR recipient_phone_lookup = :phone_lookup
),
part AS (
    SELECT delivery_id, closed_at FROM delivery
    WHERE CAST(:person AS uuid) IN (customer_id, sender_id, recipient_id, traveler_id)
        OR delivery_id IN (SELECT delivery_id FROM handed_on)
        OR delivery_id IN (SELECT delivery_id FROM named)
)
"""
_DELIVERIES = text(f"{_PART} SELECT CAST(delivery_id AS text) FROM part ORDER BY delivery_id")  # noqa: S608 -- It is made of constants only.
_BLOCKERS = text(f"""
{_PART},
money_part AS (
    SELECT delivery_id FROM delivery
    WHERE CAST(:person AS uuid) IN (customer_id, traveler_id)
        OR delivery_id IN (SELECT delivery_id FROM handed_on)
)
SELECT kind, subject_id FROM (
    SELECT 1 AS place, 'delivery_open' AS kind, CAST(delivery_id AS text) AS subject_id
    FROM part WHERE closed_at IS NULL
    UNION ALL
    SELECT 2, 'offer_open', CAST(offer_id AS text) FROM offer JOIN delivery USING (delivery_id)
    WHERE offer.traveler_id = CAST(:person AS uuid) AND offer.status = 'open' AND closed_at IS NULL
    UNION ALL
    SELECT 2, 'offer_open', CAST(relay_id AS text) FROM relay JOIN delivery USING (delivery_id)
    WHERE taker_id = CAST(:person AS uuid) AND relay.status NOT IN ('done', 'ended')
        AND closed_at IS NULL
    UNION ALL
    SELECT 3, 'dispute_open', CAST(dispute_id AS text) FROM dispute
    WHERE agent_id = CAST(:person AS uuid) AND status = 'open'
    UNION ALL
    SELECT 4, 'chargeback_open', CAST(chargeback_id AS text)
    FROM chargeback JOIN money_part USING (delivery_id) WHERE decided_at IS NULL
    UNION ALL
    SELECT 5, 'payment_under_way', operation_id
    FROM payment_operation JOIN money_part USING (delivery_id)
    WHERE state IN ('intent', 'sent', 'unknown')
    UNION ALL
    SELECT 5, 'payment_under_way', CAST(correction_id AS text)
    FROM correction JOIN money_part USING (delivery_id) WHERE closed_at IS NULL
    UNION ALL
    SELECT 6, 'money_owed', currency FROM ledger_account
    WHERE owner = CAST(CAST(:person AS uuid) AS text) AND balance_minor <> 0
) AS found
ORDER BY place, subject_id LIMIT :shown_max
""")  # noqa: S608 -- The same.


async def deliveries_of(
    connection: AsyncConnection, person_id: PersonId, lookups: Lookups
) -> list[DeliveryId]:
    """Return every delivery of which a person was a party."""
    values = {"person": person_id, **lookups.values()}
    return [DeliveryId(each) for each in (await connection.execute(_DELIVERIES, values)).scalars()]


async def blockers_of(
    connection: AsyncConnection, person_id: PersonId, lookups: Lookups
) -> tuple[Blocker, ...]:
    """Return what must be settled first, the most telling things first."""
    values = {"person": person_id, "shown_max": BLOCKERS_SHOWN_MAX, **lookups.values()}
    rows = await connection.execute(_BLOCKERS, values)
    return tuple(Blocker(BlockerKind(row.kind), row.subject_id) for row in rows)
