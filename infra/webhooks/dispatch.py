"""Hands on what payment providers report, each event until somebody has taken it or it is dead."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.webhook_ports import (
    Chargebacks,
    DeliveryNews,
    DispatchReport,
    Surprises,
)
from domain.policies import WebhookPolicy
from domain.provider_news import NewsState
from infra.database.rounds import Wakeup, first_round
from infra.webhooks.catching_up import CatchingUp
from infra.webhooks.inbox import INBOX_CHANNEL, Claimed, Inbox, Settlement
from infra.webhooks.matching import Matching
from infra.webhooks.stages import is_news
from infra.webhooks.verdicts import NotYet, Verdicts

logger = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 8
"""Events of one round; all of them are settled at once."""
LEASE_S = 60.0
"""How long a round may take; an event that nobody settled in this time is due again."""


class DatabaseWebhooks:
    """The `Webhooks` in PostgreSQL.

    Idempotency: an event is settled after whoever it concerns was told. After a crash between the
    two they are told again, which makes them read the same object again.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        deliveries: DeliveryNews,
        chargebacks: Chargebacks,
        catching_up: CatchingUp | None = None,
        figures: WebhookPolicy | None = None,
        *,
        surprises: Surprises,
    ) -> None:
        """Without `catching_up` there is no provider whose list could be read."""
        self._inbox = Inbox(engine)
        self._verdicts = Verdicts(Matching(engine), deliveries, chargebacks, surprises)
        self._catching_up = catching_up
        self._figures = figures or WebhookPolicy()
        self._wakeup = Wakeup(engine, INBOX_CHANNEL, self._inbox.seconds_until_due)

    async def dispatch(self, wait_s: float) -> DispatchReport:
        """Hand on what is due, waiting up to `wait_s` seconds for the first event to appear."""
        return await first_round(self._round, self._wakeup, DispatchReport(), wait_s)

    async def catch_up(self) -> DispatchReport:
        """Take what the provider lists and no webhook has brought into the inbox."""
        if self._catching_up is None:
            return DispatchReport()
        return DispatchReport(missed=await self._catching_up.run())

    async def _round(self) -> DispatchReport:
        claimed = await self._inbox.claim(CLAIMED_AT_ONCE, LEASE_S)
        ends = await asyncio.gather(*map(self._settle, claimed), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        counts = Counter(end for end in ends if isinstance(end, NewsState))
        return DispatchReport(
            told=counts[NewsState.TOLD],
            seen=counts[NewsState.SEEN],
            waiting=counts[NewsState.WAITING],
            postponed=counts[NewsState.NEW],
            dead=counts[NewsState.DEAD],
        )

    async def _settle(self, claimed: Claimed) -> NewsState:
        try:
            settlement = await self._verdicts.settle(claimed)
        except NotYet as reason:
            return await self._postpone(claimed, str(reason))
        except SQLAlchemyError:
            # The database is away for every event alike: the whole round is tried again.
            raise
        except Exception as fault:  # noqa: BLE001 -- One event must not stop the others.
            return await self._postpone(claimed, f"it could not be told: {type(fault).__name__}")
        await self._inbox.settle(claimed, settlement, speaks=is_news(claimed.event))
        return settlement.state

    async def _postpone(self, claimed: Claimed, reason: str) -> NewsState:
        event = claimed.event
        if claimed.tries >= self._figures.tries_max:
            logger.error("%s %s is dead: %s", event.name, event.event_id, reason)
            dead = Settlement(NewsState.DEAD, f"given up after {claimed.tries} tries: {reason}")
            await self._inbox.settle(claimed, dead, speaks=False)
            return NewsState.DEAD
        doubled = self._figures.first_wait_s * 2 ** (claimed.tries - 1)
        wait_s = min(doubled, self._figures.longest_wait_s)
        logger.info("%s %s waits %s s: %s", event.name, event.event_id, wait_s, reason)
        await self._inbox.postpone(claimed, wait_s, reason)
        return NewsState.NEW
