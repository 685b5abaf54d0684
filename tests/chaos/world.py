"""What stands outside the platform and must not lose its head when the platform is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import httpx
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from domain.transitions import PaymentOutcome
from infra.encryption.parts import Encryption
from infra.payments.sandbox import SandboxProvider

PATIENCE_S = 120
"""Longest wait for a platform of which a part was killed."""
LOOK_AGAIN_S = 0.4
"""Pause between two looks: eight people at once must not become a load."""

AWAY = (
    OperationalError,
    InterfaceError,
    NoFreeConnection,
    ProviderUnavailable,
    OutcomeUnknown,
)
"""What says that the database, and the sandbox provider with it, is away for the moment."""

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """The ways to a running stack."""

    http: httpx.AsyncClient
    engine: AsyncEngine
    encryption: Encryption
    provider: SandboxProvider


async def persistently(call: Callable[[], Awaitable[T]], patience_s: float = PATIENCE_S) -> T:
    """Repeat a call that does no harm twice until the database is there for it.

    Raises:
        TimeoutError: it was away for too long.
    """
    async with asyncio.timeout(patience_s):
        while True:
            try:
                return await call()
            except AWAY:
                await asyncio.sleep(LOOK_AGAIN_S)


class Bank:
    """The customer's bank, which settles in its own time what it did not answer at once."""

    def __init__(self, provider: SandboxProvider) -> None:
        self._provider = provider

    async def answer(self, delivery_id: str, *, rejects: bool) -> None:
        """Settle what waits for the bank or its customer, if anything still does."""
        made = await persistently(lambda: self._provider.objects(delivery_id))
        for each in made:
            if each.outcome in (PaymentOutcome.PENDING, PaymentOutcome.REQUIRES_ACTION):
                await self._settle(each.operation_id, each.outcome, rejects=rejects)

    async def _settle(self, operation_id: str, asked: PaymentOutcome, *, rejects: bool) -> None:
        async def settle() -> None:
            if rejects:
                await self._provider.reject(operation_id)
            elif asked is PaymentOutcome.PENDING:
                await self._provider.settle(operation_id)
            else:
                await self._provider.approve(operation_id)

        # An earlier try may have been carried out although its answer was lost.
        with suppress(ProviderRefused):
            await persistently(settle)
