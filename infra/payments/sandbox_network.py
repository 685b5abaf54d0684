"""Plays the card network of the sandbox: cardholders complain, banks decide.

Each play changes the sandbox's books and returns the events that its webhooks would bring.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.payment_ports import ProviderEvent, ProviderEventKind, ProviderRefused
from domain.chargebacks import ChargebackStatus
from domain.money import Money

FEE_MINOR = 1_500
"""What the sandbox keeps of each chargeback, won or lost, in minor units of its currency."""
ANSWER_IN = timedelta(days=7)
"""How long evidence is read. Source: the shortest time that banks give."""

_CHARGE_OF = text("""
SELECT charge.operation_id, charge.amount_minor, charge.currency FROM sandbox_charge AS charge JOIN sandbox_operation USING (operation_id)
WHERE starts_with(charge.operation_id, :prefix) AND status = 'succeeded' AND charge.amount_minor > 0
ORDER BY sequence LIMIT 1
""")
_OPEN = text("""
INSERT INTO sandbox_dispute (dispute_id, operation_id, reason, amount_minor, currency, status, due_by)
SELECT :dispute_id, operation_id, :reason,
    coalesce(CAST(:amount_minor AS bigint), amount_minor - refunded_minor), currency, 'inquiry',
    sandbox_now(operation_id) + :answer_in
FROM sandbox_charge WHERE operation_id = :operation_id AND status = 'succeeded'
    AND currency = coalesce(CAST(:currency AS text), currency)
RETURNING dispute_id
""")
_WITHDRAW = text("""
UPDATE sandbox_dispute SET status = 'open', taken_minor = amount_minor, fee_minor = :fee_minor,
    submissions = 0, due_by = sandbox_now(operation_id) + :answer_in
WHERE dispute_id = :dispute_id AND status = 'inquiry'
""")
_DECIDE = text("""
UPDATE sandbox_dispute SET status = :status,
    returned_minor = CASE :status WHEN 'won' THEN taken_minor ELSE 0 END
WHERE dispute_id = :dispute_id AND (status = 'open' OR status = 'lost' AND :status = 'won')
""")
_CLOSE = text("""
UPDATE sandbox_dispute SET status = 'closed_without_loss'
WHERE dispute_id = :dispute_id AND status = 'inquiry'
""")
_CHARGE = text("""
SELECT charge.provider_id FROM sandbox_dispute AS dispute
JOIN sandbox_operation AS charge USING (operation_id) WHERE dispute_id = :dispute_id
""")


class SandboxCardNetwork:
    """Opens, escalates and decides disputes of charges at the sandbox.

    Raises:
        ProviderRefused: there is no such charge, or the dispute does not stand where it could move
            like this.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def charge_of(self, delivery_id: str) -> tuple[str, Money]:
        """Return the operation that took the payment of a delivery, tips left aside, and how much."""
        asked = {"prefix": f"{delivery_id}:"}
        async with self._engine.connect() as connection:
            found = (await connection.execute(_CHARGE_OF, asked)).one_or_none()
        if found is None:
            raise ProviderRefused("The sandbox has taken no payment for this delivery.")
        return found.operation_id, Money(found.amount_minor, found.currency)

    async def open_inquiry(
        self,
        operation_id: str,
        amount: Money | None = None,
        *,
        reason: str = "fraudulent",
        answer_in: timedelta = ANSWER_IN,
    ) -> Sequence[ProviderEvent]:
        """Let a bank ask about a charge; no money moves. `amount` is what is left of it by default."""
        async with self._engine.begin() as connection:
            dispute_id = await _opened(connection, operation_id, amount, reason, answer_in)
            return await _events(connection, dispute_id, "created")

    async def open_chargeback(
        self,
        operation_id: str,
        amount: Money | None = None,
        *,
        reason: str = "fraudulent",
        answer_in: timedelta = ANSWER_IN,
    ) -> Sequence[ProviderEvent]:
        """Let a bank take a charge back at once; `amount` may be more or less than the charge."""
        async with self._engine.begin() as connection:
            dispute_id = await _opened(connection, operation_id, amount, reason, answer_in)
            await _withdraw(connection, dispute_id, answer_in)
            return await _events(connection, dispute_id, "created", "funds_withdrawn")

    async def escalate(
        self, dispute_id: str, answer_in: timedelta = ANSWER_IN
    ) -> Sequence[ProviderEvent]:
        """Turn an inquiry into a chargeback: the money leaves now."""
        async with self._engine.begin() as connection:
            await _withdraw(connection, dispute_id, answer_in)
            return await _events(connection, dispute_id, "updated", "funds_withdrawn")

    async def decide(self, dispute_id: str, *, won: bool) -> Sequence[ProviderEvent]:
        """Let the bank decide; a dispute that was lost may still be won on appeal."""
        status = ChargebackStatus.WON if won else ChargebackStatus.LOST
        asked = {"dispute_id": dispute_id, "status": status.value}
        async with self._engine.begin() as connection:
            _require((await connection.execute(_DECIDE, asked)).rowcount)
            names = ("funds_reinstated", "closed") if won else ("closed",)
            return await _events(connection, dispute_id, *names)

    async def close_inquiry(self, dispute_id: str) -> Sequence[ProviderEvent]:
        """Let an inquiry end without a chargeback."""
        async with self._engine.begin() as connection:
            _require((await connection.execute(_CLOSE, {"dispute_id": dispute_id})).rowcount)
            return await _events(connection, dispute_id, "closed")


async def _opened(
    connection: AsyncConnection,
    operation_id: str,
    amount: Money | None,
    reason: str,
    answer_in: timedelta,
) -> str:
    values: dict[str, Any] = {
        "dispute_id": f"du_sandbox_{uuid4().hex}",
        "operation_id": operation_id,
        "reason": reason,
        "amount_minor": amount.amount_minor if amount else None,
        "currency": amount.currency if amount else None,
        "answer_in": answer_in,
    }
    made: Row[Any] | None = (await connection.execute(_OPEN, values)).one_or_none()
    _require(made)
    return str(values["dispute_id"])


async def _withdraw(connection: AsyncConnection, dispute_id: str, answer_in: timedelta) -> None:
    values = {
        "dispute_id": dispute_id,
        "fee_minor": FEE_MINOR,
        "answer_in": answer_in,
    }
    _require((await connection.execute(_WITHDRAW, values)).rowcount)


async def _events(
    connection: AsyncConnection, dispute_id: str, *names: str
) -> Sequence[ProviderEvent]:
    charge_id = await connection.scalar(_CHARGE, {"dispute_id": dispute_id})
    return [
        ProviderEvent(
            event_id=f"evt_sandbox_{uuid4().hex}",
            kind=ProviderEventKind.DISPUTE,
            name=f"charge.dispute.{name}",
            object_id=dispute_id,
            happened_at=datetime.now(UTC).replace(microsecond=0),
            charge_id=str(charge_id),
        )
        for name in names
    ]


def _require(found: object) -> None:
    if not found:
        raise ProviderRefused("There is no such charge or dispute that could move like this.")
