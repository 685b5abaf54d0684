"""How events of a relay reach its row, as a part of the statement that writes a transition."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.journey.relay import RelayFact
from domain.transitions import Transition

_RELAY = """
relayed AS (
    INSERT INTO relay (
        relay_id, delivery_id, giver_id, taker_id, share_points, deliver_by, status, because,
        asked_at, updated_at
    )
    SELECT CAST(:relay_id AS uuid), written.delivery_id, CAST(:giver_id AS uuid),
        CAST(:taker_id AS uuid), CAST(:share_points AS integer),
        CAST(:relay_deliver_by AS timestamptz), :relay_status, :relay_because,
        CAST(:at AS timestamptz), CAST(:at AS timestamptz)
    FROM written
    ON CONFLICT (relay_id) DO UPDATE SET status = excluded.status, because = excluded.because,
        updated_at = excluded.updated_at
    WHERE relay.delivery_id = excluded.delivery_id
)"""


def relay_part(transition: Transition) -> tuple[str, dict[str, Any]] | None:
    """Return the part that writes the row of a relay, for events of one."""
    facts = transition.facts
    if RelayFact.RELAY_ID not in facts:
        return None
    return _RELAY, {
        "relay_id": facts[RelayFact.RELAY_ID],
        "giver_id": facts[RelayFact.GIVER],
        "taker_id": facts[RelayFact.TAKER],
        "share_points": int(facts[RelayFact.SHARE_POINTS]),
        "relay_deliver_by": datetime.fromisoformat(facts[RelayFact.DELIVER_BY]),
        "relay_status": facts[RelayFact.STATUS],
        "relay_because": facts.get(RelayFact.BECAUSE, ""),
    }
