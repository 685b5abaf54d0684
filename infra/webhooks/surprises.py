"""The way to whoever deals with what a provider takes back after it was booked."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.attention_ports import AttentionItems
from domain.correcting.undoing import UndoneOrder, item_of_returned_payout
from domain.ids import CorrectionId, correction_workflow_id, undone_workflow_id
from domain.policies import Policies
from domain.provider_news import PaymentNews
from domain.visibility import TaskQueue

START_S_MAX = 10
"""A front end that does not take a start in this time counts as down."""


class UndoingStarts:
    """`Surprises` as workflows: started with a signal, so that a second event wakes the first.

    Raises:
        RPCError: Temporal does not take it now.
    """

    def __init__(
        self, client: Client, attention: AttentionItems, policies: Policies | None = None
    ) -> None:
        self._client = client
        self._attention = attention
        self._policies = policies or Policies()

    async def start_undoing(self, operation_id: str, object_id: str) -> None:
        """Have an operation read again that had succeeded and may have come undone."""
        await self._client.start_workflow(
            "undone",
            UndoneOrder(operation_id, self._policies),
            id=undone_workflow_id(operation_id),
            task_queue=TaskQueue.SAGAS,
            start_signal="look_again",
            start_signal_args=[object_id],
            static_summary=f"Reads {operation_id} again",
            rpc_timeout=timedelta(seconds=START_S_MAX),
        )

    async def tell_correction(self, correction_id: CorrectionId, news: PaymentNews) -> bool:
        """Tell a correction of news; return whether it is under way."""
        handle = self._client.get_workflow_handle(correction_workflow_id(correction_id))
        try:
            await handle.signal("payment_news", news, rpc_timeout=timedelta(seconds=START_S_MAX))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    async def report_payout(self, account: str, payout_id: str) -> None:
        """Tell people that a payout came back which the provider had made by itself."""
        await self._attention.raise_item(item_of_returned_payout(account, payout_id))
