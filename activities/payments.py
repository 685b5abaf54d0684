"""Activities that move money, each in the same three steps.

Note that the provider is about to be asked; ask it under the key of the present attempt, or look up
what became of it; then commit the outcome, its bookings and the transition in one transaction. A
crash between any two of them is repaired by running the activity again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.payment_ports import (
    AccountNotReady,
    Operation,
    OperationState,
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
    authorisation_booking,
    authorisation_release_booking,
    charge_booking,
    payout_booking,
    provider_fee_booking,
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
ACCOUNT_NOT_READY = "account_not_ready"
"""Type of the final error when the traveler's account may not be sent money yet."""
PROVIDER_UNAVAILABLE = "provider_unavailable"
"""Type of the error when the provider was not reached; Temporal tries again."""
NOT_DONE = "not_done"
"""Detail of an operation that was only looked up and that the provider has not carried out."""
OUTCOME_UNKNOWN = "outcome_unknown"
"""Type of the error when the provider may have done it; the next try looks it up first."""

KEY_MARGIN = timedelta(hours=1)
"""How long before a provider may forget a key it is not relied upon any more."""

_ANSWERED_BY_DECLINE = frozenset({OperationKind.CHARGE, OperationKind.AUTHORISE})
"""A card may say no: for these that is an answer and no failure."""

FORGOTTEN = "its key is too old to be relied upon"
SPENT = "a failure is kept under its key"
DIED = "what it made was declined in the end"
"""Why an attempt was left."""

Ask = Callable[[Operation], Awaitable[ProviderAnswer]]
Answered = tuple[Operation, ProviderAnswer]
"""An answer with the attempt that it is the answer to."""
Bookings = tuple[LedgerTransaction, ...]


