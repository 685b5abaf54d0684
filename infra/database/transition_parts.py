"""What a transition adds to its statement besides the event: the SQL with the values it needs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from domain.contracts import ScanCode
from domain.correcting.events import Fact
from domain.correcting.rules import OVER, CorrectionStatus
from domain.handover.codes import derive_code, digest_of
from domain.leaving.withdrawal import STRIKE, struck_person
from domain.messages import NO_ADDRESS, notices_for
from domain.status import CLOSED, DeliveryStatus
from domain.transitions import EventKind, OperationKind, PaymentIntent, Transition
from infra.database import transition_sql as sql
from infra.database.chain import canonical_json, event_body, event_hash, storable
from infra.database.claim_parts import claim_part
from infra.database.dispute_parts import dispute_parts
from infra.database.relay_parts import relay_part
from infra.database.sos_parts import sos_part

NONCE_BYTES = 16
"""Random bytes behind each handover code."""

MOVES_CLOCKS = frozenset(
    {
        EventKind.HOLD_LIFTED,
        EventKind.CLOCK_RESUMED,
        EventKind.DEADLINE_CORRECTED,
        EventKind.RELAYED,
    }
)
"""Events that put a deadline off: codes that are not used yet stay valid until it."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the statement."""

    sql: str
    """A common table expression that hangs on `written`."""
    values: Values
    answers: tuple[str, ...] = ()
    """Columns that the statement answers besides."""


def parts_of(transition: Transition, handover_key: bytes) -> list[Part]:
    """Return everything that a transition writes besides its event and projection."""
    candidates = (
        _offers(transition),
        _codes(transition, handover_key),
        *(Part(*part) for part in dispute_parts(transition)),
        _correction(transition),
        _relay(transition),
        _claim(transition),
        _sos(transition),
        _skipped_payout(transition),
        _codes_kept(transition),
        _strike(transition),
        _intent(transition),
        _notices(transition),
    )
    return [part for part in candidates if part is not None]


def event_values(transition: Transition, previous_hash: bytes, sequence: int) -> Values:
    """Return the event and the projection that it leads to."""
    standing = transition.standing
    body = event_body(transition)
    return {
        "delivery_id": transition.delivery_id,
        "sequence": sequence,
        "key": transition.key,
        "kind": transition.event.value,
        "actor_role": transition.actor.role.value,
        "actor_id": transition.actor.person_id,
        "at": transition.at,
        "body": body,
        "previous_hash": previous_hash,
        "hash": event_hash(previous_hash, sequence, body),
        "traveler_id": standing.traveler_id,
        "status": str(standing.status),
        "escrow": str(standing.escrow),
        "dispute": str(standing.dispute),
        "dispute_id": standing.dispute_id,
        "price_minor": standing.price.amount_minor if standing.price else None,
        "deadline_kind": str(standing.deadline_kind) if standing.deadline_kind else None,
        "deadline_at": standing.deadline_at,
        "attention": standing.attention,
        "is_closed": DeliveryStatus(standing.status) in CLOSED,
    }


def scan_values(scan: ScanCode, transition: Transition, wrong_codes_max: int) -> Values:
    """Return what a scanned code is compared with."""
    return {
        "delivery_id": transition.delivery_id,
        "at": transition.at,
        "purpose": scan.purpose.value,
        "digest": scan.digest,
        "is_pin": scan.is_pin,
        "wrong_codes_max": wrong_codes_max,
    }


def intent_hash(intent: PaymentIntent) -> bytes:
    """Return what two intents have in common exactly when they ask for the same."""
    asked = {
        "operation_id": intent.operation_id,
        "kind": intent.kind,
        "amount_minor": intent.amount.amount_minor,
        "currency": intent.amount.currency,
        "fee_minor": _fee_minor(intent),
        "method": intent.method,
        "source_operation_id": intent.source_operation_id,
    }
    if intent.off_session:
        # Only then: hashes that were written before this was asked stay what they are.
        asked["off_session"] = True
    if intent.beyond_held:
        asked["beyond_held"] = True
    return sha256(canonical_json(asked).encode()).digest()


def drawn_minor(intent: PaymentIntent) -> int:
    """Return what an intent takes out of what it draws on, in minor units.

    A refund beyond the held payment and a transfer of the platform's own money draw on neither.
    """
    if intent.kind not in (OperationKind.REFUND, OperationKind.TRANSFER) or intent.beyond_held:
        return 0
    if intent.kind is OperationKind.TRANSFER and not intent.source_operation_id:
        return 0
    return intent.amount.amount_minor + _fee_minor(intent)


