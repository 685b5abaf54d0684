"""Connected accounts against the real SDK."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.payments import traveler_account


async def test_onboarding_turns_the_capability_on(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await client.v1.accounts.create_async(
        {
            "type": "express",
            "capabilities": {"transfers": {"requested": True}},
            "business_profile": {"product_description": "Carries parcels"},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        }
    )
    assert account.settings is not None
    assert account.settings.payouts is not None
    assert account.settings.payouts.schedule.interval == "manual"
    assert account.capabilities is not None
    assert account.requirements is not None
    assert account.capabilities.transfers == "inactive"
    assert account.requirements.currently_due

    link = await client.v1.account_links.create_async(
        {
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": "https://sendalong.example/again",
            "return_url": "https://sendalong.example/done",
        }
    )
    stand_in.world.complete_onboarding(account.id)

    assert link.expires_at > link.created
    ready = await client.v1.accounts.retrieve_async(account.id)
    assert ready.capabilities is not None
    assert (ready.capabilities.transfers, ready.payouts_enabled) == ("active", True)
    capability = await client.v1.accounts.capabilities.retrieve_async(account.id, "transfers")
    assert capability.status == "active"
    assert [(event["type"], event["account"]) for event in stand_in.events] == [
        ("capability.updated", account.id),
        ("account.updated", account.id),
    ]


async def test_an_account_can_lose_its_capability(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)

    stand_in.world.restrict_account(account, "individual.verification.document")

    seen = await client.v1.accounts.retrieve_async(account)
    assert seen.requirements is not None
    assert seen.requirements.currently_due == ["individual.verification.document"]
    listed = await client.v1.accounts.capabilities.list_async(account)
    assert [(each.id, each.status) for each in listed] == [("transfers", "inactive")]


async def test_an_account_link_needs_both_addresses(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.account_links.create_async(
            {"account": account, "type": "account_onboarding", "return_url": "https://a.example"}
        )

    assert refused.value.param == "refresh_url"


async def test_an_unknown_account_cannot_be_acted_for(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.PermissionError) as refused:
        await client.v1.balance.retrieve_async(None, {"stripe_account": "acct_missing"})

    assert refused.value.http_status == 403
