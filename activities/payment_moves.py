"""One movement of money, in three steps that a crash may come between.

Note that the provider is about to be asked; ask it under the key of the present attempt, or look up
what became of it; then commit the outcome, its bookings and the transition in one transaction. A
crash between any two of them is repaired by running the activity again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from activities.operation_ports import (
    OperationState,
    PaymentOperations,
    frozen_by_chargeback,
)
from activities.payment_errors import provider_errors_named, without_token
from activities.payment_ports import (
    AUTHORISATION_ENDED,
    AccountNotReady,
    Operation,
    OutcomeUnknown,
    PaymentProvider,
    ProviderAnswer,
    ProviderRefused,
)
from activities.records import refusals_are_final
from domain.ids import PersonId
from domain.ledger import (
    LedgerTransaction,
    OpenBooking,
    authorisation_release_booking,
    charge_booking,
    is_netting,
    provider_fee_booking,
    refund_booking,
)
from domain.transitions import (
    LateMoneyCommand,
    MoneyCommand,
    MoneyMoved,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
)

NOT_DONE = "not_done"
"""Detail of an operation that was only looked up and that the provider has not carried out."""

KEY_MARGIN = timedelta(hours=1)
"""How long before a provider may forget a key it is not relied upon any more."""

_ASKS_THE_CUSTOMER = frozenset({OperationKind.CHARGE, OperationKind.AUTHORISE, OperationKind.SAVE})
"""A card may say no, and a customer may take time: for these every outcome is an answer."""
_ANSWERED_BY_DECLINE = _ASKS_THE_CUSTOMER | {OperationKind.CAPTURE}
"""For these a decline is an answer and no failure: a bank may have let authorised money go."""
_TELLS_MORE = frozenset({OperationKind.AUTHORISE, OperationKind.SAVE})
"""Their results say more than that they succeeded, and only the provider knows it."""

FORGOTTEN = "its key is too old to be relied upon"
SPENT = "a failure is kept under its key"
DIED = "what it made was declined in the end"
"""Why an attempt was left."""

Ask = Callable[[Operation], Awaitable[ProviderAnswer]]
Answered = tuple[Operation, ProviderAnswer]
"""An answer with the attempt that it is the answer to."""
Command = MoneyCommand | LateMoneyCommand
Bookings = tuple[LedgerTransaction | OpenBooking, ...]


class PaymentMoves:
    """What all payment activities do around their call of the provider.

    Raises:
        ApplicationError: as `PaymentActivities` says.
    """

    def __init__(self, provider: PaymentProvider, operations: PaymentOperations) -> None:
        self._provider = provider
        self._operations = operations

    async def _move(
        self,
        command: Command,
        ask: Ask,
        booking: Bookings,
        if_declined: Bookings = (),
        *,
        reserved: bool = False,
    ) -> MoneyMoved:
        with refusals_are_final(), provider_errors_named(command.intent):
            known = await self._operations.mark_sent(
                command.intent, dues_first=self._pays_dues_first(command), reserved=reserved
            )
            if known.succeeded:
                return await self._moved_before(known.operation)
            answer = await self._done_already(command, known)
            if answer is None and command.done_by_hand:
                by_hand = ProviderAnswer(PaymentOutcome.SUCCEEDED, command.done_by_hand)
                booking += await self._bookings_of_void(command, known)
                return await self._finish(command, by_hand, booking)
            if answer is None and command.only_look_up:
                return MoneyMoved(PaymentOutcome.DECLINED, NOT_DONE)
            if answer is None and known.is_frozen:
                answer = await self._answer_of_frozen(command.intent, known)
            if answer is None:
                answer = await self._answer_or_nothing_sent(command, ask, known)
            if answer.outcome is PaymentOutcome.DECLINED:
                booking = if_declined
            booking += _fee_bookings(command, command.intent.operation_id, answer)
            booking += await self._bookings_of_void(command, known)
            return await self._finish(command, answer, booking)

    def _pays_dues_first(self, command: Command) -> bool:
        """Tell whether what a traveler owes is looked at before a payout or a netting is sent.

        A person who has decided, and a provider that takes no transfer back, leave the debts alone.
        """
        if not isinstance(command, MoneyCommand) or command.done_by_hand or command.only_look_up:
            return False
        if is_netting(command.intent.operation_id):
            return True
        can_net = self._provider.capabilities.reversals and not command.despite_dues
        return command.intent.kind is OperationKind.PAYOUT and can_net

    async def _moved_before(self, operation: Operation) -> MoneyMoved:
        """Return the result of what has succeeded before, with what only the provider knows."""
        if operation.kind not in _TELLS_MORE:
            return MoneyMoved(PaymentOutcome.SUCCEEDED)
        found = await self._provider.find(operation)
        succeeded = ProviderAnswer(PaymentOutcome.SUCCEEDED, operation.provider_id)
        return _result(replace(found or succeeded, outcome=PaymentOutcome.SUCCEEDED))

    async def _account_for(self, intent: PaymentIntent, traveler_id: PersonId) -> str:
        """Return where a traveler is paid: as it was agreed, else at the account there is by now.

        Raises:
            AccountNotReady: there is none yet.
        """
        account = intent.method or await self._operations.payout_account_of(traveler_id)
        if not account:
            raise AccountNotReady("There is no account yet.")
        return account

    async def _lost_before(self, authorisation: Operation | None) -> ProviderAnswer | None:
        """Return that an authorisation can be captured no more, or none when it still can."""
        found = await self._provider.find(authorisation) if authorisation is not None else None
        is_lost = found is not None and found.outcome is PaymentOutcome.DECLINED
        return ProviderAnswer(PaymentOutcome.DECLINED, "", AUTHORISATION_ENDED) if is_lost else None

    async def _done_already(self, command: Command, known: OperationState) -> ProviderAnswer | None:
        """Return the provider's own word that it was done, before a person's word is booked."""
        if not known.sent or not (command.done_by_hand or command.only_look_up):
            return None
        found = await self._provider.find(known.operation)
        if found is None and known.operation.kind is OperationKind.CAPTURE:
            found = await self._lost_before(known.operation.source)
        if found is None or found.outcome is PaymentOutcome.SUCCEEDED:
            return found
        # Nobody's word can bring back money that the bank has let go.
        is_answer = command.intent.kind in _ANSWERED_BY_DECLINE
        return found if is_answer and found.outcome is PaymentOutcome.DECLINED else None

    async def _answer_of_frozen(
        self, intent: PaymentIntent, known: OperationState
    ) -> ProviderAnswer:
        """Return what the provider made of money that was frozen meanwhile, without asking again.

        Raises:
            Refusal: `chargeback_open` when it has nothing of it.
        """
        found = await self._provider.find(known.operation)
        if found is None or found.outcome is PaymentOutcome.DECLINED:
            await self._operations.mark_unsent(intent)
            raise frozen_by_chargeback(intent)
        return await self._judged(intent, known.operation, found)

    async def _answer_or_nothing_sent(
        self, command: Command, ask: Ask, known: OperationState
    ) -> ProviderAnswer:
        """Return the answer; for a traveler without an account, note that nothing was done."""
        try:
            return await self._answer_or_refusal(command, ask, known)
        except AccountNotReady:
            await self._operations.mark_unsent(command.intent)
            raise

    async def _answer_or_refusal(
        self, command: Command, ask: Ask, known: OperationState
    ) -> ProviderAnswer:
        """Return the answer; for whoever goes on after a refusal, that is one too."""
        try:
            return await self._answer_to(command.intent, ask, known)
        except ProviderRefused as refusal:
            if not isinstance(command, LateMoneyCommand) or command.on_refusal is None:
                raise
            reason = without_token(command.intent, str(refusal))
            return ProviderAnswer(PaymentOutcome.DECLINED, "", reason)

    async def _answer_to(
        self, intent: PaymentIntent, ask: Ask, known: OperationState
    ) -> ProviderAnswer:
        return await self._judged(intent, *await self._ask(intent, ask, known))

    async def _judged(
        self, intent: PaymentIntent, operation: Operation, answer: ProviderAnswer
    ) -> ProviderAnswer:
        is_answer = intent.kind in _ASKS_THE_CUSTOMER
        if is_answer or answer.outcome is PaymentOutcome.SUCCEEDED:
            return answer
        if answer.outcome is PaymentOutcome.DECLINED:
            if intent.kind in _ANSWERED_BY_DECLINE:
                return answer
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

    async def _bookings_of_void(self, command: Command, known: OperationState) -> Bookings:
        intent, source = command.intent, known.operation.source
        if intent.kind is not OperationKind.VOID or source is None:
            return ()
        if source.kind is OperationKind.SAVE:
            return ()
        was_noted = source.kind is OperationKind.AUTHORISE and known.source_succeeded
        struck = (struck_booking(command),) if was_noted else ()
        # Only after the void can the charge no longer change: reading it earlier would race.
        charge = await self._provider.find(source)
        if charge is None or charge.outcome is not PaymentOutcome.SUCCEEDED:
            return struck
        if was_noted and not known.capture_id:
            raise ProviderRefused("The authorisation is still in force at the provider.")
        taken_by = known.capture_id or source.operation_id
        return (
            *struck,
            charge_booking(taken_by, command.delivery_id, intent.amount),
            refund_booking(intent.operation_id, command.delivery_id, intent.amount),
            *_fee_bookings(command, taken_by, charge),
        )

    async def _finish(
        self, command: Command, answer: ProviderAnswer, booking: Bookings
    ) -> MoneyMoved:
        succeeded = answer.outcome is PaymentOutcome.SUCCEEDED
        is_over = succeeded or answer.outcome is PaymentOutcome.DECLINED
        await self._operations.finish(
            command.intent,
            answer.outcome,
            answer.provider_id,
            booking if is_over else (),
            command.on_success if succeeded else command.on_refusal,
        )
        return _result(answer)


def _result(answer: ProviderAnswer) -> MoneyMoved:
    succeeded = answer.outcome is PaymentOutcome.SUCCEEDED
    return MoneyMoved(
        answer.outcome,
        "" if succeeded else answer.detail,
        capture_before=answer.capture_before,
        saved_method=answer.saved_method,
    )


def struck_booking(command: Command) -> LedgerTransaction:
    """Return what strikes out the authorisation that an operation draws on; it is booked once."""
    intent = command.intent
    key = f"{intent.source_operation_id}:struck"
    return authorisation_release_booking(key, command.delivery_id, intent.amount)


def _fee_bookings(command: Command, charge_id: str, answer: ProviderAnswer) -> Bookings:
    """Return what the provider kept of a charge; where it has not said, its statement will."""
    if answer.fee is None or not answer.fee.amount_minor:
        return ()
    return (provider_fee_booking(f"{charge_id}:fee", command.delivery_id, answer.fee),)
