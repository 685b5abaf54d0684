"""What ops staff read on the page of an emergency override."""

from __future__ import annotations

from domain.deadlines import RULES, DeadlineKind
from domain.ids import delivery_workflow_id
from domain.overriding.rules import OverrideOrder, OverrideStanding, OverrideStatus


def override_details(order: OverrideOrder, standing: OverrideStanding) -> str:
    """Return the markdown table of an override's present state."""
    rows = [
        ("Emergency override", f"of the {order.step}, because of: {order.cause.replace('_', ' ')}"),
        ("Where it stands", f"{standing.status} {standing.because}".strip().replace("_", " ")),
        ("Asked by", f"`{order.asked_by.person_id}`, as {order.asked_by.role}"),
        ("Delivery", f"`{delivery_workflow_id(order.delivery_id)}`"),
    ]
    if standing.status is OverrideStatus.ASKED:
        rule = RULES[DeadlineKind.OVERRIDE]
        rows += [
            ("Who must act", f"the {rule.owner}: {rule.action}"),
            ("By when", f"{order.due_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Otherwise", f"{rule.default}; money: {rule.money_effect}"),
        ]
    lines = [f"| **{name}** | {value} |" for name, value in rows]
    return "\n".join(["| | |", "|---|---|", *lines])
