"""The stand-in as a process of its own."""

from __future__ import annotations

import asyncio
import sys

import stripe

from tests.stripe_stand_in.sdk import ContentClient


async def test_it_serves_on_its_own_and_travelers_onboard_themselves(
    http: ContentClient,
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.stripe_stand_in", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        url, key, _secret = (await process.stdout.readline()).decode().split()
        client = stripe.StripeClient(key, base_addresses={"api": url}, http_client=http)
        account = await client.v1.accounts.create_async(
            {"type": "express", "capabilities": {"transfers": {"requested": True}}}
        )
        await client.v1.account_links.create_async(
            {
                "account": account.id,
                "type": "account_onboarding",
                "refresh_url": "https://sendalong.example/again",
                "return_url": "https://sendalong.example/done",
            }
        )
        ready = await client.v1.accounts.retrieve_async(account.id)
        assert ready.payouts_enabled
    finally:
        process.terminate()
        await process.wait()