class PaymentActivities:
    """Moves money at the provider and books it.

    Raises:
        ApplicationError: final with type `provider_refused`, `account_not_ready` or a
            `RefusalCode`; to be tried again with type `provider_unavailable` or
            `outcome_unknown`. No message carries a token.
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
            lambda operation: self._provider.charge(operation, intent.amount, intent.method),
            (booking,),
        )

    @activity.defn
    async def authorise_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Have the customer's bank set the payment aside and note it; a decline is a result."""
        intent = command.intent
        booking = authorisation_booking(intent.operation_id, command.delivery_id, intent.amount)
        return await self._move(
            command,
            lambda operation: self._provider.authorise(operation, intent.amount, intent.method),
            (booking,),
        )

    @activity.defn
    async def capture_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Take all of the authorised payment and book it as held."""
        intent, delivery_id = command.intent, command.delivery_id
        struck = f"{intent.source_operation_id}:struck"
        bookings = (
            authorisation_release_booking(struck, delivery_id, intent.amount),
            charge_booking(intent.operation_id, delivery_id, intent.amount),
        )
        return await self._move(
            command, lambda operation: self._provider.capture(operation, intent.amount), bookings
        )

    @activity.defn
    async def void_hold(self, command: MoneyCommand) -> MoneyMoved:
        """Make sure that a charge is not in force, whatever became of it.

        A charge that took money without ever being booked is booked together with its refund, so
        that the ledger shows what the provider's statement shows.
        """
        return await self._move(command, self._provider.void, ())

    @activity.defn
    async def refund_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Give money of the held payment back to the customer."""
        intent = command.intent
        booking = refund_booking(intent.operation_id, command.delivery_id, intent.amount)
        return await self._move(
            command,
            lambda operation: self._provider.refund(operation, intent.amount),
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
            lambda operation: self._provider.transfer(operation, intent.amount, intent.method),
            (booking,),
        )

    @activity.defn
    async def pay_out(self, command: MoneyCommand) -> MoneyMoved:
        """Send what the traveler was transferred to the traveler's bank.

        Where the provider does that by itself, the transfer was the last thing to ask for.
        """
        intent = command.intent
        booking = payout_booking(
            intent.operation_id, command.delivery_id, _traveler(command), intent.amount
        )
        return await self._move(
            command,
            lambda operation: self._pay_out(operation, intent),
            (booking,),
        )

    async def _move(self, command: MoneyCommand, ask: Ask, booking: Bookings) -> MoneyMoved:
        with refusals_are_final(), _provider_errors_named(command.intent):
            known = await self._operations.mark_sent(command.intent)
            if known.succeeded:
                return MoneyMoved(PaymentOutcome.SUCCEEDED)
            answer = await self._done_already(command, known)
            if answer is None and command.done_by_hand:
                by_hand = ProviderAnswer(PaymentOutcome.SUCCEEDED, command.done_by_hand)
                return await self._finish(command, by_hand, booking)
            if answer is None and command.only_look_up:
                return MoneyMoved(PaymentOutcome.DECLINED, NOT_DONE)
            if answer is None:
                answer = await self._answer_to(command.intent, ask, known)
            booking += _fee_bookings(command, command.intent.operation_id, answer)
            booking += await self._bookings_of_void(command, known.operation)
            return await self._finish(command, answer, booking)

    async def _done_already(
        self, command: MoneyCommand, known: OperationState
    ) -> ProviderAnswer | None:
        """Return the provider's own word that it was done, before a person's word is booked."""
        if not known.sent or not (command.done_by_hand or command.only_look_up):
            return None
        found = await self._provider.find(known.operation)
        is_done = found is not None and found.outcome is PaymentOutcome.SUCCEEDED
        return found if is_done else None

    async def _pay_out(self, operation: Operation, intent: PaymentIntent) -> ProviderAnswer:
        if self._provider.capabilities.automatic_payouts:
            return ProviderAnswer(PaymentOutcome.SUCCEEDED, "")
        return await self._provider.pay_out(operation, intent.amount, intent.method)

    async def _answer_to(
        self, intent: PaymentIntent, ask: Ask, known: OperationState
    ) -> ProviderAnswer:
        operation, answer = await self._ask(intent, ask, known)
        if intent.kind in _ANSWERED_BY_DECLINE or answer.outcome is PaymentOutcome.SUCCEEDED:
            return answer
        if answer.outcome is PaymentOutcome.DECLINED:
            # Whoever decides to try again is asking for something new.
            await self._operations.next_attempt(intent, operation.attempt, DIED)
            raise ProviderRefused(f"It was declined: {answer.detail or 'no reason given'}.")
        await self._operations.finish(intent, answer.outcome, answer.provider_id, (), None)
        raise OutcomeUnknown(f"It is {answer.outcome} and will be read again.")

    async def _ask(self, intent: PaymentIntent, ask: Ask, known: OperationState) -> Answered:
        operation = known.operation
        if known.sent and operation.provider_id:
            found = await self._provider.find(operation)
            if found is not None:
                return operation, found
        if known.sent and self._is_forgotten(operation):
            return await self._adopt_or_ask_anew(intent, ask, operation, FORGOTTEN)
        try:
            return operation, await ask(operation)
        except (ProviderRefused, OutcomeUnknown) as failure:
            if not failure.key_spent:
                raise
        return await self._adopt_or_ask_anew(intent, ask, operation, SPENT)

    def _is_forgotten(self, operation: Operation) -> bool:
        life, sent_at = self._provider.capabilities.key_life, operation.first_sent_at
        if life is None or sent_at is None:
            return False
        return datetime.now(UTC) - sent_at > life - KEY_MARGIN

    async def _adopt_or_ask_anew(
        self, intent: PaymentIntent, ask: Ask, operation: Operation, reason: str
    ) -> Answered:
        """Look an operation up before it is asked for under another key."""
        found = await self._provider.find(operation)
        is_answer = intent.kind in _ANSWERED_BY_DECLINE
        if found is not None and (is_answer or found.outcome is not PaymentOutcome.DECLINED):
            return operation, found
        following = await self._operations.next_attempt(intent, operation.attempt, reason)
        return following, await ask(following)

    async def _bookings_of_void(self, command: MoneyCommand, operation: Operation) -> Bookings:
        intent = command.intent
        if intent.kind is not OperationKind.VOID or operation.source is None:
            return ()
        # Only after the void can the charge no longer change: reading it earlier would race.
        charge = await self._provider.find(operation.source)
        if charge is None or charge.outcome is not PaymentOutcome.SUCCEEDED:
            return ()
        return (
            charge_booking(intent.source_operation_id, command.delivery_id, intent.amount),
            refund_booking(intent.operation_id, command.delivery_id, intent.amount),
            *_fee_bookings(command, intent.source_operation_id, charge),
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


def _fee_bookings(command: MoneyCommand, charge_id: str, answer: ProviderAnswer) -> Bookings:
    """Return what the provider kept of a charge; where it has not said, its statement will."""
    if answer.fee is None or not answer.fee.amount_minor:
        return ()
    return (provider_fee_booking(f"{charge_id}:fee", command.delivery_id, answer.fee),)


def _traveler(command: MoneyCommand) -> PersonId:
    traveler_id = command.on_success.standing.traveler_id
    assert traveler_id is not None, "money is released only once an offer was accepted"
    return traveler_id


@contextmanager
def _provider_errors_named(intent: PaymentIntent) -> Iterator[None]:
    """Turn a provider's errors into ones that Temporal knows, without their causes.

    A cause would carry the provider's own words, which may repeat a token, into the history.
    """
    try:
        yield
    except AccountNotReady as error:
        text = _without_token(intent, f"The traveler's account is not set up. {error}")
        raise ApplicationError(text, type=ACCOUNT_NOT_READY, non_retryable=True) from None
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
