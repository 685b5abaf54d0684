"""Finds the agent for a dispute: by skill, then by load."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.disputing.rules import APPEALS_SKILL
from domain.ids import DeliveryId, PersonId

_CHOSEN = text("""
SELECT CAST(person.person_id AS text)
FROM person
JOIN delivery ON delivery.delivery_id = CAST(:delivery_id AS uuid)
LEFT JOIN LATERAL (
    SELECT count(*) AS open FROM dispute
    WHERE dispute.agent_id = person.person_id AND dispute.status = 'open'
) AS load ON true
WHERE 'agent' = ANY (person.roles)
    AND person.person_id IS DISTINCT FROM CAST(:excluded AS uuid)
    AND person.person_id IS DISTINCT FROM delivery.customer_id
    AND person.person_id IS DISTINCT FROM delivery.sender_id
    AND person.person_id IS DISTINCT FROM delivery.recipient_id
    AND person.person_id IS DISTINCT FROM delivery.traveler_id
    AND NOT EXISTS (
        SELECT FROM relay WHERE relay.delivery_id = delivery.delivery_id
            AND person.person_id IN (relay.giver_id, relay.taker_id)
    )
ORDER BY (CAST(:skill AS text) = ANY (person.skills)
        OR CAST(:skill AS text) = :appeals AND 'senior_agent' = ANY (person.roles)) DESC,
    load.open, person.person_id
LIMIT 1
""")


async def agent_for(
    connection: AsyncConnection, delivery_id: DeliveryId, skill: str, excluded: PersonId | None
) -> PersonId | None:
    """Return the agent for a dispute about a delivery, or none when there is nobody.

    Who has the skill comes first, for an appeal also a senior agent, then who has the fewest open
    disputes. Parties of the delivery, the travelers of its relays and `excluded` are never chosen.
    """
    values = {
        "delivery_id": delivery_id,
        "skill": skill,
        "appeals": APPEALS_SKILL,
        "excluded": excluded,
    }
    chosen = await connection.scalar(_CHOSEN, values)
    return None if chosen is None else PersonId(chosen)
