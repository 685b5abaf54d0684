"""Stripe as a payment provider: separate charges and transfers.

The charge is made on the platform; a transfer draws on it by `source_transaction`, and both carry
the delivery as their `transfer_group`. The platform's fee is what it does not transfer. Every
object says in its metadata which operation made it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import stripe

from activities.payment_ports import (
    CustomerAction,
    Operation,
    OutcomeUnknown,
    ProviderAnswer,
    ProviderCapabilities,
    ProviderEvent,
    ProviderRefused,
)
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.stripe_answers import (
    CAPTURE_ID,
    INTENT_DETAILS,
    answer_of_intent,
    answer_of_refund,
    charge_of,
    decline_of,
    stamp_of,
)
from infra.payments.stripe_errors import answered, code_of, is_replayed, translated
from infra.payments.stripe_events import parse_event
from infra.payments.stripe_lookup import Clock, StripeLookup, utc_now
from infra.payments.stripe_requests import (
    STRIPE,
    is_repeated,
    legal_minor,
    require_currency,
    source_of,
    stamps_of,
    under_key,
)

_CLAIM = {"amount": 1_000, "currency": "eur"}
"""What a claimed key is used for: any legal amount, because nothing is ever charged."""
_UNEXPECTED_STATE = "payment_intent_unexpected_state"


class StripeProvider:
    """A `PaymentProvider` over Stripe's SDK."""

    def __init__(
        self,
        client: stripe.StripeClient,
        webhook_secrets: Sequence[str] = (),
        *,
        is_live: bool = False,
        clock: Clock = utc_now,
    ) -> None:
        self._v1 = client.v1
        self._lookup = StripeLookup(client, clock)
        self._webhook_secrets = tuple(webhook_secrets)
        self._is_live = is_live
        self._clock = clock

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What Stripe can do for the platform."""
        return STRIPE

    async def charge(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        """Charge a payment method: `pm_…`, or `cus_…/pm_…` for one that a customer has saved."""
        return await self._pay(operation, amount, method, "automatic", off_session=off_session)

    async def authorise(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        """Have the card's bank set money aside until `capture_before`."""
        return await self._pay(operation, amount, method, "manual", off_session=off_session)

    async def capture(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Take authorised money; Stripe lets go what is not taken."""
        intent = await self._source_intent(operation, amount)
        params: Any = {
            "amount_to_capture": legal_minor(amount),
            "metadata": {CAPTURE_ID: operation.operation_id},
            "expand": INTENT_DETAILS,
        }
        call = self._v1.payment_intents.capture_async(intent.id, params, under_key(operation))
        return _capture_answer(await answered(call))

    async def void(self, operation: Operation) -> ProviderAnswer:
        """Cancel a payment intent, or refund what is left of one that has succeeded.

        A charge that was never seen is kept from arriving: its key is used up for a payment intent
        that is canceled at once.
        """
        source = source_of(operation)
        intent = await self._lookup.intent(source) or await self._claimed(source)
        if intent is not None and intent.status not in ("canceled", "succeeded"):
            intent = await self._canceled(intent)
        if intent is None or intent.status == "canceled":
            return ProviderAnswer(PaymentOutcome.SUCCEEDED, "")
        return await self._refund_the_rest(operation, intent)

    async def refund(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Give money back to the card, from the platform's balance."""
        intent = await self._source_intent(operation, amount)
        return await self._refund(
            operation, {"payment_intent": intent.id, "amount": legal_minor(amount)}
        )

    async def transfer(self, operation: Operation, amount: Money, account: str) -> ProviderAnswer:
        """Move money of a charge to a connected account."""
        intent = await self._source_intent(operation, amount)
        charge = charge_of(intent)
        if charge is None:
            raise ProviderRefused(f"The charge is {intent.status}: it has no money to transfer.")
        params: Any = {
            "amount": legal_minor(amount),
            "currency": amount.currency.lower(),
            "destination": account,
            "source_transaction": charge.id,
            "transfer_group": operation.delivery_id,
            "metadata": stamps_of(operation),
        }
        made = await answered(self._v1.transfers.create_async(params, under_key(operation)))
        return ProviderAnswer(PaymentOutcome.SUCCEEDED, made.id)

    async def reverse(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Take transferred money back from a connected account."""
        transfer = await self._lookup.transfer(source_of(operation))
        if transfer is None:
            raise ProviderRefused("There is no such transfer.")
        require_currency(transfer.currency, amount)
        params: Any = {"amount": legal_minor(amount), "metadata": stamps_of(operation)}
        call = self._v1.transfers.reversals.create_async(transfer.id, params, under_key(operation))
        return ProviderAnswer(PaymentOutcome.SUCCEEDED, (await answered(call)).id)

    async def pay_out(self, operation: Operation, amount: Money, account: str) -> ProviderAnswer:
        """Refuse: Stripe pays connected accounts out by itself."""
        del operation, amount, account
        raise ProviderRefused("Stripe pays travelers' banks by itself.")

    async def find(self, operation: Operation) -> ProviderAnswer | None:
        """Return how an operation stands now, or none when it made nothing."""
        if operation.kind in (OperationKind.CHARGE, OperationKind.AUTHORISE):
            intent = await self._lookup.intent(operation)
            return None if intent is None else answer_of_intent(await self._closed(intent))
        if operation.kind is OperationKind.TRANSFER:
            made = await self._lookup.transfer(operation)
            return None if made is None else ProviderAnswer(PaymentOutcome.SUCCEEDED, made.id)
        if operation.kind is OperationKind.REVERSAL:
            return await self._find_reversal(operation)
        if operation.kind is OperationKind.PAYOUT:
            return None
        return await self._find_of_intent(operation)

    async def action_for(self, operation: Operation) -> CustomerAction | None:
        """Return the client secret of a payment intent that waits for its customer."""
        intent = await self._lookup.intent(operation)
        if intent is None or intent.status != "requires_action" or not intent.client_secret:
            return None
        kind = intent.next_action.type if intent.next_action is not None else "use_stripe_sdk"
        return CustomerAction(kind, intent.client_secret)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read one event; of those signed with any of the secrets and made in our mode only."""
        now = self._clock()
        return parse_event(body, headers, self._webhook_secrets, now, is_live=self._is_live)

    async def _pay(
        self,
        operation: Operation,
        amount: Money,
        method: str,
        capture: Literal["automatic", "manual"],
        *,
        off_session: bool,
    ) -> ProviderAnswer:
        customer, _, saved = method.rpartition("/")
        params: Any = {
            "amount": legal_minor(amount),
            "currency": amount.currency.lower(),
            "payment_method": saved,
            "allowed_payment_method_types": ["card"],
            "capture_method": capture,
            "confirm": True,
            "transfer_group": operation.delivery_id,
            "metadata": stamps_of(operation),
            "expand": INTENT_DETAILS,
        }
        if customer:
            params["customer"] = customer
        if off_session:
            params["off_session"] = True
        try:
            intent = await self._v1.payment_intents.create_async(params, under_key(operation))
        except stripe.CardError as declined:
            return await self._declined(declined)
        except stripe.StripeError as error:
            raise translated(error) from None
        if is_repeated(intent):
            intent = await self._lookup.intent_by_id(intent.id)
        return answer_of_intent(await self._closed(intent))

    async def _declined(self, declined: stripe.CardError) -> ProviderAnswer:
        made = declined.error.payment_intent if declined.error is not None else None
        if made is None:
            return ProviderAnswer(PaymentOutcome.DECLINED, "", code_of(declined))
        intent = await self._lookup.intent_by_id(made.id)
        return answer_of_intent(await self._closed(intent))

    async def _closed(self, intent: stripe.PaymentIntent) -> stripe.PaymentIntent:
        """Cancel a declined intent: its customer could still pay what we have given up."""
        if intent.status == "requires_payment_method" and decline_of(intent):
            return await self._canceled(intent)
        return intent

    async def _canceled(self, intent: stripe.PaymentIntent) -> stripe.PaymentIntent:
        params: Any = {"expand": INTENT_DETAILS}
        try:
            return await self._v1.payment_intents.cancel_async(intent.id, params)
        except stripe.StripeError as error:
            if code_of(error) != _UNEXPECTED_STATE:
                raise translated(error) from None
        now = await self._lookup.intent_by_id(intent.id)
        if now.status not in ("canceled", "succeeded"):
            raise OutcomeUnknown(f"The payment is {now.status}: it cannot be canceled yet.")
        return now

    async def _claimed(self, source: Operation) -> stripe.PaymentIntent | None:
        """Use up the key of a charge that is not there; none when it was used up already, in vain.

        A failure that Stripe keeps under the key uses it up as well.
        """
        params: Any = {**_CLAIM, "metadata": stamps_of(source)}
        try:
            return await self._v1.payment_intents.create_async(params, under_key(source))
        except stripe.StripeError as error:
            if not (isinstance(error, stripe.IdempotencyError) or is_replayed(error)):
                raise translated(error) from None
        return await self._lookup.intent(source)

    async def _refund_the_rest(
        self, operation: Operation, intent: stripe.PaymentIntent
    ) -> ProviderAnswer:
        known = await self._lookup.refund(operation, intent.id)
        if known is not None:
            return answer_of_refund(known)
        charge = charge_of(intent)
        if charge is None or charge.amount_refunded >= charge.amount_captured:
            return ProviderAnswer(PaymentOutcome.SUCCEEDED, "")
        for sent in await self._lookup.transfers(operation.delivery_id):
            if sent.source_transaction == charge.id and sent.amount > sent.amount_reversed:
                raise ProviderRefused("Money of this charge was transferred: it cannot be voided.")
        return await self._refund(operation, {"payment_intent": intent.id})

    async def _refund(self, operation: Operation, params: Any) -> ProviderAnswer:
        params["metadata"] = stamps_of(operation)
        made = await answered(self._v1.refunds.create_async(params, under_key(operation)))
        if is_repeated(made):
            made = await answered(self._v1.refunds.retrieve_async(made.id))
        return answer_of_refund(made)

    async def _source_intent(self, operation: Operation, amount: Money) -> stripe.PaymentIntent:
        intent = await self._lookup.intent(source_of(operation))
        if intent is None:
            raise ProviderRefused("There is no such charge.")
        require_currency(intent.currency, amount)
        return intent

    async def _find_of_intent(self, operation: Operation) -> ProviderAnswer | None:
        intent = await self._lookup.intent(source_of(operation))
        if intent is None:
            return None
        if operation.kind is OperationKind.CAPTURE:
            is_ours = stamp_of(intent.metadata, CAPTURE_ID) == operation.operation_id
            return _capture_answer(intent) if is_ours else None
        if operation.kind is OperationKind.VOID and intent.status == "canceled":
            return ProviderAnswer(PaymentOutcome.SUCCEEDED, "")
        made = await self._lookup.refund(operation, intent.id)
        return None if made is None else answer_of_refund(made)

    async def _find_reversal(self, operation: Operation) -> ProviderAnswer | None:
        transfer = await self._lookup.transfer(source_of(operation))
        if transfer is None:
            return None
        made = await self._lookup.reversal(operation, transfer.id)
        return None if made is None else ProviderAnswer(PaymentOutcome.SUCCEEDED, made.id)


def _capture_answer(intent: stripe.PaymentIntent) -> ProviderAnswer:
    """Return a capture by the id of the charge: the payment intent's own names the authorisation."""
    charge = charge_of(intent)
    return ProviderAnswer(
        answer_of_intent(intent).outcome,
        charge.id if charge is not None else "",
        fee=answer_of_intent(intent).fee,
    )
