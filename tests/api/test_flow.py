"""Deliveries through the API from their request to each of their endings."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import parcel
from infra.encryption.fields import is_sealed
from infra.encryption.parcels import SEALED_COLUMNS
from tests.api.client import code_of
from tests.api.story import NEW_DELIVERY, Story, done


async def test_a_delivery_goes_from_request_to_payout(story: Story) -> None:
    cast = await story.delivered()
    due = done(await cast.customer.get(f"{cast.path}/deadlines"))["deadlines"]
    assert [(clock["kind"], clock["owner"]) for clock in due] == [("inspection", "customer")]
    assert due[0]["due_at"].endswith("Z")
    assert due[0]["money_effect"]
    done(await cast.customer.post(f"{cast.path}/confirm"))
    delivery = await cast.until("completed")
    assert delivery["held_payment"] == {
        "status": "released",
        "amount": {"amount_minor": 4200, "currency": "EUR", "display": "EUR 42.00"},
    }
    assert (delivery["is_closed"], delivery["deadline"]) == (True, None)
    assert done(await cast.customer.get(f"{cast.path}/deadlines")) == {"deadlines": []}
    timeline = done(await cast.customer.get(f"{cast.path}/timeline"))["items"]
    assert [event["kind"] for event in timeline] == [
        "request_opened",
        "offer_submitted",
        "offer_accepted",
        "payment_held",
        "picked_up",
        "handed_over",
        "release_started",
        "released",
        "paid_out",
    ]
    ledger = done(await cast.traveler.get(f"{cast.path}/ledger"))
    left = {item["account"]: item["amount"]["display"] for item in ledger["balances"]}
    assert left["fee_revenue"] == "EUR 4.20"
    assert left[f"escrow:{cast.delivery_id}"] == "EUR 0.00"


async def test_opening_answers_with_everything_about_the_request(story: Story) -> None:
    customer = await story.person("customer")
    answer = await customer.post("/v1/deliveries", NEW_DELIVERY)
    view = done(answer)
    assert answer.headers["location"] == f"/v1/deliveries/{view['delivery_id']}"
    assert (view["status"], view["your_roles"]) == ("requested", ["customer", "sender"])
    assert view["pickup"]["address"] == NEW_DELIVERY["pickup"]["address"]
    assert view["suggested_price"]["amount_minor"] > 0
    assert view["deadline"]["kind"] == "request"
    assert done(await customer.get(answer.headers["location"])) == view


async def test_a_request_of_no_use_after_pickup_by_expires_then(story: Story) -> None:
    customer = await story.person("customer")
    soon = "2026-12-01T00:00:00Z"
    view = done(await customer.post("/v1/deliveries", {**NEW_DELIVERY, "pickup_by": soon}))
    assert view["request_expires_at"] <= "2026-12-01T00:00:00.000Z"
    assert view["pickup_by"] == "2026-12-01T00:00:00.000Z"


async def test_cancelling_before_pickup_gives_the_money_back(story: Story) -> None:
    cast = await story.paid()
    done(await cast.customer.post(f"{cast.path}/cancel"))
    delivery = await cast.until("cancelled")
    assert delivery["held_payment"]["status"] == "refunded"
    answer = await cast.customer.post(f"{cast.path}/confirm")
    assert (answer.status_code, code_of(answer)) == (409, "delivery_closed")
    assert answer.json()["current_status"] == "cancelled"


async def test_cancelling_after_pickup_is_too_late(story: Story) -> None:
    cast = await story.picked_up()
    for person in (cast.customer, cast.traveler):
        answer = await person.post(f"{cast.path}/cancel")
        assert (answer.status_code, code_of(answer)) == (409, "cancel_too_late")
        assert answer.json()["current_status"] == "in_transit"


async def test_a_declined_payment_stays_open_to_another_method(story: Story) -> None:
    cast = await story.paid("pm_sandbox_declined")
    assert done(await cast.customer.get(cast.path))["status"] == "payment_due"
    method = {"payment_method": "pm_sandbox_ok"}
    done(await cast.customer.post(f"{cast.path}/payment-method", method))
    await cast.until("awaiting_pickup")
    answer = await cast.customer.post(f"{cast.path}/payment-method", method)
    assert (answer.status_code, code_of(answer)) == (409, "wrong_state")


async def test_a_price_is_agreed_by_both_sides(story: Story) -> None:
    cast = await story.offered()
    mine = f"{cast.path}/offers/{cast.offer_id}"
    countered = done(await cast.customer.post(f"{mine}/counter", {"price_minor": 3900}))
    assert (countered["proposed_by"], countered["awaits"]) == ("customer", "traveler")
    accept = {"payment_method": "pm_sandbox_ok", "price_minor": 3900}
    answer = await cast.customer.post(f"{mine}/accept", accept)
    assert (answer.status_code, code_of(answer)) == (409, "offer_awaits_other_side")
    done(await cast.traveler.post(f"{mine}/counter", {"price_minor": 4000}))
    seen = {**accept, "price_minor": 4200}
    answer = await cast.customer.post(f"{mine}/accept", seen)
    assert (answer.status_code, code_of(answer)) == (409, "offer_price_changed")
    answer = await cast.traveler.post(f"{mine}/accept", accept)
    assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    agreed = done(await cast.customer.post(f"{mine}/accept", {**accept, "price_minor": 4000}))
    assert (agreed["status"], agreed["price"]["display"]) == ("accepted", "EUR 40.00")


async def test_an_offer_taken_back_cannot_be_accepted(story: Story) -> None:
    cast = await story.offered()
    mine = f"{cast.path}/offers/{cast.offer_id}"
    assert done(await cast.traveler.post(f"{mine}/withdraw"))["status"] == "withdrawn"
    accept = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    answer = await cast.customer.post(f"{mine}/accept", accept)
    assert (answer.status_code, code_of(answer)) == (409, "offer_closed")


async def test_one_open_offer_per_traveler_at_a_sound_price(story: Story) -> None:
    cast = await story.offered()
    answer = await cast.traveler.post(f"{cast.path}/offers", {"price_minor": 4100})
    assert (answer.status_code, code_of(answer)) == (409, "offer_already_made")
    rival = await story.traveler()
    answer = await rival.post(f"{cast.path}/offers", {"price_minor": 1})
    assert (answer.status_code, code_of(answer)) == (422, "price_out_of_range")


async def test_a_parked_step_is_found_and_resolved_by_staff(story: Story) -> None:
    cast = await story.delivered(payout_account="acct_sandbox_x_payout_refused")
    answer = await cast.agent.post(f"{cast.path}/resolve", {"action": "retry"})
    assert (answer.status_code, code_of(answer)) == (409, "nothing_needs_attention")
    done(await cast.customer.post(f"{cast.path}/confirm"))
    parked = await cast.until_parked()
    assert parked["status"] == "paying_out"
    listed = done(await cast.agent.get("/v1/deliveries", scope="attention"))["items"]
    assert cast.delivery_id in [item["delivery_id"] for item in listed]
    for person in (cast.customer, cast.traveler):
        refused = await person.get("/v1/deliveries", scope="attention")
        assert (refused.status_code, code_of(refused)) == (403, "not_your_role")
    nameless = await cast.agent.post(f"{cast.path}/resolve", {"action": "done_by_hand"})
    assert nameless.status_code == 409
    skipped = {"action": "skip", "reason": "The traveler is paid next month."}
    done(await cast.agent.post(f"{cast.path}/resolve", skipped))
    await cast.until("completed")


async def test_money_without_small_units_is_shown_as_people_write_it(story: Story) -> None:
    customer = await story.person("customer")
    for currency, display in (("JPY", "JPY 900"), ("KWD", "KWD 0.900")):
        body = {**NEW_DELIVERY, "currency": currency, "declared_value_minor": 900}
        opened = done(await customer.post("/v1/deliveries", body))
        assert opened["declared_value"]["display"] == display


async def test_the_database_keeps_addresses_and_contacts_encrypted(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.requested()
    seen = done(await cast.customer.get(cast.path))
    asked = select(parcel).where(parcel.c.delivery_id == cast.delivery_id)
    async with engine.connect() as connection:
        kept = (await connection.execute(asked)).one()._asdict()
    assert all(is_sealed(kept[name]) for name in SEALED_COLUMNS if kept[name] is not None)
    assert seen["pickup"]["address"] == NEW_DELIVERY["pickup"]["address"]
    assert seen["recipient"]["name"] == "Mara"
