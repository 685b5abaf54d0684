"""Stripe as a payment provider: separate charges and transfers.

The charge is made on the platform; a transfer draws on it by `source_transaction`, and both carry
the delivery as their `transfer_group`. The platform's fee is what it does not transfer. Every
object says in its metadata which operation made it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import stripe

from activities.payment_ports import (
    AUTHORISATION_ENDED,
    CustomerAction,
    Operation,
    ProviderAnswer,
    ProviderCapabilities,
    ProviderEvent,
    ProviderRefused,
    draws_on_charge,
)
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.stripe_answers import (
    CAPTURE_ID,
    INTENT_DETAILS,
    answer_of_intent,
    answer_of_refund,
    charge_of,
    stamp_of,
)
from infra.payments.stripe_errors import answered, code_of, translated
from infra.payments.stripe_events import parse_event
from infra.payments.stripe_lookup import Clock, StripeLookup, utc_now
from infra.payments.stripe_paying import UNEXPECTED_STATE, StripePaying
from infra.payments.stripe_requests import (
    STRIPE,
    is_repeated,
    legal_minor,
    require_currency,
    source_of,
    stamps_of,
    under_key,
)
from infra.payments.stripe_saving import StripeSaving

_EXPIRED = "charge_expired_for_capture"
"""Stripe's code when the bank has let the money go and the intent does not show it yet."""
_TOO_LATE = ProviderAnswer(PaymentOutcome.DECLINED, "", AUTHORISATION_ENDED)


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
        self._paying = StripePaying(client, self._lookup)
        self._saving = StripeSaving(client, self._lookup)
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
        return await self._paying.pay(
            operation, amount, method, "automatic", off_session=off_session
        )

    async def authorise(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        """Have the card's bank set money aside until `capture_before`."""
        return await self._paying.pay(operation, amount, method, "manual", off_session=off_session)

    async def save_method(self, operation: Operation, method: str) -> ProviderAnswer:
        """Save a card with a customer of its own; the token for later is `cus_…/pm_…`."""
        return await self._saving.save(operation, method)

    async def capture(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Take authorised money; Stripe lets go what is not taken."""
        intent = await self._source_intent(operation, amount)
        if intent.status == "canceled":
            return _TOO_LATE
        params: Any = {
            "amount_to_capture": legal_minor(amount),
            "metadata": {CAPTURE_ID: operation.operation_id},
            "expand": INTENT_DETAILS,
        }
        options = under_key(operation)
        try:
            taken = await self._v1.payment_intents.capture_async(intent.id, params, options)
        except stripe.StripeError as error:
            return await self._not_captured(intent, error)
        return _capture_answer(taken)

    async def void(self, operation: Operation) -> ProviderAnswer:
        """Cancel a payment intent, or refund what is left of one that has succeeded.

        A charge that was never seen is kept from arriving: its key is used up for a payment intent
        that is canceled at once.
        """
        source = source_of(operation)
        if source.kind is OperationKind.SAVE:
            return await self._saving.void(source)
        intent = await self._lookup.intent(source) or await self._paying.claimed(source)
        if intent is not None and intent.status not in ("canceled", "succeeded"):
            intent = await self._paying.canceled(intent)
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
        """Move money of a charge, or of the platform's balance, to a connected account."""
        params: Any = {
            "amount": legal_minor(amount),
            "currency": amount.currency.lower(),
            "destination": account,
            "transfer_group": operation.delivery_id,
            "metadata": stamps_of(operation),
        }
        if draws_on_charge(operation):
            params["source_transaction"] = await self._charge_to_draw_on(operation, amount)
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
            return None if intent is None else answer_of_intent(await self._paying.settled(intent))
        if operation.kind is OperationKind.SAVE:
            return await self._saving.find(operation)
        if operation.kind is OperationKind.TRANSFER:
            made = await self._lookup.transfer(operation)
            return None if made is None else ProviderAnswer(PaymentOutcome.SUCCEEDED, made.id)
        if operation.kind is OperationKind.REVERSAL:
            return await self._find_reversal(operation)
        if operation.kind is OperationKind.PAYOUT:
            return None
        return await self._find_of_intent(operation)

    async def action_for(self, operation: Operation) -> CustomerAction | None:
        """Return the client secret of what waits for its customer."""
        saves = operation.kind is OperationKind.SAVE
        intent = await (self._saving if saves else self._lookup).intent(operation)
        if intent is None or intent.status != "requires_action" or not intent.client_secret:
            return None
        kind = intent.next_action.type if intent.next_action is not None else "use_stripe_sdk"
        return CustomerAction(kind, intent.client_secret)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read one event; of those signed with any of the secrets and made in our mode only."""
        now = self._clock()
        return parse_event(body, headers, self._webhook_secrets, now, is_live=self._is_live)

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

    async def _charge_to_draw_on(self, operation: Operation, amount: Money) -> str:
        intent = await self._source_intent(operation, amount)
        charge = charge_of(intent)
        if charge is None:
            raise ProviderRefused(f"The charge is {intent.status}: it has no money to transfer.")
        return charge.id

    async def _source_intent(self, operation: Operation, amount: Money) -> stripe.PaymentIntent:
        intent = await self._lookup.intent(source_of(operation))
        if intent is None:
            raise ProviderRefused("There is no such charge.")
        require_currency(intent.currency, amount)
        return intent

    async def _not_captured(
        self, intent: stripe.PaymentIntent, error: stripe.StripeError
    ) -> ProviderAnswer:
        if code_of(error) == _EXPIRED:
            intent = await self._paying.canceled(intent)
        elif isinstance(error, stripe.CardError) or code_of(error) == UNEXPECTED_STATE:
            intent = await self._paying.settled(await self._lookup.intent_by_id(intent.id))
        if intent.status != "canceled":
            raise translated(error) from None
        return _TOO_LATE

    async def _find_of_intent(self, operation: Operation) -> ProviderAnswer | None:
        source = source_of(operation)
        if source.kind is OperationKind.SAVE:
            return await self._saving.find_void(source)
        intent = await self._lookup.intent(source)
        if intent is None:
            return None
        if operation.kind is OperationKind.CAPTURE and intent.status == "canceled":
            return _TOO_LATE
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
