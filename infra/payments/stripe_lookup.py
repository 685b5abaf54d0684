"""Finds what an operation made at Stripe, whichever attempt made it.

Lists show an object as soon as it exists; the search index may be an hour behind. Payment intents
can be listed by age only, so young ones are listed and old ones searched for. Everything else hangs
on an object that can be asked for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import stripe

from activities.payment_ports import Operation, OutcomeUnknown
from domain.transitions import OperationKind
from infra.payments.stripe_answers import INTENT_DETAILS, OPERATION_ID, stamp_of
from infra.payments.stripe_errors import answered

INDEX_LAG = timedelta(hours=1)
"""How far the search index may be behind. Source: Stripe's page on search."""
CLOCK_SKEW = timedelta(minutes=5)
"""How much earlier than by our clock an object may have been made by Stripe's."""
PAGE_SIZE, PAGES_MAX = 100, 50
"""Five thousand payment intents in one hour; beyond that the lookup gives up instead of guessing."""

T = TypeVar("T")
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class StripeLookup:
    """Reads; it never changes anything.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """

    def __init__(self, client: stripe.StripeClient, clock: Clock = utc_now) -> None:
        self._v1 = client.v1
        self._clock = clock

    async def intent(self, operation: Operation) -> stripe.PaymentIntent | None:
        """Return the payment intent of a charge, an authorisation or a capture."""
        if operation.kind is OperationKind.CAPTURE:
            return await self._captured(operation)
        if operation.provider_id:
            return await self.intent_by_id(operation.provider_id)
        found = [each async for each in self._intents(operation)]
        alive = [each for each in found if each.status != "canceled"]
        best = next(iter([*alive, *found]), None)
        return None if best is None else await self.intent_by_id(best.id)

    async def intent_by_id(self, intent_id: str) -> stripe.PaymentIntent:
        """Return a payment intent with its charge."""
        details = {"expand": INTENT_DETAILS}
        return await answered(self._v1.payment_intents.retrieve_async(intent_id, details))  # type: ignore[arg-type]

    async def refund(self, operation: Operation, intent_id: str) -> stripe.Refund | None:
        """Return the refund of a payment intent that an operation made."""
        if operation.provider_id:
            return await answered(self._v1.refunds.retrieve_async(operation.provider_id))
        found = [
            each
            async for each in pages(self._v1.refunds.list_async, payment_intent=intent_id)
            if stamp_of(each.metadata) == operation.operation_id
        ]
        alive = [each for each in found if each.status not in ("failed", "canceled")]
        return next(iter([*alive, *found]), None)

    async def transfer(self, operation: Operation) -> stripe.Transfer | None:
        """Return the transfer that an operation made."""
        if operation.provider_id:
            return await answered(self._v1.transfers.retrieve_async(operation.provider_id))
        return _first(await self.transfers(operation.delivery_id), operation)

    async def transfers(self, delivery_id: str) -> list[stripe.Transfer]:
        """Return every transfer of a delivery."""
        listed = pages(self._v1.transfers.list_async, transfer_group=delivery_id)
        return [each async for each in listed]

    async def reversal(
        self, operation: Operation, transfer_id: str
    ) -> stripe.TransferReversal | None:
        """Return the reversal of a transfer that an operation made."""

        def ask(params: Any) -> Awaitable[Any]:
            return self._v1.transfers.reversals.list_async(transfer_id, params)

        return _first([each async for each in pages(ask)], operation)

    def may_be_indexed(self, operation: Operation) -> bool:
        """Return whether what an operation made may be too old to be listed."""
        sent_at = operation.first_sent_at
        return sent_at is None or self._clock() - sent_at > INDEX_LAG

    def window(self, operation: Operation) -> dict[str, int]:
        """Return the time in which to list what an operation made.

        An attempt may be sent again long after it was first sent: the last hour is listed always.
        """
        hour_ago = self._clock() - INDEX_LAG
        since = max(operation.first_sent_at or hour_ago, hour_ago) - CLOCK_SKEW
        return {"gte": int(since.timestamp())}

    async def _captured(self, operation: Operation) -> stripe.PaymentIntent | None:
        if operation.source is not None:
            return await self.intent(operation.source)
        if not operation.provider_id:
            return None
        if operation.provider_id.startswith("pi_"):
            # It was captured by hand, and the dashboard names the payment instead of its charge.
            return await self.intent_by_id(operation.provider_id)
        charge = await answered(self._v1.charges.retrieve_async(operation.provider_id))
        intent = charge.payment_intent
        return await self.intent_by_id(intent) if isinstance(intent, str) else intent

    async def _intents(self, operation: Operation) -> AsyncIterator[stripe.PaymentIntent]:
        if self.may_be_indexed(operation):
            search = self._v1.payment_intents.search_async(stamped(operation))
            for each in (await answered(search)).data:
                yield each
        window = self.window(operation)
        async for each in pages(self._v1.payment_intents.list_async, created=window):
            if stamp_of(each.metadata) == operation.operation_id:
                yield each


def stamped(operation: Operation) -> Any:
    """Return the search for what carries an operation's id."""
    query = f"metadata['{OPERATION_ID}']:'{operation.operation_id}'"
    return {"query": query, "limit": PAGE_SIZE}


def _first(found: Iterable[T], operation: Operation) -> T | None:
    for each in found:
        if stamp_of(getattr(each, "metadata", None)) == operation.operation_id:
            return each
    return None


async def pages(ask: Callable[[Any], Awaitable[Any]], **filters: Any) -> AsyncIterator[Any]:
    """Return everything that a list shows.

    Raises:
        OutcomeUnknown: it is too long to be read to its end.
    """
    params = {**filters, "limit": PAGE_SIZE}
    for _ in range(PAGES_MAX):
        page = await answered(ask(params))
        for each in page.data:
            yield each
        if not page.has_more:
            return
        params["starting_after"] = page.data[-1].id
    raise OutcomeUnknown("There are too many objects to look through.")
