"""Reads payment operations out of rows, and finds the one that waits for its customer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.payment_ports import Operation
from domain.transitions import OperationKind
from infra.database import operation_sql as sql


async def unsettled_operation(connection: AsyncConnection, delivery_id: str) -> Operation | None:
    """Return the charge, authorisation or saved method of a delivery that is not settled yet."""
    found = await connection.execute(sql.UNSETTLED, {"delivery_id": delivery_id})
    row = found.one_or_none()
    return None if row is None else operation_in(row)


def operation_in(row: Row[Any] | None) -> Operation:
    """Return how an operation is asked for now."""
    assert row is not None, "the row was found: its state was read"
    return Operation(
        kind=OperationKind(row.kind),
        operation_id=row.operation_id,
        source=None if row.source_kind is None else _source(row),
        attempt=row.attempt,
        first_sent_at=row.attempt_sent_at,
        provider_id=row.provider_id or "",
    )


def _source(row: Row[Any]) -> Operation:
    return Operation(
        kind=OperationKind(row.source_kind),
        operation_id=row.source_operation_id,
        attempt=row.source_attempt,
        first_sent_at=row.source_sent_at,
        provider_id=row.source_provider_id or "",
    )
