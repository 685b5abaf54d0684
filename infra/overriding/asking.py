"""Keeps what staff ask for, with their words encrypted, and reads it for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.identity.roles import PARTIES
from domain.overriding.rules import OverrideOrder, OverrideStatus
from infra.database.schema import delivery, delivery_override
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, OwnedKeys
from infra.overriding.words import opened_words, sealed_words

_row = delivery_override.c


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What staff say about an override; it never enters a workflow."""

    explanation: str
    """What happened."""
    reference: str
    """The number of the police or of the insurance."""
    witness: str
    """Who has seen it, and how they can be reached."""
    evidence: Sequence[str]
    """Ids of proofs and evidence, and SHA-256 digests of documents."""


class OverrideDesk:
    """Requests for overrides in PostgreSQL."""

    def __init__(self, engine: AsyncEngine, keys: OwnedKeys) -> None:
        self._engine, self._keys = engine, keys

    async def keep(self, order: OverrideOrder, said: AskedFor) -> None:
        """Keep a request before its workflow begins.

        Idempotency: one that is kept already stays as it is.
        """
        words = {
            "explanation": said.explanation,
            "reference": said.reference,
            "witness": said.witness,
        }
        async with self._engine.begin() as connection:
            key = await self._keys.made_for(connection, KeyOwner.delivery(order.delivery_id))
            values = {
                **sealed_words(key, order.override_id, words),
                "override_id": order.override_id,
                "delivery_id": order.delivery_id,
                "step": str(order.step),
                "cause": str(order.cause),
                "evidence": list(said.evidence),
                "status": str(OverrideStatus.ASKED),
                "asked_by": order.asked_by.person_id,
                "asked_by_role": str(order.asked_by.role),
                "asked_at": order.asked_at,
                "due_at": order.due_at,
            }
            kept = insert(delivery_override).values(values).on_conflict_do_nothing()
            await connection.execute(kept)

    async def read(self, override_id: str) -> dict[str, Any] | None:
        """Return one override with its words, or none."""
        query = select(delivery_override).where(_row.override_id == override_id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            return None if row is None else await self._opened(connection, dict(row))

    async def listed(
        self, delivery_id: str | None, before_id: str, count: int, *, reader_id: str
    ) -> list[dict[str, Any]]:
        """Return overrides with their words, the newest first: all, or those of one delivery.

        Whoever reads them gets none of a delivery to which they are a party.
        """
        query = select(delivery_override).where(
            _row.override_id < before_id, ~_is_of_party(reader_id)
        )
        if delivery_id is not None:
            query = query.where(_row.delivery_id == delivery_id)
        newest = query.order_by(_row.override_id.desc()).limit(count)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(newest)).mappings().all()
            return [await self._opened(connection, dict(row)) for row in rows]

    async def _opened(self, connection: AsyncConnection, row: Mapping[str, Any]) -> dict[str, Any]:
        try:
            key = await self._keys.of(connection, KeyOwner.delivery(str(row["delivery_id"])))
        except KeyDestroyed:
            key = None
        return {**row, **opened_words(key, row)}


def _is_of_party(person_id: str) -> ColumnElement[bool]:
    """Tell whether somebody is a party of the delivery that the override of the row is about."""
    is_party = or_(*(delivery.c[f"{party}_id"] == person_id for party in sorted(PARTIES)))
    return (
        select(delivery.c.delivery_id)
        .where(delivery.c.delivery_id == _row.delivery_id, is_party)
        .exists()
    )
