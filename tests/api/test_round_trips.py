"""No change costs more round trips to the database than it has to."""

from __future__ import annotations

import re

from fastapi import FastAPI

from infra.chargebacks.starting import ChargebackStarts
from infra.payments.sandbox_network import SandboxCardNetwork
from tests.api.client import changing_paths, code_of
from tests.api.counting import OF_A_SCAN_MAX, ROUND_TRIPS_MAX, Counter
from tests.api.dispute_steps import play_ladder
from tests.api.story import NEW_DELIVERY, Cast, Story, done
from tests.api.test_bulk_holds import play_bulk_hold
from tests.api.test_chargebacks import disputed, shown
from tests.api.test_extra_costs import play_extra_costs
from tests.api.test_holds import play_hold
from tests.api.test_no_show import play_leaving
from tests.api.test_offline_decisions import play_offline
from tests.api.test_positions import on_the_way
from tests.api.test_proofs import play_proofs
from tests.api.test_relays import play_relay
from tests.api.test_reviews import play_reviews
from tests.api.test_undoing import play_undo
from tests.api.undelivered import play_undelivered
from tests.waiting import until

SELDOM = {
    # A deal and each scan are scored, and the score is kept, that of a scan together with its attempt.
    "/v1/deliveries/*/offers/*/accept": 4,
    "/v1/deliveries/*/handover": OF_A_SCAN_MAX,
    "/v1/deliveries/*/pickup": OF_A_SCAN_MAX,
    "/v1/deliveries/*/relays/*/scan": OF_A_SCAN_MAX,
    "/v1/deliveries/*/return": OF_A_SCAN_MAX,
    "/v1/deliveries/*/relays": 3,
    # Claims are kept, weighed, scored and written one by one, by whoever comes back to a network.
    "/v1/deliveries/*/offline-manifest": 5,
    "/v1/deliveries/*/offline-claims": 16,
    "/v1/offline-claims/*/decision": 11,
    # Proofs are encrypted with the key of whoever adds them, which is found first.
    "/v1/deliveries/*/proofs": 5,
    "/v1/deliveries/*/label": 3,
    "/v1/deliveries/*/reviews": 4,
    # What is said in a dispute is encrypted with the key of whoever says it, which is found first.
    "/v1/disputes/*/evidence": 3,
    "/v1/disputes/*/messages": 3,
    "/v1/disputes/*/replies": 3,
    "/v1/reviews/*/hide": 4,
    "/v1/reviews/*/report": 5,
}
"""What is done once in the life of a delivery, or never: the round trips that it may take."""
OTHER_PLAYS = (
    play_undelivered,
    play_leaving,
    play_hold,
    play_bulk_hold,
    play_relay,
    play_offline,
    play_proofs,
    play_extra_costs,
    play_reviews,
    play_undo,
)
"""What else is played so that every changing route is counted; each stands with its own tests."""


async def test_no_change_takes_more_than_two_round_trips(
    story: Story, app: FastAPI, network: SandboxCardNetwork, starts: ChargebackStarts
) -> None:
    counter = Counter(app)
    charged_back = await story.delivered()
    await disputed(charged_back, network, starts)
    agent = charged_back.agent
    path = f"/v1/chargebacks/{(await shown(charged_back, agent))['chargeback_id']}"
    await counter.post(agent, f"{path}/bearer", {"bearer": "customer"})
    await counter.post(agent, f"{path}/evidence")
    stuck = await counter.attempt(agent, f"{path}/resolve", {"action": "retry"})
    assert code_of(stuck) == "nothing_needs_attention"
    await play_to_verdict(await story.requested(), counter)
    await play_ladder(story, app, counter.post)
    await play_to_resolution(await story.requested("acct_sandbox_x_refused"), counter)
    await play_to_correction(await story.delivered(method="pm_sandbox_ok_refund_refused"), counter)
    for play in OTHER_PLAYS:
        await play(story, counter)
    customer = await story.person("customer")
    opened = await counter.post(customer, "/v1/deliveries", NEW_DELIVERY)
    await counter.post(customer, f"/v1/deliveries/{opened['delivery_id']}/cancel")
    back = {"return_url": "https://app.example/", "refresh_url": "https://app.example/again"}
    newcomer = await story.person("traveler")
    await counter.post(newcomer, "/v1/me/payout-account", {"country": "DE", **back})
    slow = {path: count for path, count in counter.counts.items() if count > ROUND_TRIPS_MAX}
    assert slow == SELDOM
    # What plays in the sandbox may take its time, and so may what is done once in a while.
    others = (
        "/v1/sandbox/",
        "/v1/me/second-factors",
        "/v1/me/devices",
        "/v1/me/step-ups",
        "/v1/me/passkeys",
        "/v1/me/identities",
        "/v1/me/api-keys",
        "/v1/me/exports",
        "/v1/me/erasure",
        "/v1/people/",
        "/v1/overrides/",
        "/v1/links/",
        "/v1/deliveries/{delivery_id}/overrides",
        "/v1/deliveries/{delivery_id}/sos",
        # Above the standard level each side takes a minute for its passkey.
        "/v1/deliveries/{delivery_id}/codes/",
        "/v1/deliveries/{delivery_id}/presences/",
    )
    changing = [path for path in changing_paths(app) if not path.startswith(others)]
    assert set(counter.counts) == {re.sub(r"\{\w+\}", "*", path) for path in changing}


