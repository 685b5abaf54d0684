"""Who has a part in an override, and which of its accounts belong to one person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.overriding_ports import OverridePeople
from domain.contracts import Actor
from domain.ids import PersonId
from domain.overriding.rules import OverrideOrder

_PEOPLE = """
party AS (
    SELECT customer_id AS person_id FROM delivery WHERE delivery_id = CAST(:delivery_id AS uuid)
    UNION SELECT sender_id FROM delivery WHERE delivery_id = CAST(:delivery_id AS uuid)
    UNION SELECT recipient_id FROM delivery WHERE delivery_id = CAST(:delivery_id AS uuid)
    UNION SELECT traveler_id FROM delivery WHERE delivery_id = CAST(:delivery_id AS uuid)
    UNION SELECT giver_id FROM relay
        WHERE delivery_id = CAST(:delivery_id AS uuid) AND status = 'done'
),
acting AS (
    SELECT person_id, email_lookup, phone_lookup, payout_account FROM person
    WHERE person_id IN (CAST(:actor_id AS uuid), CAST(:asked_by AS uuid))
),
involved AS (
    SELECT person.person_id, email_lookup, phone_lookup, payout_account
    FROM person WHERE person_id IN (SELECT person_id FROM party)
        OR person_id = CAST(:newcomer_id AS uuid)
    UNION ALL SELECT * FROM acting
    UNION ALL
    -- A recipient without an account is named by contacts only.
    SELECT NULL, recipient_email_lookup, recipient_phone_lookup, NULL FROM parcel
    WHERE delivery_id = CAST(:delivery_id AS uuid)
    UNION ALL SELECT NULL, CAST(:newcomer_email AS text), CAST(:newcomer_phone AS text), NULL
)"""
_PARTIES = text(f"""
WITH {_PEOPLE}
SELECT CAST(person_id AS text) FROM party WHERE person_id IS NOT NULL
""")  # noqa: S608 -- It is made of constants only.
_TIES = text(f"""
WITH {_PEOPLE},
pair AS (
    SELECT acting.*, involved.person_id AS other_id, involved.email_lookup AS other_email,
        involved.phone_lookup AS other_phone, involved.payout_account AS other_account
    FROM acting JOIN involved ON involved.person_id IS DISTINCT FROM acting.person_id
),
account_of AS (SELECT person_id, email_lookup FROM account)
SELECT tie FROM (
    SELECT 'email' AS tie FROM pair WHERE email_lookup = other_email
    UNION SELECT 'newcomer' FROM acting WHERE person_id = CAST(:newcomer_id AS uuid)
    UNION SELECT 'phone' FROM pair WHERE phone_lookup = other_phone
    UNION SELECT 'payout_account' FROM pair WHERE payout_account = other_account
    UNION SELECT 'sign_in' FROM pair
        JOIN account_of AS own USING (person_id)
        LEFT JOIN account_of AS others ON others.person_id = pair.other_id
        WHERE own.email_lookup IN (others.email_lookup, other_email)
    UNION SELECT 'passkey' FROM pair
        JOIN passkey AS own USING (person_id)
        JOIN passkey AS others ON others.person_id = pair.other_id
        WHERE own.credential_id = others.credential_id OR own.public_key = others.public_key
    UNION SELECT 'device' FROM pair
        JOIN device AS own USING (person_id)
        JOIN device AS others ON others.person_id = pair.other_id
        WHERE own.public_key = others.public_key
) AS found ORDER BY tie
""")  # noqa: S608 -- The same.
"""By what two accounts are one person's: contacts by their blind indexes, never in clear."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is about to get a part in a delivery; contacts by their blind indexes."""

    person_id: str | None = None
    email_lookup: str | None = None
    phone_lookup: str | None = None


async def people_of(
    connection: AsyncConnection, order: OverrideOrder, actor: Actor
) -> OverridePeople:
    """Return who has a part in an override's delivery, and what ties its staff to anybody in it."""
    asked_by, actor_id = order.asked_by.person_id, actor.person_id
    values = _named(order.delivery_id, actor_id, asked_by)
    parties = (await connection.execute(_PARTIES, values)).scalars().all()
    ties = await ties_of(connection, order.delivery_id, actor_id, asked_by)
    return OverridePeople(tuple(PersonId(each) for each in parties), ties)


async def ties_of(
    connection: AsyncConnection,
    delivery_id: str,
    actor_id: str | None,
    asked_by: str | None,
    newcomer: Newcomer | None = None,
) -> tuple[str, ...]:
    """Return what ties two people of staff to each other, or to anybody with a part in a delivery.

    A newcomer counts as one who has a part in it, also when that is one of the two.
    """
    values = _named(delivery_id, actor_id, asked_by, newcomer)
    return tuple((await connection.execute(_TIES, values)).scalars().all())


def _named(
    delivery_id: str, actor_id: str | None, asked_by: str | None, newcomer: Newcomer | None = None
) -> dict[str, str | None]:
    known = newcomer or Newcomer()
    return {
        "delivery_id": delivery_id,
        "actor_id": actor_id,
        "asked_by": asked_by,
        "newcomer_id": known.person_id,
        "newcomer_email": known.email_lookup,
        "newcomer_phone": known.phone_lookup,
    }
