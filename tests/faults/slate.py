"""What a delivery must have left behind once everything is over: nothing."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text

from domain.contracts import Actor, Role, Standing
from domain.messages import notices_for
from domain.status import CLOSED
from domain.transitions import EventKind, Transition
from infra.database.invariants import check_invariants
from infra.payments.sandbox import SandboxProvider
from tests.chaos.movements import reservations_left
from tests.workflows.play import Play

_UNANSWERED = text("""
SELECT operation_id, state FROM payment_operation
WHERE delivery_id = :delivery_id AND state IN ('sent', 'unknown')
""")
_UNSETTLED = text("""
SELECT key, problem FROM attention_item WHERE delivery_id = :delivery_id AND settled_at IS NULL
""")
_OPEN = text("""
SELECT kind, status FROM correction WHERE delivery_id = :delivery_id AND closed_at IS NULL
""")
_RESERVED = text("""
SELECT account.kind, account.balance_minor FROM ledger_account AS account
WHERE account.owner IN (:delivery_id, :traveler_id) AND account.balance_minor <> 0
  AND account.kind IN ('escrow', 'authorised', 'netting')
""")
_HEARD = text("""
SELECT event.delivery_id, event.kind, event.at, event.body,
  (SELECT count(*) FROM notification
   WHERE notification.delivery_id = event.delivery_id AND event_sequence = event.sequence) AS told
FROM event WHERE event.delivery_id = :delivery_id ORDER BY event.sequence
""")


async def left_behind(play: Play, provider: SandboxProvider) -> list[str]:
    """Return everything that is not as it must be; nothing is the answer to hope for."""
    report = await check_invariants(play.engine, play.order.delivery_id)
    standing = await play.standing()
    problems = [str(violation) for violation in report.violations]
    if standing["status"] not in CLOSED or standing["attention"]:
        problems.append(f"it is {standing['status']}, and waits for {standing['attention']}")
    held = await reservations_left(provider, play.order.delivery_id)
    problems += [f"{each} is still reserved" for each in held]
    return problems + await _rows_left(play)


async def _rows_left(play: Play) -> list[str]:
    ids = {"delivery_id": play.order.delivery_id, "traveler_id": play.traveler.person_id}
    only = {"delivery_id": play.order.delivery_id}
    async with play.engine.connect() as connection:
        unanswered = (await connection.execute(_UNANSWERED, only)).all()
        unsettled = (await connection.execute(_UNSETTLED, only)).all()
        still_open = (await connection.execute(_OPEN, only)).all()
        reserved = (await connection.execute(_RESERVED, ids)).all()
        heard = (await connection.execute(_HEARD, only)).all()
    return [
        *(f"{row.operation_id} is {row.state}" for row in unanswered),
        *(f"staff still see {row.key}: {row.problem}" for row in unsettled),
        *(f"the correction {row.kind} is {row.status}" for row in still_open),
        *(f"{row.balance_minor} is left in {row.kind}" for row in reserved),
        *(f"nobody was told of {row.kind}" for row in heard if _is_untold(row)),
    ]


def _is_untold(row: Any) -> bool:
    """Tell whether nobody has got any of the messages that the event owes by the rules."""
    return row.told == 0 and any(
        notice.audience is not Role.AGENT for notice in notices_for(_transition(row))
    )


def _transition(row: Any) -> Transition:
    """Return an event as far as it matters for who is told."""
    body = json.loads(row.body)
    stood, actor = body.get("standing") or {}, body.get("actor") or {}
    standing = Standing(
        stood.get("status", ""),
        stood.get("escrow", ""),
        dispute=stood.get("dispute") or "none",
        traveler_id=stood.get("traveler_id"),
    )
    return Transition(
        delivery_id=row.delivery_id,
        key=body.get("key", ""),
        event=EventKind(row.kind),
        actor=Actor(Role(actor.get("role") or Role.PLATFORM), actor.get("person_id")),
        at=row.at,
        standing=standing,
        facts=body.get("facts") or {},
    )
