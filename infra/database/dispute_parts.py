"""What a step of a dispute adds to the statement of its transition: the dispute and its proposals."""

from __future__ import annotations

from typing import Any

from domain.disputing.ladder import Decision, Ladder, Proposal
from domain.transitions import EventKind, Transition
from infra.database.chain import storable

DISPUTE_OPENED = """
disputed AS (
    INSERT INTO dispute (
        dispute_id, delivery_id, opened_by_role, opened_by, reason, status, opened_at, stage,
        version, desired_outcome, desired_refund_minor
    )
    SELECT CAST(:dispute_id AS uuid), delivery_id, :actor_role, CAST(:actor_id AS uuid),
        :dispute_reason, :dispute, CAST(:at AS timestamptz), CAST(:ladder_stage AS text),
        CAST(:ladder_version AS integer), CAST(:ladder_desired AS text),
        CAST(:ladder_desired_refund AS bigint)
    FROM written
)"""

STEP = """
stepped AS (
    UPDATE dispute SET
        status = :dispute, stage = :ladder_stage, version = :ladder_version,
        agent_id = CAST(:ladder_agent AS uuid),
        first_agent_id = CAST(:ladder_first_agent AS uuid), absent = CAST(:ladder_absent AS text[]),
        waiting_for = CAST(:ladder_waiting_for AS text), question = :ladder_question,
        questions = :ladder_questions,
        waived = CAST(:ladder_waived AS text[]),
        appealed_by = CAST(:ladder_appealed_by AS text),
        outcome = CAST(:verdict_outcome AS text), note = CAST(:verdict_note AS text),
        refund_minor = CAST(:verdict_refund_minor AS bigint),
        release_minor = CAST(:verdict_release_minor AS bigint),
        decided_by = CAST(:verdict_by AS uuid), decided_at = CAST(:verdict_at AS timestamptz),
        weighed_at = CASE WHEN CAST(:is_first_verdict AS boolean) THEN now()
            ELSE dispute.weighed_at END
    FROM written
    WHERE dispute.dispute_id = CAST(:dispute_id AS uuid)
        AND dispute.delivery_id = written.delivery_id
)"""

PROPOSALS = """
closed_proposals AS (
    UPDATE dispute_proposal SET status = changed.status
    FROM written, unnest(CAST(:proposal_ids AS uuid[]), CAST(:proposal_statuses AS text[]))
        AS changed (proposal_id, status)
    WHERE dispute_proposal.proposal_id = changed.proposal_id
        AND dispute_proposal.dispute_id = CAST(:dispute_id AS uuid)
        AND dispute_proposal.status <> changed.status
    RETURNING dispute_proposal.proposal_id
),
proposed AS (
    INSERT INTO dispute_proposal (
        proposal_id, dispute_id, made_by, outcome, refund_minor, status, made_at
    )
    SELECT made.proposal_id, CAST(:dispute_id AS uuid), made.made_by, made.outcome,
        made.refund_minor, made.status, made.made_at
    FROM written, unnest(
        CAST(:proposal_ids AS uuid[]), CAST(:proposal_sides AS text[]),
        CAST(:proposal_outcomes AS text[]), CAST(:proposal_refunds AS bigint[]),
        CAST(:proposal_statuses AS text[]), CAST(:proposal_moments AS timestamptz[])
    ) AS made (proposal_id, made_by, outcome, refund_minor, status, made_at)
    WHERE NOT EXISTS (
        SELECT FROM dispute_proposal AS known WHERE known.proposal_id = made.proposal_id
    )
)"""

VERDICT_GIVEN = """
decided AS (
    UPDATE dispute SET
        status = :dispute, outcome = :verdict_outcome, note = :verdict_note,
        refund_minor = CAST(:verdict_refund_minor AS bigint),
        release_minor = CAST(:verdict_release_minor AS bigint),
        decided_by = CAST(:actor_id AS uuid), decided_at = CAST(:at AS timestamptz)
    FROM written
    WHERE dispute.dispute_id = CAST(:dispute_id AS uuid)
        AND dispute.delivery_id = written.delivery_id
)"""
"""The verdict of a dispute that has no ladder."""

Values = dict[str, Any]


def dispute_parts(transition: Transition) -> list[tuple[str, Values]]:
    """Return the SQL that a transition adds for its dispute, each with the values that it needs."""
    ladder, facts = transition.dispute, transition.facts
    if transition.event is EventKind.DISPUTE_OPENED:
        return [(DISPUTE_OPENED, _opened(str(facts["reason"]), ladder))]
    if ladder is not None:
        is_first = transition.event is EventKind.FIRST_VERDICT_GIVEN
        parts = [(STEP, {**_step(ladder), "is_first_verdict": is_first})]
        return [*parts, (PROPOSALS, _proposals(ladder.proposals))] if ladder.proposals else parts
    if transition.event is EventKind.VERDICT_GIVEN:
        return [(VERDICT_GIVEN, _verdict_in(facts))]
    return []


def _opened(reason: str, ladder: Ladder | None) -> Values:
    return {
        "dispute_reason": reason,
        "ladder_stage": ladder.stage.value if ladder else None,
        "ladder_version": ladder.version if ladder else 1,
        "ladder_desired": ladder.desired.value if ladder and ladder.desired else None,
        "ladder_desired_refund": ladder.desired_refund_minor if ladder else None,
    }


def _step(ladder: Ladder) -> Values:
    return {
        "ladder_stage": ladder.stage.value,
        "ladder_version": ladder.version,
        "ladder_agent": ladder.agent_id,
        "ladder_first_agent": ladder.first_agent_id,
        "ladder_absent": [side.value for side in ladder.absent],
        "ladder_waiting_for": ladder.waiting_for.value if ladder.waiting_for else None,
        "ladder_question": storable(ladder.question),
        "ladder_questions": ladder.questions,
        "ladder_waived": [side.value for side in ladder.waived],
        "ladder_appealed_by": ladder.appealed_by.value if ladder.appealed_by else None,
        **_decision(ladder.decision),
    }


def _decision(decision: Decision | None) -> Values:
    return {
        "verdict_outcome": decision.outcome.value if decision else None,
        "verdict_note": storable(decision.note) if decision else None,
        "verdict_refund_minor": decision.refund_minor if decision else None,
        "verdict_release_minor": decision.release_minor if decision else None,
        "verdict_by": decision.decided_by if decision else None,
        "verdict_at": decision.decided_at if decision else None,
    }


def _proposals(proposals: tuple[Proposal, ...]) -> Values:
    return {
        "proposal_ids": [each.proposal_id for each in proposals],
        "proposal_sides": [each.by.value for each in proposals],
        "proposal_outcomes": [each.outcome.value for each in proposals],
        "proposal_refunds": [each.refund_minor for each in proposals],
        "proposal_statuses": [each.status.value for each in proposals],
        "proposal_moments": [each.made_at for each in proposals],
    }


def _verdict_in(facts: dict[str, str]) -> Values:
    return {
        "verdict_outcome": str(facts["outcome"]),
        "verdict_note": storable(facts.get("note", "")),
        "verdict_refund_minor": int(facts["refund_minor"]),
        "verdict_release_minor": int(facts["release_minor"]),
    }
