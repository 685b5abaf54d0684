"""What ops staff read on a workflow's page: where it stands, the money, who must act by when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.chargebacks import SKIPPABLE_STEPS as SKIPPABLE_IN_CHARGEBACKS
from domain.chargebacks import ChargebackNews, ChargebackOrder, DisputeState
from domain.contracts import DeliveryOrder, DisputeOrder, Standing
from domain.correcting.events import Correction
from domain.correcting.rules import SKIPPABLE_IN_CORRECTIONS, CorrectionStanding, CorrectionStatus
from domain.deadlines import RULES, DeadlineKind
from domain.holds.rules import OF_HOLDS, SOS
from domain.ids import chargeback_workflow_id, delivery_workflow_id, dispute_workflow_id
from domain.lifecycle import SKIPPABLE_STEPS, TRAVELER_SILENT, VERDICT_OVERDUE
from domain.messages import reference_of
from domain.runbooks import runbook_of
from domain.status import EscrowStatus


def delivery_summary(order: DeliveryOrder) -> str:
    """Return the one line that names a delivery, by the reference that its messages carry."""
    return f"Delivery {reference_of(order.delivery_id)} in {order.currency}"


def delivery_details(order: DeliveryOrder, standing: Standing, parked_because: str = "") -> str:
    """Return the markdown table of a delivery's present state.

    `parked_because` is the code of why a step is parked.
    """
    rows = [
        ("Where it stands", standing.status.replace("_", " ")),
        ("Held payment", _money(standing)),
    ]
    rows += _deadline_rows(standing)
    rows += [("Reference", reference_of(order.delivery_id))]
    rows += [("Customer", order.customer_id), ("Traveler", standing.traveler_id or "none yet")]
    if standing.dispute_id is not None:
        rows.append(
            ("Dispute", f"{standing.dispute}: `{dispute_workflow_id(standing.dispute_id)}`")
        )
    if standing.attention is not None:
        rows += _attention_rows(standing.attention, parked_because)
    return _table(rows)


def dispute_details(
    order: DisputeOrder, standing: Standing, ladder_rows: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the markdown table of a dispute's present state."""
    opened = f"about {order.reason}, opened by the {order.opened_by.role}"
    rows = [
        ("Dispute", f"**{standing.dispute}**, {opened}"),
        ("Held payment", str(order.held)),
        ("Handover proven", "yes" if order.handover_proven else "no"),
        *ladder_rows,
        *_deadline_rows(standing),
        ("Delivery", f"`{delivery_workflow_id(order.delivery_id)}`"),
    ]
    return _table(rows)


def correction_details(correction: Correction, standing: CorrectionStanding) -> str:
    """Return the markdown table of a correction's present state."""
    rows = [
        ("Correction", f"{correction.kind.replace('_', ' ')} of {correction.amount}"),
        ("Where it stands", standing.status.replace("_", " ")),
        *_deadline_rows(standing),
        ("Delivery", f"`{delivery_workflow_id(correction.delivery_id)}`"),
    ]
    if correction.bearer is not None:
        rows.append(("Borne by", f"the {correction.bearer}"))
    if standing.status is CorrectionStatus.PARKED:
        rows += _attention_rows(standing.step, standing.problem)
    elif standing.problem:
        rows.append(("Because", standing.problem.replace("_", " ")))
    return _table(rows)


def chargeback_details(
    order: ChargebackOrder,
    standing: Standing,
    dispute: DisputeState | None,
    parked_because: str = "",
) -> str:
    """Return the markdown table of a chargeback's present state."""
    rows = [("Chargeback", f"**{standing.status.replace('_', ' ')}**")]
    if dispute is not None:
        rows += [
            ("The bank disputes", f"{dispute.amount}, because: {dispute.reason}"),
            ("Taken, returned", f"{dispute.taken}, {dispute.returned}; fee {dispute.fee}"),
            ("Evidence due", _time(dispute.due_by) if dispute.due_by else "not said"),
        ]
    rows += _deadline_rows(standing)
    rows.append(("Delivery", f"`{delivery_workflow_id(order.delivery_id)}`"))
    rows.append((f"Dispute at {order.provider}", f"`{order.dispute_id}`"))
    if standing.attention is not None:
        rows += _attention_rows(standing.attention, parked_because)
    return _table(rows)


def chargeback_rows(found: Iterable[ChargebackNews]) -> str:
    """Return more rows for the table of a delivery: each chargeback of its payment."""
    rows = ((f"`{chargeback_workflow_id(news.chargeback_id)}`", news.status) for news in found)
    return "".join(f"\n| **Chargeback** | {status}: {link} |" for link, status in rows)


def clock_summary(kind: DeadlineKind, due_at: datetime) -> str:
    """Return the one line that a timer shows: who must act by when, and what happens otherwise."""
    rule = RULES[kind]
    return f"The {rule.owner} must {rule.action} by {_time(due_at)}; otherwise {rule.default}"


def _attention_rows(step: str, because: str) -> list[tuple[str, str]]:
    if step == VERDICT_OVERDUE:
        return [
            ("Needs attention", "no agent has decided the dispute in time"),
            ("Runbook", f"`{runbook_of(step)}`"),
        ]
    if step == TRAVELER_SILENT:
        return [
            ("Needs attention", "the traveler does not answer; send `check_in` once found"),
            ("Runbook", f"`{runbook_of(step)}`"),
        ]
    if step == SOS:
        return [
            (
                "Needs attention",
                "**somebody has called for help**; send `resume` with what was found",
            ),
            ("Runbook", f"`{runbook_of(step)}`"),
        ]
    if step in OF_HOLDS:
        return [
            ("Needs attention", "it is on hold for long; send `resume` once it may go on"),
            ("Runbook", f"`{runbook_of(step)}`"),
        ]
    ways = [("Retry, always safe", '`{"action": "retry", "reason": "..."}`')]
    if step in SKIPPABLE_STEPS | SKIPPABLE_IN_CORRECTIONS | SKIPPABLE_IN_CHARGEBACKS:
        way = "Skip, it stays owed" if step in SKIPPABLE_STEPS else "Skip, go on without it"
        ways.append((way, '`{"action": "skip", "reason": "..."}`'))
    done = '`{"action": "done_by_hand", "reference": "PROVIDER ID", "reason": "..."}`'
    ways.append(("Done at the provider", done))
    runbook = ("Runbook", f"`{runbook_of(step)}`")
    why = f": {because.replace('_', ' ')}" if because else ""
    return [
        ("Needs attention", f"**{step}** is parked{why}; send `resolve_attention`"),
        *ways,
        runbook,
    ]


def _money(standing: Standing) -> str:
    if standing.price is None:
        return "nothing"
    if standing.escrow == EscrowStatus.NONE:
        return f"nothing; the agreed price is {standing.price}"
    return f"{standing.price}, {standing.escrow}"


def _deadline_rows(standing: Standing | CorrectionStanding) -> list[tuple[str, str]]:
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
    lines = [f"| **{name}** | {value} |" for name, value in rows]
    return "\n".join(["| | |", "|---|---|", *lines])
