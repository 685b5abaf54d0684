"""What a check of an invariant is: a question to the database whose answer should be no rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One question; every row that it returns is a violation.

    Shape: the rows have the columns `delivery_id`, `subject` and `problem`, all texts.
    """

    invariant: str
    """For example `I1`."""
    sql: str
    """`:only` is a delivery's id, or null for all of them."""
    values: dict[str, Any] = field(default_factory=dict)
    """Values besides `only`."""
    needs_table: str = ""
    """The check is left out where this table does not exist."""


def of_delivery(column: str) -> str:
    """Return the condition that narrows a check to one delivery."""
    return f"(CAST(:only AS uuid) IS NULL OR {column} = CAST(:only AS uuid))"


TOLD = f"""
told AS (
    SELECT delivery_id, sequence, kind, CASE WHEN body IS JSON OBJECT THEN CAST(body AS jsonb) END
        AS body
    FROM event WHERE {of_delivery("delivery_id")}
)"""  # noqa: S608 -- It is made of constants only.
"""The events with their bodies read; a body that is no JSON reads as null."""
