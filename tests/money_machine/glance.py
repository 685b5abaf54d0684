"""Everything that a plan looks at between two steps, read by one statement: looking is most of its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.chargebacks import DECIDED
from domain.correcting.rules import OVER
from domain.deadlines import DeadlineKind
from domain.ids import ChargebackId, CorrectionId, DeliveryId
from domain.status import CLOSED


@dataclass(frozen=True)
class OpenChargeback:
    """A chargeback that is not decided."""

    chargeback_id: ChargebackId
    attention: str | None


@dataclass(frozen=True)
class OpenCorrection:
    """A correction that is not over."""

    correction_id: CorrectionId
    kind: str
    status: str
    undone_operation_id: str | None


@dataclass(frozen=True)
class Glance:
    """Where a delivery stands, and what is open beside it."""

    standing: dict[str, Any]
    """Its row."""
    chargebacks: tuple[OpenChargeback, ...]
    corrections: tuple[OpenCorrection, ...]
    ordered: frozenset[str]
    """Ids of all its corrections, also of those that are over."""
    is_answered: bool
    """Whether the provider has answered all that it was asked."""

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is on its way that ends by itself."""
        is_moving = self.standing["deadline_kind"] == DeadlineKind.PROVIDER
        return not is_moving or self.standing["attention"] is not None

    @property
    def is_closed(self) -> bool:
        return self.standing["status"] in CLOSED


async def glance_at(engine: AsyncEngine, delivery_id: DeliveryId) -> Glance:
    """Look at a delivery, all at the same moment."""
    async with engine.connect() as connection:
        row = (await connection.execute(_LOOK, {"delivery_id": delivery_id, **_OVER})).mappings()
        found = dict(row.one())
    return Glance(
        chargebacks=tuple(OpenChargeback(**each) for each in found.pop("open_chargebacks")),
        corrections=tuple(OpenCorrection(**each) for each in found.pop("open_corrections")),
        ordered=frozenset(found.pop("ordered")),
        is_answered=not found.pop("unanswered"),
        standing=found,
    )


_OVER = {
    "decided": [str(status) for status in DECIDED],
    "over": [str(status) for status in OVER],
}
_LOOK = text("""
SELECT delivery.*,
    (SELECT coalesce(json_agg(json_build_object(
            'chargeback_id', chargeback_id, 'attention', attention)), '[]')
        FROM chargeback WHERE delivery_id = :delivery_id AND status <> ALL (:decided)
    ) AS open_chargebacks,
    (SELECT coalesce(json_agg(json_build_object(
            'correction_id', correction_id, 'kind', kind, 'status', status,
            'undone_operation_id', undone_operation_id)), '[]')
        FROM correction WHERE delivery_id = :delivery_id AND status <> ALL (:over)
    ) AS open_corrections,
    ARRAY(SELECT CAST(correction_id AS text) FROM correction WHERE delivery_id = :delivery_id
    ) AS ordered,
    EXISTS (SELECT FROM payment_operation
        WHERE delivery_id = :delivery_id AND state IN ('sent', 'unknown')) AS unanswered
FROM delivery WHERE delivery_id = :delivery_id
""")
