"""One delivery through the API, from its request to the payout, and its other endings."""

from __future__ import annotations

from tests.api.story import Story, done


async def test_a_delivery_goes_from_request_to_payout(story: Story) -> None:
    cast = await story.delivered()
    confirmed = done(await cast.customer.post(f"{cast.path}/confirm"))
    assert confirmed["status"] in ("releasing", "delivered", "paying_out", "completed")
    delivery = await cast.until("completed")
    assert delivery["held_payment"]["status"] == "released"
    assert delivery["is_closed"] is True
    timeline = done(await cast.customer.get(f"{cast.path}/timeline"))
    print([event["kind"] for event in timeline["items"]])
    ledger = done(await cast.traveler.get(f"{cast.path}/ledger"))
    print(ledger)
