"""People who ask to be erased."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.erasing.rules import ErasureNote, ErasureOrder, ErasureStatus
from domain.ids import PersonId
from infra.erasing.erasures import DatabaseErasures
from infra.identifiers import new_id


def order_of(person_id: PersonId) -> ErasureOrder:
    """Return the wish of somebody who asks now."""
    return ErasureOrder(person_id, new_id(), datetime.now(UTC))


async def asked(erasures: DatabaseErasures, person_id: PersonId) -> ErasureOrder:
    """Note the wish of somebody who asks now, and return it."""
    order = order_of(person_id)
    await erasures.note(ErasureNote(order, ErasureStatus.COOLING_OFF))
    return order
