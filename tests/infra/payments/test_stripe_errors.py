"""What each failure of Stripe means: to be tried again, final, or unknown."""

from __future__ import annotations

import pytest
import stripe

from activities.payment_ports import (
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from infra.payments.stripe_client import stripe_client
from infra.payments.stripe_provider import StripeProvider
from tests.infra.payments.conformance.contract import CHARGED, charge_of, new_delivery
from tests.infra.payments.conftest import Stripe
from tests.stripe_stand_in import EVERY_GET, Fault

POST = "POST /v1/payment_intents"


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Fault.DROP_BEFORE, OutcomeUnknown),
        (Fault.DROP_AFTER, OutcomeUnknown),
        (Fault.CONFLICT, OutcomeUnknown),
        (Fault.RATE_LIMIT, ProviderUnavailable),
        (Fault.LOCK_TIMEOUT, ProviderUnavailable),
        (Fault.CACHED_500, OutcomeUnknown),
        (Fault.CACHED_500_AFTER, OutcomeUnknown),
    ],
)
async def test_a_fault_has_one_meaning_and_names_no_token(
    at_stripe: Stripe, fault: Fault, meaning: type[Exception]
) -> None:
    at_stripe.stand_in.faults.put(POST, fault)
    with pytest.raises(meaning) as failure:
        await at_stripe.provider.charge(charge_of(new_delivery()), CHARGED, "pm_card_visa")
    assert "pm_card_visa" not in str(failure.value)
    assert failure.value.__suppress_context__
    assert not getattr(failure.value, "key_spent", False)
    assert len(at_stripe.stand_in.requests) == 1


async def test_a_server_that_is_not_there_has_done_nothing(http: stripe.HTTPXClient) -> None:
    nowhere = stripe_client("sk_test_nobody", api_url="http://127.0.0.1:1", http_client=http)
    with pytest.raises(ProviderUnavailable):
        await StripeProvider(nowhere).charge(charge_of(new_delivery()), CHARGED, "pm_card_visa")


async def test_a_lost_reading_is_told_as_such(at_stripe: Stripe) -> None:
    charge = charge_of(new_delivery())
    at_stripe.stand_in.faults.put(EVERY_GET, Fault.DROP_BEFORE)
    with pytest.raises(OutcomeUnknown):
        await at_stripe.provider.find(charge)


async def test_a_key_that_stripe_does_not_know_is_refused(
    at_stripe: Stripe, http: stripe.HTTPXClient
) -> None:
    wrong = stripe_client("wrong", api_url=at_stripe.stand_in.url, http_client=http)
    with pytest.raises(ProviderRefused, match="401"):
        await StripeProvider(wrong).charge(charge_of(new_delivery()), CHARGED, "pm_card_visa")


async def test_a_refusal_that_is_only_repeated_is_told_apart(at_stripe: Stripe) -> None:
    charge = charge_of(new_delivery())
    for is_old in (False, True):
        with pytest.raises(ProviderRefused) as refused:
            await at_stripe.provider.charge(charge, CHARGED, "pm_of_nobody")
        assert refused.value.key_spent is is_old
        assert refused.value.code == "resource_missing"
