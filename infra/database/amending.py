"""Takes a correction of what a delivery says over, in the transaction of the event that says so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amending import (
    FACT_AMENDMENT,
    FACT_KIND,
    FACT_VALUE,
    FACT_WEIGHT,
    AmendmentKind,
    needs_two_people,
    second_person_needed,
)
from domain.errors import Refusal, RefusalCode
from domain.handover.choosing import level_for
from domain.handover.levels import ProofLevel
from domain.money import Money
from domain.overriding.policy import OverridePolicy
from domain.transitions import EventKind, Transition
from infra.kept_policies import proof_policy_in

_PLACE = ("address", "latitude", "longitude")
_COLUMNS = {
    AmendmentKind.PICKUP: tuple(f"pickup_{name}" for name in _PLACE),
    AmendmentKind.DESTINATION: tuple(f"destination_{name}" for name in _PLACE),
    AmendmentKind.RECIPIENT: (
        "recipient_name",
        "recipient_phone",
        "recipient_email",
        "recipient_phone_lookup",
        "recipient_email_lookup",
        "recipient_id",
    ),
}
"""What a prepared row replaces, by its kind; each name is a key of the row and a column."""
_FRESH_S = OverridePolicy().approval_fresh_s
"""How old an agreement may be: one that a refused change has left behind is not somebody else's to use."""


def _statement(kind: AmendmentKind) -> str:
    columns = _COLUMNS[kind]
    before = ", ".join(f"'{name}', {name}" for name in columns)
    values = ", ".join(f"{name} = taken.{name}" for name in columns)
    return f"""
WITH prepared AS (
    UPDATE amendment
    SET applied_at = CAST(:at AS timestamptz), previous = (
        SELECT jsonb_build_object({before}) FROM parcel WHERE delivery_id = :delivery_id)
    WHERE amendment_id = CAST(:amendment_id AS uuid) AND delivery_id = :delivery_id
        AND kind = :kind AND applied_at IS NULL
        AND (NOT CAST(:needs_two AS boolean)
            OR approved_by IS NOT NULL AND approved_at > now() - make_interval(secs => {_FRESH_S}))
    RETURNING value
)
UPDATE parcel SET {values}
FROM prepared CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS parcel), prepared.value) AS taken
WHERE parcel.delivery_id = :delivery_id
"""  # noqa: S608 -- It is made of constants only.


_TAKEN = {kind: text(_statement(kind)) for kind in AmendmentKind}
_WAITS = text("""
SELECT FROM amendment WHERE amendment_id = CAST(:amendment_id AS uuid) AND delivery_id = :delivery_id
    AND kind = :kind AND applied_at IS NULL
""")
_RECIPIENT = text("""
UPDATE delivery SET recipient_id = parcel.recipient_id
FROM parcel WHERE parcel.delivery_id = delivery.delivery_id AND delivery.delivery_id = :delivery_id
""")
_PARCEL = text("""
UPDATE parcel SET
    weight_grams = coalesce(CAST(:weight_grams AS integer), weight_grams),
    declared_value_minor = coalesce(CAST(:declared_value_minor AS bigint), declared_value_minor)
WHERE delivery_id = :delivery_id
RETURNING declared_value_minor, currency, asked_level, policies -> 'proof' AS proof
""")
_LEVEL = text("UPDATE parcel SET proof_level = :level WHERE delivery_id = :delivery_id")


async def amend(connection: AsyncConnection, transition: Transition) -> None:
    """Write what an event corrects besides the projection; does nothing for other events.

    Raises:
        Refusal: `amendment_unknown`: there is no such row, or it was taken over before;
            `second_person_needed`: nobody but whoever has prepared it has agreed to it just now.
    """
    facts, place = transition.facts, {"delivery_id": transition.delivery_id}
    if transition.event is EventKind.PARCEL_CORRECTED:
        figures = {
            name: int(facts[name]) if name in facts else None for name in (FACT_WEIGHT, FACT_VALUE)
        }
        corrected = (await connection.execute(_PARCEL, {**place, **figures})).one()
        await connection.execute(_LEVEL, {**place, "level": str(_level_of(corrected))})
    elif FACT_AMENDMENT in facts:
        kind = AmendmentKind(facts[FACT_KIND])
        named = {**place, "amendment_id": facts[FACT_AMENDMENT], "kind": str(kind)}
        needs_two = needs_two_people(transition.standing.status, kind)
        values = {**named, "at": transition.at, "needs_two": needs_two}
        if not (await connection.execute(_TAKEN[kind], values)).rowcount:
            if needs_two and (await connection.execute(_WAITS, named)).rowcount:
                raise second_person_needed()
            raise Refusal(
                RefusalCode.AMENDMENT_UNKNOWN,
                "There is no such amendment, or it was taken over already.",
            )
        if kind is AmendmentKind.RECIPIENT:
            await connection.execute(_RECIPIENT, place)


def _level_of(parcel: Row[Any]) -> ProofLevel:
    """Return the level of a parcel by what it is worth now, and no less than was asked for."""
    policy = proof_policy_in(parcel.proof)
    value = parcel.declared_value_minor
    declared = None if value is None else Money(value, parcel.currency)
    return level_for(policy, declared, ProofLevel(parcel.asked_level))
