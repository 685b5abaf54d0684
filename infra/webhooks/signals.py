"""The way to the deliveries' workflows."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.ids import DeliveryId, delivery_workflow_id
from domain.provider_news import PaymentNews

SIGNAL_S_MAX = 10
"""A front end that does not take a signal in this time counts as down."""


class DeliverySignals:
    """`DeliveryNews` as signals: ids only, so that no object of the provider enters a history."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def tell(self, delivery_id: DeliveryId, news: PaymentNews) -> bool:
        """Tell a delivery of news; return whether its workflow is running.

        Raises:
            RPCError: Temporal does not take it now.
        """
        handle = self._client.get_workflow_handle(delivery_workflow_id(delivery_id))
        try:
            await handle.signal("payment_news", news, rpc_timeout=timedelta(seconds=SIGNAL_S_MAX))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True
