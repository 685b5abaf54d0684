"""A payment that is only reserved: the pickup takes it, or the parcel stays where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.payments.sandbox import SandboxProvider
from tests.api.client import code_of
from tests.api.story import Cast, Story, done


async def reserved(story: Story) -> Cast:
    deliver_by = datetime.now(UTC) + timedelta(days=4)
    cast = await story.paid(deliver_by=deliver_by.isoformat())
    assert (await cast.until("awaiting_pickup"))["held_payment"]["status"] == "authorised"
    return cast


async def pickup_code(cast: Cast) -> str:
    return str(done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"])


async def test_the_pickup_takes_what_was_reserved(story: Story) -> None:
    cast = await reserved(story)
    scan = {"code": await pickup_code(cast)}
    picked_up = done(await cast.traveler.post(f"{cast.path}/pickup", scan))
    assert (picked_up["status"], picked_up["held_payment"]["status"]) == ("in_transit", "held")


async def test_a_reservation_that_has_died_keeps_the_parcel_with_its_sender(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await reserved(story)
    await SandboxProvider(engine).lapse(f"{cast.delivery_id}:authorise:1")
    old_code = await pickup_code(cast)
    refused = await cast.traveler.post(f"{cast.path}/pickup", {"code": old_code}, key="scan")
    assert (refused.status_code, code_of(refused)) == (409, "payment_not_captured")
    again = await cast.traveler.post(f"{cast.path}/pickup", {"code": old_code}, key="scan")
    assert (again.status_code, code_of(again)) == (409, "payment_not_captured")
    assert (await cast.until("payment_due"))["deadline"]["kind"] == "payment"
    method = {"payment_method": "pm_sandbox_ok"}
    done(await cast.customer.post(f"{cast.path}/payment-method", method))
    await cast.until("awaiting_pickup")
    stale = await cast.traveler.post(f"{cast.path}/pickup", {"code": old_code})
    assert (stale.status_code, code_of(stale)) == (422, "code_wrong")
    scan = {"code": await pickup_code(cast)}
    assert done(await cast.traveler.post(f"{cast.path}/pickup", scan))["status"] == "in_transit"


async def test_a_far_delivery_is_scheduled_and_can_be_cancelled_free_of_charge(
    story: Story,
) -> None:
    deliver_by = datetime.now(UTC) + timedelta(days=100)
    cast = await story.offered(deliver_by=deliver_by.isoformat())
    accept = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    done(await cast.customer.post(f"{cast.path}/offers/{cast.offer_id}/accept", accept))
    scheduled = await cast.until("scheduled")
    assert scheduled["held_payment"]["status"] == "saved"
    assert scheduled["deadline"]["kind"] == "charge"
    assert scheduled["deadline"]["owner"] == "platform"
    cancelled = done(await cast.customer.post(f"{cast.path}/cancel"))
    assert (cancelled["status"], cancelled["held_payment"]["status"]) == ("cancelled", "none")
