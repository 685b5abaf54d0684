"""Begins chargebacks: one row and one workflow for each dispute that a provider reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from domain.chargebacks import ChargebackOrder
from domain.ids import ChargebackId, DeliveryId, PersonId, chargeback_workflow_id
from domain.messages import reference_of
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from infra.kept_policies import POLICIES

START_S_MAX = 10
"""A front end that does not take a start in this time counts as down."""

_BEGIN = text("""
INSERT INTO chargeback
    (chargeback_id, provider, dispute_id, charge_operation_id, delivery_id, currency)
SELECT :chargeback_id, :provider, :dispute_id, operation_id, delivery_id, currency
FROM payment_operation WHERE operation_id = :charge_operation_id
ON CONFLICT (provider, dispute_id) DO NOTHING
""")
_ORDER = text("""
SELECT CAST(chargeback.chargeback_id AS text) AS chargeback_id, chargeback.provider,
    chargeback.dispute_id, CAST(chargeback.delivery_id AS text) AS delivery_id,
    chargeback.charge_operation_id, chargeback.currency,
    CAST(delivery.customer_id AS text) AS customer_id,
    CAST(delivery.traveler_id AS text) AS traveler_id, parcel.policies
FROM chargeback JOIN delivery USING (delivery_id) JOIN parcel USING (delivery_id)
WHERE chargeback.provider = :provider AND chargeback.dispute_id = :dispute_id
""")


class ChargebackStarts:
    """`Chargebacks` as workflows: started with a signal, so that a second event wakes the first.

    Raises:
        LookupError: no operation of ours has this id.
        RPCError: Temporal does not take it now.
    """

    def __init__(self, engine: AsyncEngine, client: Client) -> None:
        self._engine = engine
        self._client = client

    async def start_chargeback(
        self, provider: str, dispute_id: str, charge_operation_id: str
    ) -> None:
        """Begin a chargeback, or tell the one that has begun to read its dispute again."""
        asked = {"provider": provider, "dispute_id": dispute_id}
        new = {"chargeback_id": new_id(), "charge_operation_id": charge_operation_id}
        async with self._engine.begin() as connection:
            await connection.execute(_BEGIN, asked | new)
            row = (await connection.execute(_ORDER, asked)).one_or_none()
        if row is None:
            raise LookupError(f"no operation has the id {charge_operation_id}")
        order = _order(row)
        await self._client.start_workflow(
            "chargeback",
            order,
            id=chargeback_workflow_id(order.chargeback_id),
            task_queue=TaskQueue.SAGAS,
            start_signal="dispute_changed",
            static_summary=f"Chargeback of delivery {reference_of(order.delivery_id)}",
            rpc_timeout=timedelta(seconds=START_S_MAX),
        )


def _order(row: Row[Any]) -> ChargebackOrder:
    return ChargebackOrder(
        chargeback_id=ChargebackId(row.chargeback_id),
        delivery_id=DeliveryId(row.delivery_id),
        provider=row.provider,
        dispute_id=row.dispute_id,
        charge_operation_id=row.charge_operation_id,
        currency=row.currency,
        customer_id=PersonId(row.customer_id),
        traveler_id=PersonId(row.traveler_id) if row.traveler_id else None,
        policies=POLICIES.validate_python(row.policies),
    )
