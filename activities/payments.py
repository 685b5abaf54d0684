"""Activities that move money, each in the same three steps.

Note that the provider is about to be asked; ask it, or look up what became of the last time; then
commit the outcome, its bookings and the transition in one transaction. A crash between any two of
them is repaired by running the activity again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ports import (
    OutcomeUnknown,
    PaymentOperations,
    PaymentProvider,
    ProviderAnswer,
    ProviderRefused,
    ProviderUnavailable,
)
from activities.records import refusals_are_final
from domain.ids import PersonId
from domain.ledger import (
    LedgerTransaction,
    charge_booking,
    payout_booking,
    refund_booking,
    release_booking,
)
from domain.money import Money
from domain.transitions import (
    MoneyCommand,
    MoneyMoved,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
)

PROVIDER_REFUSED = "provider_refused"
"""Type of the final error when the provider refuses for good."""
PROVIDER_UNAVAILABLE = "provider_unavailable"
"""Type of the error when the provider was not reached; Temporal tries again."""
OUTCOME_UNKNOWN = "outcome_unknown"
"""Type of the error when the provider may have done it; the next try looks it up first."""

Ask = Callable[[], Awaitable[ProviderAnswer]]
Bookings = tuple[LedgerTransaction, ...]


class PaymentActivities:
    """Moves money at the provider and books it.

    Raises:
        ApplicationError: final with type `provider_refused` or a `RefusalCode`; to be tried again
            with type `provider_unavailable` or `outcome_unknown`. No message carries a token.
    Idempotency: every activity has one effect for one intent, however often it runs.
    """

    def __init__(self, provider: PaymentProvider, operations: PaymentOperations) -> None:
        self._provider = provider
        self._operations = operations

    @activity.defn
    async def hold_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Charge the customer and book the held payment; a decline is a result.

        Running it again for an unsettled charge reads how the charge stands now.
        """
        intent = command.intent
        booking = charge_booking(intent.operation_id, command.delivery_id, intent.amount)
        return await self._move(
            command,
            lambda: self._provider.charge(intent.operation_id, intent.amount, intent.method),
            (booking,),
        )

    @activity.defn
    async def void_hold(self, command: MoneyCommand) -> MoneyMoved:
        """Make sure that a charge is not in force, whatever became of it.

        A charge that took money without ever being booked is booked together with its refund, so
        that the ledger shows what the provider's statement shows.
        """
        intent = command.intent
        return await self._move(
            command,
            lambda: self._provider.void(intent.operation_id, intent.source_operation_id),
            (),
        )

    @activity.defn
    async def refund_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Give money of the held payment back to the customer."""
        intent = command.intent
        booking = refund_booking(intent.operation_id, command.delivery_id, intent.amount)
        return await self._move(
            command,
            lambda: self._provider.refund(
                intent.operation_id, intent.source_operation_id, intent.amount
            ),
            (booking,),
        )

    @activity.defn
    async def release_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Transfer the traveler's part of the held payment and recognise the platform fee."""
        intent = command.intent
        booking = release_booking(
            intent.operation_id,
            command.delivery_id,
            _traveler(command),
            intent.amount,
            intent.fee or Money(0, intent.amount.currency),
        )
        return await self._move(
            command,
            lambda: self._provider.transfer(
                intent.operation_id, intent.source_operation_id, intent.amount, intent.method
            ),
            (booking,),
        )

    @activity.defn
    async def pay_out(self, command: MoneyCommand) -> MoneyMoved:
        """Send what the traveler was transferred to the traveler's bank."""
        intent = command.intent
        booking = payout_booking(
            intent.operation_id, command.delivery_id, _traveler(command), intent.amount
        )
        return await self._move(
            command,
            lambda: self._provider.pay_out(intent.operation_id, intent.amount, intent.method),
            (booking,),
        )

    async def _move(self, command: MoneyCommand, ask: Ask, booking: Bookings) -> MoneyMoved:
        with refusals_are_final(), _provider_errors_named(command.intent):
            known = await self._operations.mark_sent(command.intent)
            if known.succeeded:
                return MoneyMoved(PaymentOutcome.SUCCEEDED)
            if command.done_by_hand:
                answer = ProviderAnswer(PaymentOutcome.SUCCEEDED, command.done_by_hand)
            else:
                answer = await self._ask_once(command.intent, ask, sent_before=known.sent)
                booking += await self._bookings_of_void(command)
            return await self._finish(command, answer, booking)

    async def _ask_once(
        self, intent: PaymentIntent, ask: Ask, *, sent_before: bool
    ) -> ProviderAnswer:
        found = await self._provider.find(intent.operation_id) if sent_before else None
        answer = found or await ask()
        if intent.kind is not OperationKind.CHARGE:
            _require_success(answer)
        return answer

    async def _bookings_of_void(self, command: MoneyCommand) -> Bookings:
        intent = command.intent
        if intent.kind is not OperationKind.VOID:
            return ()
        # Only after the void can the charge no longer change: reading it earlier would race.
        charge = await self._provider.find(intent.source_operation_id)
        if charge is None or charge.outcome is not PaymentOutcome.SUCCEEDED:
            return ()
        return (
            charge_booking(intent.source_operation_id, command.delivery_id, intent.amount),
            refund_booking(intent.operation_id, command.delivery_id, intent.amount),
        )

    async def _finish(
        self, command: MoneyCommand, answer: ProviderAnswer, booking: Bookings
    ) -> MoneyMoved:
        succeeded = answer.outcome is PaymentOutcome.SUCCEEDED
        await self._operations.finish(
            command.intent,
            answer.outcome,
            answer.provider_id,
            booking if succeeded else (),
            command.on_success if succeeded else command.on_refusal,
        )
        return MoneyMoved(answer.outcome, "" if succeeded else answer.detail)


def _traveler(command: MoneyCommand) -> PersonId:
    traveler_id = command.on_success.standing.traveler_id
    assert traveler_id is not None, "money is released only once an offer was accepted"
    return traveler_id


def _require_success(answer: ProviderAnswer) -> None:
    if answer.outcome is PaymentOutcome.DECLINED:
        raise ProviderRefused(f"It was declined: {answer.detail or 'no reason given'}.")
    if answer.outcome is not PaymentOutcome.SUCCEEDED:
        raise OutcomeUnknown(f"It is {answer.outcome} and will be read again.")


@contextmanager
def _provider_errors_named(intent: PaymentIntent) -> Iterator[None]:
    """Turn a provider's errors into ones that Temporal knows, without their causes.

    A cause would carry the provider's own words, which may repeat a token, into the history.
    """
    try:
        yield
    except ProviderRefused as error:
        text = _without_token(intent, f"The provider refuses this {intent.kind}. {error}")
        raise ApplicationError(text, type=PROVIDER_REFUSED, non_retryable=True) from None
    except ProviderUnavailable as error:
        text = _without_token(intent, f"The provider was not reached. {error}")
        raise ApplicationError(text, type=PROVIDER_UNAVAILABLE) from None
    except OutcomeUnknown as error:
        text = _without_token(intent, f"What became of this {intent.kind} is unknown. {error}")
        raise ApplicationError(text, type=OUTCOME_UNKNOWN) from None


def _without_token(intent: PaymentIntent, text: str) -> str:
    return text.replace(intent.method, "(token)") if intent.method else text
