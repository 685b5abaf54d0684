"""Many deliveries frozen or resumed by one order: what is asked for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.contracts import Role
from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId, PersonId

BULK_PREFIX = "bulk-hold:"
PER_MINUTE = 300
"""Deliveries a minute unless another rate is named: five a second leave room for everybody else."""
PER_MINUTE_MAX = 3_000
PAGE_SIZE = 20
"""Deliveries of one step: its progress shows after a few seconds."""
PAGES_PER_RUN = 50
"""Steps until the workflow goes on with a fresh history."""
REFUSED_SHOWN_MAX = 20
"""Deliveries that are named because they refused."""


class BulkAction(StrEnum):
    """What is done to each delivery."""

    HOLD = "hold"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class BulkTotals:
    """What became of the deliveries so far."""

    done: int = 0
    """Frozen or resumed by this order."""
    unchanged: int = 0
    """On hold already, not on hold, or closed."""
    refused: int = 0
    """Not answered in time, or refused for another reason."""
    refused_ids: tuple[DeliveryId, ...] = ()
    """The first of those that refused."""

    def __add__(self, more: BulkTotals) -> BulkTotals:
        """Return both together."""
        return BulkTotals(
            self.done + more.done,
            self.unchanged + more.unchanged,
            self.refused + more.refused,
            (*self.refused_ids, *more.refused_ids)[:REFUSED_SHOWN_MAX],
        )


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """Input of the bulk workflow, and of each of its runs."""

    bulk_id: str
    """The order; the workflow id is `bulk-hold:<bulk_id>`."""
    action: BulkAction
    """Hold or resume."""
    query: str
    """Filter of the list of workflows; open deliveries only are ever touched."""
    reason: str
    """Why, for staff and each delivery's audit trail; no personal data."""
    operator_id: PersonId | None = None
    """Who ordered it, as a person of the platform."""
    role: Role = Role.OPERATOR
    """In which capacity."""
    per_minute: int = PER_MINUTE
    """Deliveries a minute at the most."""
    found: int = 0
    """Deliveries that matched at the beginning."""
    cursor: str = ""
    """Where the list goes on; empty at its beginning."""
    totals: BulkTotals = field(default_factory=BulkTotals)
    """What became of the deliveries of earlier runs."""


@dataclass(frozen=True, slots=True)
class BulkPage:
    """A part of the list."""

    deliveries: tuple[DeliveryId, ...]
    """The deliveries of this part."""
    cursor: str
    """Where the list goes on; empty at its end."""


@dataclass(frozen=True, slots=True)
class BulkStep:
    """A part of the list to work on."""

    order: BulkOrder
    """The order."""
    deliveries: tuple[DeliveryId, ...]
    """The deliveries to freeze or resume."""


def bulk_workflow_id(bulk_id: str) -> str:
    """Return the Temporal workflow id of a bulk order."""
    return f"{BULK_PREFIX}{bulk_id}"


def full_query(query: str) -> str:
    """Return the filter that finds open deliveries only, whatever else is asked for."""
    return f'({query}) AND WorkflowType = "delivery" AND ExecutionStatus = "Running"'


def check_bulk(query: str, reason: str, per_minute: int) -> None:
    """Check an order before it is started.

    Raises:
        Refusal: `reason_missing` or `amendment_invalid`.
    """
    if not reason.strip():
        raise Refusal(RefusalCode.REASON_MISSING, "Say why.")
    if not query.strip() or query.count("(") != query.count(")"):
        raise Refusal(RefusalCode.AMENDMENT_INVALID, "Name a filter, with its brackets closed.")
    if not 0 < per_minute <= PER_MINUTE_MAX:
        raise Refusal(RefusalCode.AMENDMENT_INVALID, f"A rate is 1 to {PER_MINUTE_MAX} a minute.")


def bulk_details(order: BulkOrder, totals: BulkTotals, state: str) -> str:
    """Return the markdown table of a bulk order's progress."""
    seen = totals.done + totals.unchanged + totals.refused
    rows = [
        ("Order", f"**{order.action}**: {order.reason}"),
        ("Ordered by", f"`{order.operator_id or order.role}`"),
        ("Filter", f"`{order.query}`"),
        ("State", state),
        ("Seen", f"{seen} of {order.found}, at most {order.per_minute} a minute"),
        ("Done", str(totals.done)),
        ("Unchanged", f"{totals.unchanged}: as ordered already, or closed meanwhile"),
        ("Refused", str(totals.refused)),
    ]
    rows += [("Refused by", f"`delivery:{each}`") for each in totals.refused_ids]
    lines = [f"| **{name}** | {value} |" for name, value in rows]
    return "\n".join(["| | |", "|---|---|", *lines])
