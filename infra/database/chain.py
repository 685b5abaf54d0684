"""How the events of a delivery are written down and chained: the writing half of the audit."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from domain.contracts import Actor, Standing
from domain.disputing.ladder import Ladder
from domain.ids import DeliveryId
from domain.money import Money
from domain.transitions import OfferChange, PaymentIntent, Transition


def genesis_hash(delivery_id: DeliveryId) -> bytes:
    """Return what the first event of a delivery is chained to."""
    return sha256(delivery_id.encode()).digest()


def event_hash(previous_hash: bytes, sequence: int, body: str) -> bytes:
    """Return the hash of one event over the event before it, its place and its body."""
    return sha256(previous_hash + sequence.to_bytes(8, "big") + body.encode()).digest()


def canonical_json(value: dict[str, Any]) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def event_body(transition: Transition) -> str:
    """Return the body of a transition's event: everything it changes, without any token."""
    supersedes = {"supersedes": transition.supersedes} if transition.supersedes else {}
    ladder = {"ladder": _ladder(transition.dispute)} if transition.dispute else {}
    return canonical_json(
        {
            "actor": _actor(transition.actor),
            "at": moment_text(transition.at),
            "codes": list(transition.codes_issued),
            "codes_valid_until": moment_text(transition.codes_valid_until),
            "facts": {name: storable(fact) for name, fact in transition.facts.items()},
            "intent": _intent(transition.intent),
            "key": transition.key,
            "kind": transition.event,
            "offers": [_offer(offer) for offer in transition.offers],
            "standing": _standing(transition.standing),
            **supersedes,
            **ladder,
        }
    )


def _actor(actor: Actor) -> dict[str, Any]:
    acted_by = {"acted_by": actor.acted_by} if actor.acted_by else {}
    return {"role": actor.role, "person_id": actor.person_id, **acted_by}


def moment_text(moment: datetime | None) -> str | None:
    """Return a moment in ISO 8601, in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat()


def storable(fact: str) -> str:
    """Return a text without the signs that PostgreSQL cannot keep: NUL and lone surrogates."""
    return fact.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "attention": standing.attention,
        "deadline_at": moment_text(standing.deadline_at),
        "deadline_kind": standing.deadline_kind,
        "dispute": standing.dispute,
        "dispute_id": standing.dispute_id,
        "escrow": standing.escrow,
        "price": _money(standing.price),
        "status": standing.status,
        "traveler_id": standing.traveler_id,
    }


def _ladder(ladder: Ladder) -> dict[str, Any]:
    """Return what the timeline's facts do not say of a dispute: who is on it, and how far it is."""
    return {
        "agent_id": ladder.agent_id,
        "first_agent_id": ladder.first_agent_id,
        "stage": ladder.stage,
        "version": ladder.version,
        "waiting_for": ladder.waiting_for,
    }


def _offer(offer: OfferChange) -> dict[str, Any]:
    return {
        "offer_id": offer.offer_id,
        "price": _money(offer.price),
        "proposed_by": offer.proposed_by,
        "status": offer.status,
        "traveler_id": offer.traveler_id,
    }


def _intent(intent: PaymentIntent | None) -> dict[str, Any] | None:
    if intent is None:
        return None
    return {
        "amount": _money(intent.amount),
        "fee": _money(intent.fee),
        "kind": intent.kind,
        "operation_id": intent.operation_id,
        "source_operation_id": intent.source_operation_id,
    }


def _money(money: Money | None) -> dict[str, Any] | None:
    return None if money is None else {"currency": money.currency, "minor": money.amount_minor}
