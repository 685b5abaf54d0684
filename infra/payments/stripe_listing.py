"""Stripe's list of events: what the platform's own account did in the last thirty days.

Events of travelers' accounts are in lists of their own and are not read here: a release that waits
for an account asks for the account itself.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import stripe

from activities.payment_ports import ProviderEvent
from infra.payments.stripe_errors import answered
from infra.payments.stripe_events import event_of

logger = logging.getLogger(__name__)

PAGE_LENGTH = 100
"""Most events that Stripe gives at once."""


class StripeEventList:
    """`ProviderEventList` over Stripe's SDK."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._events = client.v1.events

    async def since(self, moment: datetime) -> AsyncIterator[Sequence[ProviderEvent]]:
        """Return everything from a moment on, page by page, the newest first.

        Raises:
            ProviderUnavailable, ProviderRefused, OutcomeUnknown.
        """
        params: Any = {"created": {"gte": int(moment.timestamp())}, "limit": PAGE_LENGTH}
        while True:
            page = await answered(self._events.list_async(params))
            yield _readable(page.data)
            if not page.has_more:
                return
            params["starting_after"] = page.data[-1].id


def _readable(listed: Sequence[stripe.Event]) -> list[ProviderEvent]:
    events = []
    for each in listed:
        try:
            events.append(event_of(each.to_dict()))
        except (KeyError, TypeError, ValueError, OverflowError):
            # It can be looked up by hand; the other events must not wait for that.
            logger.exception("the event %s has no shape that is known here", each.id)
    return events
