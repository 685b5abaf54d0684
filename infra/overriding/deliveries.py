"""Sends an approved override to its delivery."""

from __future__ import annotations

import asyncio

from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.overriding_ports import NotAnswered
from domain.errors import RefusalCode
from domain.ids import delivery_workflow_id, override_workflow_id
from domain.overriding.rules import OverrideStep

ANSWER_S_MAX = 25
"""How long a delivery may take to answer: a capture of its payment is waited for."""
UPDATE = "override_step"
_LATER = frozenset({RefusalCode.PAYMENT_CAPTURING, RefusalCode.NEEDS_ATTENTION})
"""Refusals after which it is tried again for as long as the override is in force."""


class TemporalOverrides:
    """Deliveries as Temporal knows them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def override(self, step: OverrideStep) -> str:
        """Have a delivery take an override; return the code of its refusal, empty when it was taken.

        Raises:
            NotAnswered: it cannot say yet.
        Idempotency: each try is an update of its own; the delivery takes the override once.
        """
        order = step.order
        handle = self._client.get_workflow_handle(delivery_workflow_id(order.delivery_id))
        update_id = f"{override_workflow_id(order.override_id)}:{activity.info().attempt}"
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                await handle.execute_update(UPDATE, step, id=update_id)
        except WorkflowUpdateFailedError as error:
            code = error.cause.type or "" if isinstance(error.cause, ApplicationError) else ""
            if code in _LATER:
                raise NotAnswered(code) from error
            return code or RefusalCode.WRONG_STATE
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return RefusalCode.DELIVERY_CLOSED
            raise NotAnswered(order.delivery_id) from error
        except TimeoutError as error:
            raise NotAnswered(order.delivery_id) from error
        return ""