def _offers(transition: Transition) -> Part | None:
    offers = transition.offers
    if not offers:
        return None
    values = {
        "offer_ids": [offer.offer_id for offer in offers],
        "offer_travelers": [offer.traveler_id for offer in offers],
        "offer_statuses": [str(offer.status) for offer in offers],
        "offer_prices": [offer.price.amount_minor for offer in offers],
        "offer_currencies": [offer.price.currency for offer in offers],
        "offer_proposers": [str(offer.proposed_by) for offer in offers],
    }
    return Part(sql.OFFERS, values)


def _codes(transition: Transition, key: bytes) -> Part | None:
    if not transition.codes_issued:
        return None
    columns = ("code_purposes", "code_nonces", "code_digests", "pin_digests", "link_digests")
    values: Values = {column: [] for column in columns}
    for purpose in transition.codes_issued:
        nonce = secrets.token_bytes(NONCE_BYTES)
        code = derive_code(key, transition.delivery_id, purpose, nonce)
        texts = (code.text, code.pin, code.link_token)
        digests = [digest_of(key, transition.delivery_id, purpose, text) for text in texts]
        for column, value in zip(columns, (purpose.value, nonce, *digests), strict=True):
            values[column].append(value)
    return Part(sql.CODES, values | {"codes_valid_until": transition.codes_valid_until})


def _correction(transition: Transition) -> Part | None:
    facts = transition.facts
    if Fact.CORRECTION_ID not in facts:
        return None
    status = CorrectionStatus(facts[Fact.STATUS])
    values = {
        "correction_id": facts[Fact.CORRECTION_ID],
        "correction_status": status.value,
        "correction_step": facts.get(Fact.STEP, ""),
        "correction_problem": storable(facts.get(Fact.PROBLEM, "")),
        "correction_clock": facts.get(Fact.CLOCK),
        "correction_due_at": facts.get(Fact.DUE_AT),
        "correction_reference": storable(facts.get(Fact.REFERENCE, "")),
        "correction_is_over": status in OVER,
    }
    return Part(sql.CORRECTED, values)


def _relay(transition: Transition) -> Part | None:
    part = relay_part(transition)
    return None if part is None else Part(*part)


def _sos(transition: Transition) -> Part | None:
    part = sos_part(transition)
    return None if part is None else Part(*part)


def _claim(transition: Transition) -> Part | None:
    part = claim_part(transition)
    return None if part is None else Part(*part)


def _skipped_payout(transition: Transition) -> Part | None:
    is_of_giver = transition.event is EventKind.GIVER_PAYOUT_SKIPPED
    if transition.event is not EventKind.PAYOUT_SKIPPED and not is_of_giver:
        return None
    return Part(sql.PAYOUT_SKIPPED, {"is_of_giver": is_of_giver})


def _strike(transition: Transition) -> Part | None:
    person_id = struck_person(transition)
    if person_id is None:
        return None
    values = {"struck_person_id": person_id, "strike_reason": transition.facts[STRIKE]}
    return Part(sql.STRUCK, values)


def _codes_kept(transition: Transition) -> Part | None:
    return Part(sql.CODES_KEPT, {}) if transition.event in MOVES_CLOCKS else None


def _intent(transition: Transition) -> Part | None:
    intent = transition.intent
    if intent is None:
        return None
    values = {
        "operation_id": intent.operation_id,
        "operation_kind": intent.kind.value,
        "amount_minor": intent.amount.amount_minor,
        "fee_minor": _fee_minor(intent),
        "operation_currency": intent.amount.currency,
        "method": intent.method,
        "source_operation_id": intent.source_operation_id,
        "request_hash": intent_hash(intent),
        "beyond_held": intent.beyond_held,
    }
    answers = (sql.KNOWN_INTENT, sql.LEFT_OF_CHARGE, sql.LEFT_TO_REFUND)
    return Part(sql.INTENT, values, answers)


def _notices(transition: Transition) -> Part | None:
    notices = notices_for(transition)
    if not notices:
        return None
    values = {
        "notice_audiences": [notice.audience.value for notice in notices],
        "notice_kinds": [notice.kind.value for notice in notices],
        "notice_parameters": [canonical_json(dict(notice.parameters)) for notice in notices],
        "notice_people": [notice.person_id for notice in notices],
        "no_address": NO_ADDRESS,
    }
    return Part(sql.NOTICES, values, (sql.WAKE_NOTIFIER,))


def _fee_minor(intent: PaymentIntent) -> int:
    return intent.fee.amount_minor if intent.fee else 0
