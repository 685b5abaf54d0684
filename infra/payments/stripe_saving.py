"""Cards that are saved to be charged later, while their customer is away.

Each is saved with a customer object of its own, which says nothing of the person. Setup intents
cannot be searched for: young ones are listed by age, old ones by the customers that carry our id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import stripe

from activities.payment_ports import Operation, OutcomeUnknown, ProviderAnswer
from domain.transitions import PaymentOutcome
from infra.payments.stripe_answers import decline_text, stamp_of
from infra.payments.stripe_errors import answered, code_of, is_replayed, translated
from infra.payments.stripe_lookup import StripeLookup, pages, stamped
from infra.payments.stripe_requests import is_repeated, stamps_of, under_key

_DETAILS = {"expand": ["payment_method"]}
_UNEXPECTED_STATES = ("setup_intent_unexpected_state", "payment_method_unexpected_state")
_OUTCOMES = {
    "succeeded": PaymentOutcome.SUCCEEDED,
    "processing": PaymentOutcome.PENDING,
    "requires_action": PaymentOutcome.REQUIRES_ACTION,
    "requires_confirmation": PaymentOutcome.REQUIRES_ACTION,
    "requires_payment_method": PaymentOutcome.DECLINED,
    "canceled": PaymentOutcome.DECLINED,
}
_DONE = ProviderAnswer(PaymentOutcome.SUCCEEDED, "")


class StripeSaving:
    """Makes setup intents, finds them, and ends what they made.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """

    def __init__(self, client: stripe.StripeClient, lookup: StripeLookup) -> None:
        self._v1 = client.v1
        self._lookup = lookup

    async def save(self, operation: Operation, method: str) -> ProviderAnswer:
        """Save a payment method; an answer that was only repeated is read anew."""
        params: Any = {
            "customer": await self._customer(operation),
            "payment_method": method,
            "allowed_payment_method_types": ["card"],
            "usage": "off_session",
            "confirm": True,
            "metadata": stamps_of(operation),
            **_DETAILS,
        }
        try:
            made = await self._v1.setup_intents.create_async(params, under_key(operation))
        except stripe.CardError as declined:
            return await self._declined(declined)
        except stripe.StripeError as error:
            raise translated(error) from None
        intent = await self._read(made.id) if is_repeated(made) else made
        return _answer(await self._closed(intent))

    async def find(self, operation: Operation) -> ProviderAnswer | None:
        """Return how a saved method stands now; none when nothing was made."""
        intent = await self.intent(operation)
        return None if intent is None else _answer(await self._closed(intent))

    async def void(self, source: Operation) -> ProviderAnswer:
        """Make sure that a method is not saved, now or later.

        One that was never seen is kept from arriving: its key is used up for a setup intent that is
        canceled at once.
        """
        intent = await self.intent(source) or await self._claimed(source)
        if intent is not None and intent.status not in ("canceled", "succeeded"):
            intent = await self._canceled(intent)
        if intent is not None and intent.status == "succeeded":
            await self._forget(intent)
        return _DONE

    async def find_void(self, source: Operation) -> ProviderAnswer | None:
        """Return that a method is not saved any more; none while it is, or never was."""
        found = await self.find(source)
        is_over = found is not None and found.outcome is PaymentOutcome.DECLINED
        return _DONE if is_over else None

    async def intent(self, operation: Operation) -> stripe.SetupIntent | None:
        """Return the setup intent of an operation, whichever attempt made it."""
        if operation.provider_id:
            return await self._read(operation.provider_id)
        found = [each async for each in self._intents(operation)]
        alive = [each for each in found if each.status != "canceled"]
        best = next(iter([*alive, *found]), None)
        return None if best is None else await self._read(best.id)

    async def _customer(self, operation: Operation) -> str:
        params: Any = {"metadata": stamps_of(operation)}
        options: stripe.RequestOptions = {"idempotency_key": f"{operation.key}:customer"}
        return (await answered(self._v1.customers.create_async(params, options))).id

    async def _read(self, intent_id: str) -> stripe.SetupIntent:
        return await answered(self._v1.setup_intents.retrieve_async(intent_id, _DETAILS))  # type: ignore[arg-type]

    async def _declined(self, declined: stripe.CardError) -> ProviderAnswer:
        made = declined.error.setup_intent if declined.error is not None else None
        if made is None:
            return ProviderAnswer(PaymentOutcome.DECLINED, "", code_of(declined))
        return _answer(await self._closed(await self._read(made.id)))

    async def _closed(self, intent: stripe.SetupIntent) -> stripe.SetupIntent:
        """Cancel a declined intent: its customer could still save what we have given up."""
        is_declined = intent.status == "requires_payment_method" and intent.last_setup_error
        return await self._canceled(intent) if is_declined else intent

    async def _canceled(self, intent: stripe.SetupIntent) -> stripe.SetupIntent:
        try:
            return await self._v1.setup_intents.cancel_async(intent.id, _DETAILS)  # type: ignore[arg-type]
        except stripe.StripeError as error:
            if code_of(error) not in _UNEXPECTED_STATES:
                raise translated(error) from None
        now = await self._read(intent.id)
        if now.status not in ("canceled", "succeeded"):
            raise OutcomeUnknown(f"The saving is {now.status}: it cannot be canceled yet.")
        return now

    async def _forget(self, intent: stripe.SetupIntent) -> None:
        if not _is_attached(intent):
            return
        try:
            await self._v1.payment_methods.detach_async(_method_id(intent))
        except stripe.StripeError as error:
            if code_of(error) not in _UNEXPECTED_STATES:
                raise translated(error) from None

    async def _claimed(self, source: Operation) -> stripe.SetupIntent | None:
        """Use up the key of a saving that is not there; none when that was done before, in vain."""
        params: Any = {"metadata": stamps_of(source), **_DETAILS}
        try:
            return await self._v1.setup_intents.create_async(params, under_key(source))
        except stripe.StripeError as error:
            if not (isinstance(error, stripe.IdempotencyError) or is_replayed(error)):
                raise translated(error) from None
        return await self.intent(source)

    async def _intents(self, operation: Operation) -> AsyncIterator[stripe.SetupIntent]:
        listed = self._v1.setup_intents.list_async
        async for each in pages(listed, created=self._lookup.window(operation)):
            if stamp_of(each.metadata) == operation.operation_id:
                yield each
        if not self._lookup.may_be_indexed(operation):
            return
        customers = await answered(self._v1.customers.search_async(stamped(operation)))
        for customer in customers.data:
            async for each in pages(listed, customer=customer.id):
                if stamp_of(each.metadata) == operation.operation_id:
                    yield each


def _answer(intent: stripe.SetupIntent) -> ProviderAnswer:
    outcome = _OUTCOMES.get(intent.status, PaymentOutcome.PENDING)
    if outcome is PaymentOutcome.SUCCEEDED and not _is_attached(intent):
        # It was saved and has been given up since.
        return ProviderAnswer(PaymentOutcome.DECLINED, intent.id, "canceled")
    if outcome is PaymentOutcome.SUCCEEDED:
        return ProviderAnswer(outcome, intent.id, saved_method=_token(intent))
    return ProviderAnswer(outcome, intent.id, _detail(intent, outcome))


def _detail(intent: stripe.SetupIntent, outcome: PaymentOutcome) -> str:
    if outcome is PaymentOutcome.REQUIRES_ACTION:
        return "authentication_required"
    if outcome is PaymentOutcome.DECLINED:
        return decline_text(intent.last_setup_error) or intent.status
    return ""


def _is_attached(intent: stripe.SetupIntent) -> bool:
    method = intent.payment_method
    return isinstance(method, stripe.PaymentMethod) and method.customer is not None


def _method_id(intent: stripe.SetupIntent) -> str:
    method = intent.payment_method
    return method if isinstance(method, str) else method.id if method is not None else ""


def _token(intent: stripe.SetupIntent) -> str:
    customer = intent.customer
    customer_id = customer if isinstance(customer, str) else customer.id if customer else ""
    return f"{customer_id}/{_method_id(intent)}"
