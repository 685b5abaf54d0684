"""What a delivery must have left behind once everything is over: nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from domain.contracts import Role
from domain.messages import _FOLLOWED_VOIDS, _SETTLED_BY_VERDICT, _TOLD, CONCERNS
from domain.status import CLOSED
from domain.transitions import EventKind
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
SELECT event.sequence, event.kind, CAST(event.body AS jsonb) -> 'facts' AS facts,
  (SELECT count(*) FROM notification
   WHERE notification.delivery_id = event.delivery_id AND event_sequence = event.sequence) AS told
FROM event WHERE event.delivery_id = :delivery_id ORDER BY event.sequence
""")
_MAY_BE_SILENT = frozenset({*_SETTLED_BY_VERDICT, EventKind.RELEASE_FROZEN})
"""Of these, people may have been told before, or only one side is."""


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
    kind, facts = EventKind(row.kind), row.facts or {}
    if kind in _MAY_BE_SILENT:
        return False
    is_followed = kind is EventKind.PAYMENT_VOIDED and facts.get("reason") in _FOLLOWED_VOIDS
    # Whether there is an agent already is the dispute's business.
    due = set() if is_followed else {*_TOLD.get(kind, ())} - {Role.AGENT}
    if CONCERNS in facts:
        due &= {*map(Role, facts[CONCERNS].split())}
    return bool(due) and row.told == 0
