"""What the records say about a dispute: the proof of the handover and who has shown what."""

from __future__ import annotations

from sqlalchemy import text

from api.access.database import Database
from api.access.rows import DeliveryRow
from api.models.liability import ExpectedEvidenceView, LiabilityView, SuggestionView
from api.models.types import money_view
from api.queries.disputes import evidence_in
from api.views import money_maybe
from domain.contracts import DisputeReason
from domain.journey.liability import EVIDENCE, Assessment, HandoverProof, assess, cover_limit
from domain.journey.terms import CoverPolicy
from domain.money import Money

_PROOF = text("""
SELECT coalesce(max(sequence) FILTER (WHERE kind IN ('handed_over', 'handed_over_late')), 0)
        > coalesce(max(sequence) FILTER (WHERE kind = 'handover_undone'), 0) AS code,
    coalesce(bool_or(kind IN ('returned', 'return_overridden')), false) AS returned,
    coalesce(max(sequence) FILTER (WHERE kind = 'parcel_left'), 0)
        > coalesce(max(sequence) FILTER (WHERE kind = 'handover_undone'), 0) AS left_there,
    (SELECT CAST(policies #>> '{cover,cover_minor_max}' AS integer) FROM parcel
        WHERE parcel.delivery_id = :delivery_id) AS cover_minor_max
FROM event WHERE event.delivery_id = :delivery_id
""")


async def liability_of(
    database: Database, row: DeliveryRow, dispute_id: str, reason: str, *, for_agent: bool
) -> LiabilityView:
    """Return what is expected of whom, and for an agent what the rules suggest."""
    found = await database.first(_PROOF, {"delivery_id": row.delivery_id})
    assert found is not None
    proof = _proof(code=found["code"], returned=found["returned"], left=found["left_there"])
    policy = CoverPolicy(cover_minor_max=found["cover_minor_max"] or 0)
    shown = {(each["author_id"], each["kind"]) for each in await evidence_in(database, dispute_id)}
    value = row.declared_value_minor
    declared = Money(value, row.currency) if value is not None else None
    price = row.standing.price or Money(0, row.currency)
    made = assess(policy, DisputeReason(reason), proof, price, declared)
    return LiabilityView(
        dispute_id=dispute_id,
        reason=reason,
        handover_proof=proof,
        declared_value=money_maybe(value, row.currency),
        cover_limit=money_view(cover_limit(policy, row.currency)),
        expected_evidence=_expected(row, reason, shown),
        suggestion=_suggestion(made) if for_agent else None,
    )


def _proof(*, code: bool, returned: bool, left: bool) -> HandoverProof:
    if code:
        return HandoverProof.CODE
    if returned:
        return HandoverProof.RETURNED
    return HandoverProof.LEFT if left else HandoverProof.NONE


def _expected(
    row: DeliveryRow, reason: str, shown: set[tuple[str, str]]
) -> list[ExpectedEvidenceView]:
    people = {
        "customer": row.customer_id,
        "recipient": row.recipient_id,
        "traveler": row.traveler_id,
    }
    return [
        ExpectedEvidenceView(
            by=each.by,
            kind=each.kind,
            what=each.what,
            is_there=(people[each.by], each.kind) in shown,
        )
        for each in EVIDENCE.get(DisputeReason(reason), ())
    ]


def _suggestion(made: Assessment) -> SuggestionView:
    return SuggestionView(
        outcome=made.outcome,
        refund=money_view(made.refund),
        release=money_view(made.release),
        covered=money_view(made.covered),
        own=money_view(made.own),
        by_goodwill=money_view(made.by_goodwill),
        by_hand=money_view(made.by_hand),
        because=made.because,
    )
