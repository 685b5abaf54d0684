"""How the events of a hold reach the calls for help behind it, as a part of the same statement."""

from __future__ import annotations

from typing import Any

from domain.transitions import EventKind, Transition

_BEHIND_HOLD = """
attention_item.key IN (
    SELECT 'sos:' || (CAST(called.body AS jsonb) #>> '{facts,sos_id}') FROM event AS called
    WHERE called.delivery_id = written.delivery_id AND called.kind = 'sos_called'
        AND called.sequence > coalesce((
            SELECT max(lifted.sequence) FROM event AS lifted
            WHERE lifted.delivery_id = written.delivery_id AND lifted.kind = 'hold_lifted'
        ), 0)
)"""
"""The items of the calls that came since the delivery last went on: those that put it on hold."""
_CLOSED = f"""
answered AS (
    UPDATE attention_item SET settled_at = now(), settlement = :sos_finding,
        settled_by = CAST(:actor_id AS uuid)
    FROM written WHERE {_BEHIND_HOLD} AND settled_at IS NULL
)"""  # noqa: S608 -- It is made of constants only.
_RAISED_AGAIN = f"""
unanswered AS (
    UPDATE attention_item SET last_seen_at = now(), settled_at = NULL, settled_by = NULL,
        settlement = NULL,
        raised_at = CASE WHEN settled_at IS NULL THEN raised_at ELSE now() END
    FROM written WHERE {_BEHIND_HOLD}
)"""  # noqa: S608 -- The same.
"""An item that somebody settled while the delivery is still on hold is open again."""


def sos_part(transition: Transition) -> tuple[str, dict[str, Any]] | None:
    """Return the part that closes the calls of a hold that ends, or raises them again."""
    if transition.event is EventKind.HOLD_LIFTED:
        return _CLOSED, {"sos_finding": transition.facts.get("reason", "")}
    if transition.event is EventKind.SOS_UNANSWERED:
        return _RAISED_AGAIN, {}
    return None
