"""How rows of the outbox are claimed and settled: each call is one short transaction."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Update, and_, case, extract, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import CodePurpose
from domain.ids import DeliveryId
from domain.messages import CODE_SHOWN, TRIES_IN_DOUBT_MAX, Channel, NotificationState
from infra.database.schema import handover_code, notification
from infra.encryption.keys import EncryptionTrouble, NotAuthentic
from infra.encryption.owned import OwnedKeys
from infra.encryption.people import notice_key_column, opened_address
from infra.notifications.composing import ClaimedMessage

logger = logging.getLogger(__name__)

LOST = "the worker stopped before the answer was known"
LEASE_S = 90
"""How long a round may take; a message that is `sending` for longer lost its worker. A sender's
call ends within half of it."""
LEASE_OF_REPEATABLE_S = 10
"""The same where a message that is sent again arrives once: to be wrong about a worker costs nothing."""

_STATE = notification.c.state
_NOW = func.now()
_UNANSWERED = (NotificationState.SENDING, NotificationState.UNKNOWN)
_NOT_YET_SENT = (*_UNANSWERED, NotificationState.QUEUED)
_LEADS_TO_CODE = tuple_(notification.c.kind, notification.c.audience).in_(CODE_SHOWN)

Nonces = Mapping[tuple[DeliveryId, CodePurpose], bytes]


class OutboxRows:
    """The table `notification` as the outbox sees it."""

    def __init__(
        self, engine: AsyncEngine, keys: OwnedKeys, repeatable: Collection[Channel]
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._is_repeatable = notification.c.channel.in_(repeatable)
        self._lease = case(
            (self._is_repeatable, timedelta(seconds=LEASE_OF_REPEATABLE_S)),
            else_=timedelta(seconds=LEASE_S),
        )

    async def claim(self, count_max: int) -> list[ClaimedMessage]:
        """Make up to so many due messages ours: `sending` is committed before anything is sent.

        Two workers never claim the same message. While it is `sending`, `due_at` says until when
        its worker may still answer for it.
        """
        due = (
            select(notification.c.notification_id)
            .where(_STATE == NotificationState.QUEUED, notification.c.due_at <= _NOW)
            .order_by(notification.c.due_at)
            .limit(count_max)
            .with_for_update(skip_locked=True)
        )
        claim = (
            update(notification)
            .where(notification.c.notification_id.in_(due.scalar_subquery()))
            .values(
                state=NotificationState.SENDING,
                tries=notification.c.tries + 1,
                due_at=_NOW + self._lease,
            )
            .returning(notification, notice_key_column())
        )
        async with self._engine.begin() as connection:
            rows = (await connection.execute(claim)).all()
        return [await self._claimed(row._asdict()) for row in rows]

    async def _claimed(self, row: Mapping[str, Any]) -> ClaimedMessage:
        """Return a claimed row; one whose address cannot be read keeps no other from being sent."""
        try:
            return _claimed(row, await opened_address(self._keys, row))
        except NotAuthentic:
            logger.exception("the address of message %s was tampered with", row["notification_id"])
            return _claimed(row, "")
        except EncryptionTrouble as trouble:
            return replace(_claimed(row, ""), unreadable=str(trouble))

    async def settle_lost(self) -> Counter[NotificationState]:
        """Settle the messages of stopped workers and return how many came to which state.

        Whether such a message was sent cannot be found out. It is queued again where sending it
        twice is better than never, and is `unknown` from then on where it is not.
        """
        in_doubt = and_(_LEADS_TO_CODE, notification.c.tries < TRIES_IN_DOUBT_MAX)
        lost = (
            update(notification)
            .where(_STATE == NotificationState.SENDING, notification.c.due_at <= _NOW)
            .values(
                state=case(
                    (or_(self._is_repeatable, in_doubt), NotificationState.QUEUED),
                    else_=NotificationState.UNKNOWN,
                ),
                due_at=_NOW,
                error=LOST,
            )
            .returning(_STATE)
        )
        async with self._engine.begin() as connection:
            states = (await connection.execute(lost)).scalars()
            return Counter(NotificationState(state) for state in states)

    async def nonces(self, messages: Iterable[ClaimedMessage]) -> Nonces:
        """Return what the codes that these messages lead to are derived from."""
        wanted = {m.delivery_id for m in messages if m.code_shown is not None and m.delivery_id}
        if not wanted:
            return {}
        query = select(
            handover_code.c.delivery_id, handover_code.c.purpose, handover_code.c.nonce
        ).where(handover_code.c.delivery_id.in_(wanted))
        async with self._engine.connect() as connection:
            return {
                (DeliveryId(row.delivery_id), CodePurpose(row.purpose)): bytes(row.nonce)
                for row in await connection.execute(query)
            }

    async def seconds_until_due(self) -> float | None:
        """Return how long until the next message is due, or none when none is queued."""
        next_due = select(
            extract("epoch", func.min(notification.c.due_at) - func.clock_timestamp())
        ).where(_STATE == NotificationState.QUEUED)
        async with self._engine.connect() as connection:
            left = (await connection.execute(next_due)).scalar()
        return None if left is None else max(float(left), 0.0)

    async def sent(self, message_id: str, provider_id: str) -> None:
        """Note that a provider took the message, even when that comes after the lease."""
        await self._settle(
            _answer(message_id, _NOT_YET_SENT).values(
                state=NotificationState.SENT, provider_id=provider_id, sent_at=_NOW, error=None
            )
        )

    async def closed(self, message_id: str, state: NotificationState, error: str) -> None:
        """Note that the message is refused or that its outcome is unknown."""
        await self._settle(_answer(message_id, _UNANSWERED).values(state=state, error=error))

    async def postponed(self, message_id: str, wait_s: float, error: str) -> None:
        """Queue a message again."""
        due_at = _NOW + timedelta(seconds=wait_s)
        await self._settle(
            _answer(message_id, (NotificationState.SENDING,)).values(
                state=NotificationState.QUEUED, due_at=due_at, error=error
            )
        )

    async def _settle(self, change: Update) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(change)


def _answer(message_id: str, states: tuple[NotificationState, ...]) -> Update:
    return update(notification).where(
        notification.c.notification_id == message_id, _STATE.in_(states)
    )


def _claimed(row: Mapping[str, Any], address: str) -> ClaimedMessage:
    return ClaimedMessage(
        message_id=row["notification_id"],
        delivery_id=None if row["delivery_id"] is None else DeliveryId(row["delivery_id"]),
        channel=row["channel"],
        address=address,
        kind=row["kind"],
        audience=row["audience"],
        parameters=row["parameters"],
        tries=row["tries"],
        verification_id=row["verification_id"],
    )