async def play_to_verdict(cast: Cast, counter: Counter) -> None:
    offers = f"{cast.path}/offers"
    first = await counter.post(cast.traveler, offers, {"price_minor": 4300})
    await counter.post(cast.traveler, f"{offers}/{first['offer_id']}/withdraw")
    offer = await counter.post(cast.traveler, offers, {"price_minor": 4300})
    mine = f"{offers}/{offer['offer_id']}"
    await counter.post(cast.customer, f"{mine}/counter", {"price_minor": 4000})
    await counter.post(cast.traveler, f"{mine}/counter", {"price_minor": 4100})
    declined = {"payment_method": "pm_sandbox_declined", "price_minor": 4100}
    await counter.post(cast.customer, f"{mine}/accept", declined)
    await cast.until("payment_due")
    method = {"payment_method": "pm_sandbox_ok"}
    await counter.post(cast.customer, f"{cast.path}/payment-method", method)
    await carry(cast, counter)
    reason = {"reason": "damaged"}
    opened = await counter.post(cast.customer, f"{cast.path}/dispute", reason)
    dispute = f"/v1/disputes/{opened['dispute_id']}"
    proof = {"kind": "photo", "description": "Broken."}
    await counter.post(cast.customer, f"{dispute}/evidence", proof)
    await counter.post(cast.traveler, f"{dispute}/messages", {"text": "No."})
    await counter.post(cast.agent, f"{dispute}/verdict", {"outcome": "release"})


async def play_to_correction(cast: Cast, counter: Counter) -> None:
    await counter.post(cast.customer, f"{cast.path}/confirm")
    await cast.until("completed")
    refund = {"kind": "goodwill_refund", "amount_minor": 100, "bearer": "platform"}
    ordered = await counter.post(cast.agent, f"{cast.path}/corrections", refund)
    correction = f"/v1/corrections/{ordered['correction_id']}"

    async def is_parked() -> bool:
        return bool(done(await cast.agent.get(correction))["status"] == "parked")

    await until(is_parked)
    (item,) = done(await cast.agent.get("/v1/attention", delivery_id=cast.delivery_id))["items"]
    await counter.post(cast.agent, f"/v1/attention/{item['item_id']}/settle", {"remark": "Seen."})
    await counter.post(cast.agent, f"{correction}/resolve", {"action": "skip"})


async def play_to_resolution(cast: Cast, counter: Counter) -> None:
    offer = await counter.post(cast.traveler, f"{cast.path}/offers", {"price_minor": 4300})
    accept = f"{cast.path}/offers/{offer['offer_id']}/accept"
    paid = {"payment_method": "pm_sandbox_ok", "price_minor": 4300}
    await counter.post(cast.customer, accept, paid)
    await carry(cast, counter)
    await counter.post(cast.customer, f"{cast.path}/confirm")
    await cast.until_parked()
    by_hand = {"action": "done_by_hand", "reference": "tr_1", "reason": "Sent by bank."}
    resolved = await counter.post(cast.agent, f"{cast.path}/resolve", by_hand)
    assert resolved["delivery_id"] == cast.delivery_id


async def carry(cast: Cast, counter: Counter) -> None:
    await cast.until("awaiting_pickup")
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    await counter.post(cast.traveler, f"{cast.path}/pickup", {"code": code})
    batch = {"positions": on_the_way(200)}
    await counter.post(cast.traveler, f"{cast.path}/positions", batch)
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    await counter.post(cast.traveler, f"{cast.path}/handover", {"code": code})
