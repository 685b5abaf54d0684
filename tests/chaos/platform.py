"""What must be true of the platform as a whole once every delivery is over."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.chaos.movements import reservations_left
from tests.chaos.world import World

_OPENED = text("SELECT CAST(delivery_id AS text) AS delivery_id FROM parcel")
_PARKED = text("""
SELECT CAST(delivery_id AS text) AS delivery_id, CAST(body AS jsonb) -> 'facts' AS facts
FROM event WHERE kind = 'attention_raised'
""")
_ITEMS = text("SELECT subject, problem FROM attention_item")
_MESSAGES = text("SELECT state, count(*) AS times FROM notification GROUP BY state")
_LOST = text("""
SELECT count(*) FROM notification LEFT JOIN stored_message ON message_id = notification_id
WHERE state IN ('sending', 'unknown') AND message_id IS NULL
""")
_LEFT = text("SELECT account, balance_minor FROM sandbox_account WHERE balance_minor <> 0")
_CASH = text("""
SELECT
    (SELECT coalesce(sum(balance_minor), 0) FROM ledger_account WHERE kind = 'provider_cash')
        AS booked_minor,
    (SELECT coalesce(sum(amount_minor - refunded_minor - transferred_minor), 0)
        FROM sandbox_charge WHERE status = 'succeeded')
        + (SELECT coalesce(sum(balance_minor), 0) FROM sandbox_account) AS there_minor
""")


@dataclass(frozen=True)
class Platform:
    """How the platform stands."""

    problems: list[str] = field(default_factory=list)
    messages: Mapping[str, int] = field(default_factory=dict)
    """Messages to people by their state."""
    messages_lost: int = 0
    """Messages whose worker died between the claim and the sending: by design they are not sent
    again, because nobody can tell them from those that were sent."""


async def look_at_platform(world: World, known: AbstractSet[str]) -> Platform:
    """Return how the platform stands, given the deliveries that people opened."""
    async with world.engine.connect() as connection:
        problems = [*await _people_needed(connection), *await _money_left(connection)]
        opened = {row.delivery_id for row in await connection.execute(_OPENED)}
        rows = await connection.execute(_MESSAGES)
        messages = {row.state: int(row.times) for row in rows}
        lost = int(await connection.scalar(_LOST) or 0)
    problems += [f"{key}: opened a second time by one request" for key in opened - known]
    problems += [f"reservation {held} was left" for held in await reservations_left(world.provider)]
    return Platform(problems, messages, lost)


async def _people_needed(connection: AsyncConnection) -> list[str]:
    parked = await connection.execute(_PARKED)
    problems = [f"{row.delivery_id}: a step was parked: {row.facts}" for row in parked]
    items = await connection.execute(_ITEMS)
    return problems + [f"staff must look at {row.subject}: {row.problem}" for row in items]


async def _money_left(connection: AsyncConnection) -> list[str]:
    left = await connection.execute(_LEFT)
    problems = [f"{row.account} was not paid out {row.balance_minor}" for row in left]
    cash = (await connection.execute(_CASH)).one()
    if cash.booked_minor != cash.there_minor:
        problems.append(
            f"the provider holds {cash.there_minor}, and the ledger says {cash.booked_minor}"
        )
    return problems
