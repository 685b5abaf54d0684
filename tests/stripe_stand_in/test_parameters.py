"""The SDK's types as the law: what the stand-in refuses, and what lands in the list of drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.forms import decode_form
from tests.stripe_stand_in.payments import card_payment
from tests.stripe_stand_in.refusals import StripeRefusal
from tests.stripe_stand_in.sdk import sdk_client

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": "4200.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1e400"}, "parameter_invalid_integer", "amount"),
        ({"amount": True}, "parameter_invalid_integer", "amount"),
        ({"amount": [1]}, None, "amount"),
        ({"confirm": "yes"}, None, "confirm"),
        ({"capture_method": "sometimes"}, None, "capture_method"),
        ({"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
        ({"metadata": {"k" * 41: "v"}}, None, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"transfer_data": {"amount": 1}}, "parameter_missing", "transfer_data[destination]"),
        ({"customer": ""}, "parameter_invalid_empty", "customer"),
        (
            {"payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"expand": ["latest_charge.colour"]}, None, "expand[0]"),
        ({"currency": None}, "parameter_missing", "currency"),
    ],
)
async def test_what_the_sdk_does_not_know_is_refused_and_remembered(
    client: stripe.StripeClient,
    stand_in: StripeStandIn,
    change: dict[str, Any],
    code: str | None,
    param: str,
) -> None:
    params = cast("PaymentIntentCreateParams", {**card_payment(), **change})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.create_async(params)

    assert (refused.value.code, refused.value.param) == (code, param)
    assert len(stand_in.drift) == 1
    assert stand_in.view.objects("payment_intent") == []
    stand_in.drift.clear()


async def test_what_is_not_modelled_is_refused_loudly(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    with pytest.raises(stripe.APIError, match="does not model the parameter shipping") as refused:
        await client.v1.payment_intents.create_async(
            card_payment(shipping={"name": "Ada", "address": {"line1": "Gran Via 1"}})
        )

    assert refused.value.http_status == 501
    assert len(stand_in.drift) == 1
    stand_in.drift.clear()


async def test_an_application_fee_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="application_fee"):
        await client.v1.payment_intents.create_async(card_payment(application_fee_amount=100))


async def test_another_api_version_is_drift(
    stand_in: StripeStandIn, http: stripe.HTTPXClient
) -> None:
    old = stripe.StripeClient(
        "sk_test_x",
        stripe_version="2024-06-20",
        base_addresses={"api": stand_in.url},
        http_client=http,
    )

    with pytest.raises(stripe.InvalidRequestError, match="version"):
        await old.v1.balance.retrieve_async()

    assert len(stand_in.drift) == 1
    stand_in.drift.clear()


@pytest.mark.parametrize("key", ["sk_live_x", "nonsense", "x"])
async def test_only_test_keys_are_accepted(stand_in: StripeStandIn, key: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(
            f"{stand_in.url}/v1/balance", headers={"Authorization": f"Bearer {key}"}
        )

    assert answer.status_code == 401


async def test_an_unknown_address_is_drift(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        await client.v1.products.list_async()

    assert len(stand_in.drift) == 1
    stand_in.drift.clear()


async def test_a_crash_inside_fails_the_test(http: stripe.HTTPXClient) -> None:
    stand_in = StripeStandIn()
    with pytest.raises(RecursionError):
        await _crash(stand_in, http)
    assert stand_in.requests[0].status == 500


async def _crash(stand_in: StripeStandIn, http: stripe.HTTPXClient) -> None:
    async with stand_in:
        stand_in.clock.now = _broken  # type: ignore[method-assign]
        with pytest.raises(stripe.APIError):
            await sdk_client(stand_in, http).v1.balance.retrieve_async()


def _broken() -> int:
    raise RecursionError


def test_nested_forms_are_decoded() -> None:
    text = "a=1&b[c][d]=2&e[0]=x&e[1][f]=y&g[]=p&g[]=q&h=%C3%A9+%26"
    assert decode_form(text) == {
        "a": "1",
        "b": {"c": {"d": "2"}},
        "e": ["x", {"f": "y"}],
        "g": ["p", "q"],
        "h": "é &",
    }
    assert decode_form("") == {}


@pytest.mark.parametrize(
    "text",
    ["a=1&a=2", "a=1&a[b]=2", "a[0]=1&a[2]=2", "a", "a[b=1", "=1", "a=%ff", "a]=1", "a[b]c=1"],
)
def test_broken_forms_are_refused(text: str) -> None:
    with pytest.raises(StripeRefusal):
        decode_form(text)
