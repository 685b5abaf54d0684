"""Sends the messages that transitions left behind: once, and again only when twice beats never."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import (
    MessageOutcomeUnknown,
    MessageRefused,
    MessageSender,
    MessageUnavailable,
    OutboxReport,
    OutgoingMessage,
)
from domain.messages import TRIES_IN_DOUBT_MAX, Channel, NotificationState
from domain.policies import RetryPolicyFigures
from infra.database.rounds import Wakeup, first_round
from infra.encryption.owned import OwnedKeys
from infra.notifications.composing import (
    ClaimedMessage,
    CodeLinks,
    compose,
    compose_account_notice,
)
from infra.notifications.rows import Nonces, OutboxRows

logger = logging.getLogger(__name__)

OUTBOX_CHANNEL = "sendalong_outbox"
"""Transitions notify this channel when they leave messages to be sent."""
SENT_AT_ONCE = 4
"""Messages of one round, all of them sent at once: a crash leaves no more than these unknown."""


class AddressGone(LookupError):
    """Who a message was for has been erased."""


class DatabaseOutbox:
    """The `Outbox` in PostgreSQL.

    Idempotency: a message is claimed by committing `sending` before it is sent. It is sent again
    when the provider surely did not take it. After a crash or a lost answer it is `unknown`, and
    sent again only where that does less harm than never: a handover waits for a link to its code.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        senders: Mapping[Channel, MessageSender],
        links: CodeLinks,
        retries: RetryPolicyFigures,
        *,
        keys: OwnedKeys,
    ) -> None:
        self._engine = engine
        repeatable = {channel for channel, sender in senders.items() if sender.takes_once}
        self._rows = OutboxRows(engine, keys, repeatable)
        self._senders = senders
        self._links = links
        self._retries = retries

    async def deliver(self, wait_s: float) -> OutboxReport:
        """Send what is due, waiting up to `wait_s` seconds for the first message to appear.

        A cancellation ends the waiting at once, and a round after its calls have been answered.
        """
        wakeup = Wakeup(self._engine, OUTBOX_CHANNEL, self._rows.seconds_until_due)
        return await first_round(self._round, wakeup, OutboxReport(), wait_s)

    async def _round(self) -> OutboxReport:
        lost = await self._rows.settle_lost()
        claimed = await self._rows.claim(SENT_AT_ONCE)
        nonces = await self._rows.nonces(claimed)
        ends = await asyncio.gather(
            *(self._settle(message, nonces) for message in claimed), return_exceptions=True
        )
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return OutboxReport(
            sent=ends.count(NotificationState.SENT),
            refused=ends.count(NotificationState.REFUSED),
            unknown=ends.count(NotificationState.UNKNOWN) + lost[NotificationState.UNKNOWN],
            postponed=ends.count(NotificationState.QUEUED),
        )

    async def _settle(self, message: ClaimedMessage, nonces: Nonces) -> NotificationState:
        if message.unreadable:
            return await self._postpone(message, message.unreadable)
        return await self._send(message, nonces)

    async def _send(self, message: ClaimedMessage, nonces: Nonces) -> NotificationState:
        try:
            sender = self._senders[Channel(message.channel)]
            outgoing = self._composed(message, nonces)
        except (LookupError, ValueError) as fault:
            reason = f"cannot be put into words: {type(fault).__name__}"
            return await self._close(message, NotificationState.REFUSED, reason)
        try:
            provider_id = await sender.send(outgoing)
        except MessageUnavailable as reason:
            return await self._postpone(message, str(reason))
        except MessageRefused as reason:
            return await self._close(message, NotificationState.REFUSED, str(reason))
        except MessageOutcomeUnknown as reason:
            return await self._doubt(message, str(reason))
        except Exception as fault:  # noqa: BLE001 -- Whatever it is, it may come after the sending.
            return await self._doubt(message, f"fault of ours: {type(fault).__name__}")
        await self._rows.sent(message.message_id, provider_id)
        return NotificationState.SENT

    def _composed(self, message: ClaimedMessage, nonces: Nonces) -> OutgoingMessage:
        if not message.address:
            raise AddressGone
        if message.delivery_id is None:
            return compose_account_notice(message, self._links.verification_code(message))
        purpose = message.code_shown
        nonce = nonces.get((message.delivery_id, purpose)) if purpose is not None else None
        if purpose is None or nonce is None:
            return compose(message, "")
        return compose(message, self._links.link(message.delivery_id, purpose, nonce))

    async def _doubt(self, message: ClaimedMessage, reason: str) -> NotificationState:
        """Send a message again that may have left, or declare it unknown."""
        if message.code_shown is not None and message.tries < TRIES_IN_DOUBT_MAX:
            return await self._postpone(message, reason)
        return await self._close(message, NotificationState.UNKNOWN, reason)

    async def _postpone(self, message: ClaimedMessage, reason: str) -> NotificationState:
        if message.tries >= self._retries.tries_max:
            reason = f"given up after {message.tries} tries: {reason}"
            return await self._close(message, NotificationState.REFUSED, reason)
        doubled = self._retries.first_wait_s * 2 ** (message.tries - 1)
        wait_s = min(doubled, self._retries.longest_wait_s)
        logger.info("message %s waits %s s: %s", message.message_id, wait_s, reason)
        await self._rows.postponed(message.message_id, wait_s, reason)
        return NotificationState.QUEUED

    async def _close(
        self, message: ClaimedMessage, state: NotificationState, reason: str
    ) -> NotificationState:
        logger.warning("message %s is %s: %s", message.message_id, state, reason)
        await self._rows.closed(message.message_id, state, reason)
        return state
