"""Payment intents: how they are paid, given up, and kept from being paid later."""

from __future__ import annotations

from typing import Any, Literal

import stripe

from activities.payment_ports import Operation, OutcomeUnknown, ProviderAnswer
from domain.money import Money
from domain.transitions import PaymentOutcome
from infra.payments.stripe_answers import INTENT_DETAILS, answer_of_intent, decline_of
from infra.payments.stripe_errors import code_of, is_replayed, translated
from infra.payments.stripe_lookup import StripeLookup
from infra.payments.stripe_requests import is_repeated, legal_minor, stamps_of, under_key

UNEXPECTED_STATE = "payment_intent_unexpected_state"
"""Stripe's code when an intent is not, or no longer, where a request needs it to be."""
_CLAIM = {"amount": 1_000, "currency": "eur"}
"""What a claimed key is used for: any legal amount, because nothing is ever charged."""
_HOLDER_WANTED = "authentication_required"
"""Why a bank declines a customer who is away and whom it wants to ask."""


class StripePaying:
    """Makes payment intents and ends them.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """

    def __init__(self, client: stripe.StripeClient, lookup: StripeLookup) -> None:
        self._v1 = client.v1
        self._lookup = lookup

    async def pay(
        self,
        operation: Operation,
        amount: Money,
        method: str,
        capture: Literal["automatic", "manual"],
        *,
        off_session: bool,
    ) -> ProviderAnswer:
        """Charge or authorise; an answer that was only repeated is read anew."""
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
        return answer_of_intent(await self.settled(intent))

    async def settled(self, intent: stripe.PaymentIntent) -> stripe.PaymentIntent:
        """Ask a customer who was away to come back, or cancel what was declined.

        A customer could still pay a declined intent after we have given it up.
        """
        if intent.status != "requires_payment_method" or not decline_of(intent):
            return intent
        if decline_of(intent) == _HOLDER_WANTED and (asked := await self._asked(intent)):
            return asked
        return await self.canceled(intent)

    async def canceled(self, intent: stripe.PaymentIntent) -> stripe.PaymentIntent:
        """Cancel an intent, unless it has succeeded; return how it stands then."""
        params: Any = {"expand": INTENT_DETAILS}
        try:
            return await self._v1.payment_intents.cancel_async(intent.id, params)
        except stripe.StripeError as error:
            if code_of(error) != UNEXPECTED_STATE:
                raise translated(error) from None
        now = await self._lookup.intent_by_id(intent.id)
        if now.status not in ("canceled", "succeeded"):
            raise OutcomeUnknown(f"The payment is {now.status}: it cannot be canceled yet.")
        return now

    async def claimed(self, source: Operation) -> stripe.PaymentIntent | None:
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

    async def _declined(self, declined: stripe.CardError) -> ProviderAnswer:
        made = declined.error.payment_intent if declined.error is not None else None
        if made is None:
            return ProviderAnswer(PaymentOutcome.DECLINED, "", code_of(declined))
        intent = await self._lookup.intent_by_id(made.id)
        return answer_of_intent(await self.settled(intent))

    async def _asked(self, intent: stripe.PaymentIntent) -> stripe.PaymentIntent | None:
        """Confirm an intent anew with its customer present; none when the bank declines again."""
        error = intent.last_payment_error
        method = getattr(error, "payment_method", None) if error is not None else None
        if method is None:
            return None
        params: Any = {"payment_method": method.id, "expand": INTENT_DETAILS}
        options: stripe.RequestOptions = {"idempotency_key": f"{intent.id}:on_session"}
        try:
            asked = await self._v1.payment_intents.confirm_async(intent.id, params, options)
        except stripe.CardError:
            return None
        except stripe.StripeError as error_now:
            raise translated(error_now) from None
        if is_repeated(asked):
            asked = await self._lookup.intent_by_id(asked.id)
        return None if asked.status == "requires_payment_method" else asked
