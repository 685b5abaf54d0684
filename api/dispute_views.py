"""Shapes disputes for the person who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.access.preconditions import dispute_tag
from api.access.rows import STAFF, DeliveryRow, Relation, Sight
from api.models.disputes import LadderView, ListedDispute, ProposalView
from api.models.records import EvidenceView, MessageView
from api.models.types import MoneyView, money_view
from api.views import known_clock
from domain.contracts import Actor, DeliveryOrder, DisputeOrder, DisputeReason, Role
from domain.disputing.ladder import DisputeStage, Ladder, Proposal, ProposalStatus, Side
from domain.disputing.next_steps import next_steps
from domain.disputing.rules import DisputeCase
from domain.identity.roles import told_as
from domain.money import Money
from domain.policies import VerdictOutcome
from domain.status import DisputeStatus

_PREFIX = "dispute_"


def ladder_view(
    sight: Sight,
    row: Mapping[str, Any],
    dispute_id: str,
    proposals: Sequence[Mapping[str, Any]],
    said: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]],
) -> LadderView:
    """Return a dispute with everything that was said in it, as the person may see it."""
    delivery, is_staff = sight.delivery, bool(told_as(sight.relations) & STAFF)
    price, waiting_for = delivery.standing.price, row["dispute_waiting_for"]
    is_asked = waiting_for is not None and waiting_for in sight.relations
    summary = listed(row, dispute_id, _PREFIX, is_staff=is_staff)
    return LadderView(
        **dict(summary),
        held=money_view(price) if price else None,
        etag=dispute_tag(row),
        desired_outcome=row["dispute_desired_outcome"],
        desired_refund_minor=row["dispute_desired_refund_minor"],
        proposals=[_proposal(each) for each in proposals],
        has_agent=row["dispute_agent_id"] is not None,
        absent=list(row["dispute_absent"]),
        waiting_for=waiting_for,
        question=row["dispute_question"] if is_staff or is_asked else None,
        waived=list(row["dispute_waived"]),
        appealed_by=row["dispute_appealed_by"],
        next_steps=_next_steps(sight, row, proposals),
        evidence=[evidence_view(delivery, each) for each in said[0]],
        messages=[message_view(delivery, each) for each in said[1]],
    )


def listed(
    row: Mapping[str, Any], dispute_id: str, prefix: str = "", *, is_staff: bool
) -> ListedDispute:
    """Return the dispute in a row whose columns begin with a prefix."""

    def amount(name: str) -> MoneyView | None:
        minor = row[prefix + name]
        return None if minor is None else money_view(Money(minor, row["currency"]))

    is_open = row[f"{prefix}status"] == DisputeStatus.OPEN
    clock = (row["deadline_kind"], row["deadline_at"], row["held_since"])
    agent_id = row[f"{prefix}agent_id"]
    return ListedDispute(
        dispute_id=dispute_id,
        delivery_id=row["delivery_id"],
        status=row[f"{prefix}status"],
        reason=row[f"{prefix}reason"],
        opened_by_role=row[f"{prefix}opened_by_role"],
        opened_at=row[f"{prefix}opened_at"],
        outcome=row[f"{prefix}outcome"],
        refund=amount("refund_minor"),
        release=amount("release_minor"),
        note=row[f"{prefix}note"],
        decided_at=row[f"{prefix}decided_at"],
        stage=row[f"{prefix}stage"],
        agent_id=agent_id if is_staff else None,
        deadline=known_clock(*clock, is_staff=is_staff) if is_open else None,
    )


def role_of(delivery: DeliveryRow, person_id: str) -> str:
    """Return in which capacity somebody speaks; whoever is no party is support."""
    roles: dict[str | None, Role] = {
        delivery.sender_id: Role.SENDER,
        delivery.recipient_id: Role.RECIPIENT,
        delivery.traveler_id: Role.TRAVELER,
        delivery.customer_id: Role.CUSTOMER,
    }
    return roles.get(person_id, Role.AGENT)


def evidence_view(delivery: DeliveryRow, row: Mapping[str, Any]) -> EvidenceView:
    """Return a piece of evidence."""
    return EvidenceView(
        evidence_id=row["evidence_id"],
        author_role=role_of(delivery, row["author_id"]),
        kind=row["kind"],
        description=row["description"],
        content_sha256=row["content_sha256"],
        has_file=row["has_file"],
        created_at=row["created_at"],
    )


def message_view(delivery: DeliveryRow, row: Mapping[str, Any]) -> MessageView:
    """Return a message."""
    return MessageView(
        message_id=row["message_id"],
        author_role=role_of(delivery, row["author_id"]),
        text=row["text"],
        created_at=row["created_at"],
    )


def case_in(
    sight: Sight, row: Mapping[str, Any], proposals: Sequence[Mapping[str, Any]] = ()
) -> DisputeCase:
    """Return the dispute in a row as its rules see it."""
    delivery = sight.delivery
    order = DeliveryOrder(
        delivery_id=delivery.delivery_id,
        customer_id=delivery.customer_id,
        sender_id=delivery.sender_id,
        recipient_id=delivery.recipient_id,
        currency=delivery.currency,
        request_expires_at=delivery.request_expires_at,
        pickup_by=delivery.pickup_by,
        deliver_by=delivery.deliver_by,
    )
    dispute = DisputeOrder(
        delivery_id=delivery.delivery_id,
        dispute_id=row["dispute_id"],
        opened_by=Actor(Role(row["dispute_opened_by_role"])),
        reason=DisputeReason(row["dispute_reason"]),
        held=delivery.standing.price or Money(0, delivery.currency),
        handover_proven=True,
        standing=delivery.standing,
        order=order,
    )
    return DisputeCase(dispute, _ladder(row, proposals))


def _ladder(row: Mapping[str, Any], proposals: Sequence[Mapping[str, Any]]) -> Ladder:
    is_over = row["dispute_status"] != DisputeStatus.OPEN
    waiting_for = row["dispute_waiting_for"]
    stage = DisputeStage.CLOSED if is_over else DisputeStage(row["dispute_stage"] or "agent")
    return Ladder(
        stage=stage,
        version=row["dispute_version"],
        agent_id=row["dispute_agent_id"],
        first_agent_id=row["dispute_first_agent_id"],
        waiting_for=Side(waiting_for) if waiting_for else None,
        questions=row["dispute_questions"],
        waived=tuple(Side(side) for side in row["dispute_waived"]),
        proposals=tuple(
            Proposal(
                each["proposal_id"],
                Side(each["made_by"]),
                VerdictOutcome(each["outcome"]),
                each["refund_minor"],
                each["made_at"],
                ProposalStatus(each["status"]),
            )
            for each in proposals
        ),
    )


def _next_steps(
    sight: Sight, row: Mapping[str, Any], proposals: Sequence[Mapping[str, Any]]
) -> list[str]:
    case = case_in(sight, row, proposals)
    roles = [Role(each) for each in sight.relations if each in (Relation.AGENT, *Side)]
    steps = [
        step for role in roles for step in next_steps(case, Actor(role, sight.asker.person_id))
    ]
    if row["dispute_status"] == DisputeStatus.OPEN:
        steps += ["add_evidence", "write"]
    return list(dict.fromkeys(steps))


def _proposal(row: Mapping[str, Any]) -> ProposalView:
    return ProposalView(
        proposal_id=row["proposal_id"],
        made_by=row["made_by"],
        outcome=row["outcome"],
        refund_minor=row["refund_minor"],
        status=row["status"],
        made_at=row["made_at"],
    )
