"""The activity that finds out what a provider took back, and books it."""

from __future__ import annotations

from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.correction_ports import Corrections
from activities.payment_errors import OUTCOME_UNKNOWN, PROVIDER_REFUSED, PROVIDER_UNAVAILABLE
from activities.payment_ports import (
    Operation,
    OutcomeUnknown,
    PaymentProvider,
    ProviderAnswer,
    ProviderRefused,
    ProviderUnavailable,
)
from activities.records import refusals_are_final
from domain.correcting.undoing import TakenBack, Undone
from domain.transitions import PaymentOutcome


class UndoingActivities:
    """Reads operations again that had succeeded.

    Raises:
        ApplicationError: final with type `provider_refused`; to be tried again with type
            `provider_unavailable` or `outcome_unknown`.
    """

    def __init__(self, provider: PaymentProvider, corrections: Corrections) -> None:
        self._provider = provider
        self._corrections = corrections

    @activity.defn
    async def book_undone(self, operation_id: str, at: datetime) -> Undone:
        """Book that an operation came undone, if the provider says so; again changes nothing."""
        operation = await self._corrections.operation(operation_id)
        answer = None if operation is None else await self._read(operation)
        if answer is None or answer.outcome is not PaymentOutcome.DECLINED:
            return Undone()
        with refusals_are_final():
            return await self._corrections.undo(TakenBack(operation_id, answer.detail, at))

    async def _read(self, operation: Operation) -> ProviderAnswer | None:
        try:
            return await self._provider.find(operation)
        except ProviderRefused:
            text, kind, is_final = "The provider cannot be asked.", PROVIDER_REFUSED, True
        except ProviderUnavailable:
            text, kind, is_final = "The provider was not reached.", PROVIDER_UNAVAILABLE, False
        except OutcomeUnknown:
            text, kind, is_final = "The provider did not say.", OUTCOME_UNKNOWN, False
        # Without its cause: that could carry the provider's own words into the history.
        raise ApplicationError(text, type=kind, non_retryable=is_final)
