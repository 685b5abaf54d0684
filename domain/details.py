"""What ops staff read on a workflow's page: where it stands, the money, who must act by when."""

from __future__ import annotations

from datetime import datetime

from domain.contracts import DeliveryOrder, DisputeOrder, Standing
from domain.deadlines import RULES, DeadlineKind
from domain.ids import delivery_workflow_id, dispute_workflow_id


def delivery_summary(order: DeliveryOrder) -> str:
    """Return the one line that names a delivery in a list of workflows."""
    return f"Delivery in {order.currency} for customer {order.customer_id}"


def delivery_details(order: DeliveryOrder, standing: Standing) -> str:
    """Return the markdown table of a delivery's present state."""
    rows = [("Where it stands", f"**{standing.status}**"), ("Held payment", _money(standing))]
    rows += _deadline_rows(standing)
    rows += [("Customer", order.customer_id), ("Traveler", standing.traveler_id or "none yet")]
    if standing.dispute_id is not None:
        rows.append(
            ("Dispute", f"{standing.dispute}: `{dispute_workflow_id(standing.dispute_id)}`")
        )
    if standing.attention is not None:
        rows.append(("Needs attention", f"**{standing.attention}** is parked: {_RESOLVE}"))
    return _table(rows)


def dispute_details(order: DisputeOrder, standing: Standing) -> str:
    """Return the markdown table of a dispute's present state."""
    opened = f"about {order.reason}, opened by the {order.opened_by.role}"
    rows = [
        ("Dispute", f"**{standing.dispute}**, {opened}"),
        ("Held payment", str(order.held)),
        ("Handover proven", "yes" if order.handover_proven else "no"),
        *_deadline_rows(standing),
        ("Delivery", f"`{delivery_workflow_id(order.delivery_id)}`"),
    ]
    return _table(rows)


_RESOLVE = 'send the update `resolve_attention`; `{"action": "retry"}` is always safe'


def _money(standing: Standing) -> str:
    return f"{standing.escrow}, {standing.price}" if standing.price else standing.escrow


def _deadline_rows(standing: Standing) -> list[tuple[str, str]]:
    if standing.deadline_kind is None or standing.deadline_at is None:
        return [("Who must act", "nobody")]
    rule = RULES[DeadlineKind(standing.deadline_kind)]
    return [
        ("Who must act", f"the {rule.owner}: {rule.action}"),
        ("By when", _time(standing.deadline_at)),
        ("Otherwise", f"{rule.default}; money: {rule.money_effect}"),
    ]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _table(rows: list[tuple[str, str]]) -> str:
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(["| | |", "|---|---|", *lines])
