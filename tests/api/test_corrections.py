"""Corrections over REST: staff correct, the customer tips, everybody sees what concerns them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from infra.database.attention import DatabaseAttention
from infra.payments.sandbox import SandboxProvider
from infra.webhooks.surprises import UndoingStarts
from tests.api.client import Person, code_of
from tests.api.story import NEW_DELIVERY, Cast, Story, done
from tests.waiting import until

GOODWILL = {"kind": "goodwill_refund", "amount_minor": 1000, "bearer": "platform"}
ENDS = ("done", "declined", "given_up")
TIP = {"kind": "tip", "amount_minor": 500, "payment_method": "pm_sandbox_ok"}


async def completed(story: Story, **changes: Any) -> Cast:
    """Return a delivery that is closed, its traveler paid out."""
    cast = await story.delivered(**changes)
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")
    return cast


async def over(person: Person, correction_id: str, *statuses: str) -> dict[str, Any]:
    """Look at a correction until it has one of the statuses."""
    path, wanted = f"/v1/corrections/{correction_id}", statuses or ENDS

    async def is_there() -> bool:
        return done(await person.get(path))["status"] in wanted

    await until(is_there)
    return done(await person.get(path))


async def test_an_agent_refunds_as_goodwill_and_all_can_follow_it(story: Story) -> None:
    cast = await completed(story)
    answer = await cast.agent.post(
        f"{cast.path}/corrections", {**GOODWILL, "note": "It came a week late."}
    )
    ordered = done(answer)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/corrections/{ordered['correction_id']}"
    assert ordered["amount"] == {"amount_minor": 1000, "currency": "EUR", "display": "EUR 10.00"}
    seen = await over(cast.agent, ordered["correction_id"])
    assert (seen["status"], seen["bearer"], seen["deadline"]) == ("done", "platform", None)
    assert seen["closed_at"]
    mine = done(await cast.customer.get(f"{cast.path}/corrections"))["items"]
    assert [(item["status"], item["bearer"], item["note"]) for item in mine] == [("done", None, "")]
    assert done(await cast.traveler.get(f"{cast.path}/corrections"))["items"] == []
    assert done(await cast.recipient.get(f"{cast.path}/corrections"))["items"] == []
    for person in (cast.traveler, cast.recipient):
        hidden = await person.get(f"/v1/corrections/{ordered['correction_id']}")
        assert (hidden.status_code, code_of(hidden)) == (404, "not_found")


async def test_what_was_moved_is_in_timeline_ledger_and_statement_of_those_it_concerns(
    story: Story,
) -> None:
    cast = await completed(story)
    order = {**GOODWILL, "bearer": "traveler", "note": "The lid was open."}
    ordered = done(await cast.agent.post(f"{cast.path}/corrections", order))
    await over(cast.agent, ordered["correction_id"])

    async def kinds(person: Person) -> list[str]:
        items = done(await person.get(f"{cast.path}/timeline", limit=100))["items"]
        assert not any("note" in item["facts"] for item in items) or person is cast.agent
        return [item["kind"] for item in items]

    assert (await kinds(cast.agent))[-2:] == ["correction_ordered", "goodwill_refunded"]
    assert (await kinds(cast.customer))[-1] == "goodwill_refunded"
    assert (await kinds(cast.traveler))[-1] == "goodwill_refunded"
    assert (await kinds(cast.recipient))[-1] == "paid_out"
    own = done(await cast.traveler.get("/v1/statements/me"))["items"]
    assert [line["booking"] for line in own if line["account"] == "traveler_dues"] == ["refund"]
    ledger = done(await cast.agent.get(f"{cast.path}/ledger"))
    assert ledger["transactions"][-1]["bearer"] == "traveler"


async def test_the_customer_tips_and_the_traveler_learns_of_it_when_it_is_there(
    story: Story,
) -> None:
    cast = await completed(story)
    declined = {**TIP, "payment_method": "pm_sandbox_declined"}
    first = done(await cast.customer.post(f"{cast.path}/corrections", declined))
    seen = await over(cast.customer, first["correction_id"])
    assert (seen["status"], seen["problem"]) == ("declined", "card_declined")
    assert done(await cast.traveler.get(f"{cast.path}/corrections"))["items"] == []
    second = done(await cast.customer.post(f"{cast.path}/corrections", TIP))
    await over(cast.customer, second["correction_id"])
    (seen,) = done(await cast.traveler.get(f"{cast.path}/corrections"))["items"]
    assert (seen["kind"], seen["amount"]["amount_minor"]) == ("tip", 500)


async def test_a_tip_that_waits_for_the_bank_has_a_clock_of_its_own(story: Story) -> None:
    cast = await completed(story)
    asked = {**TIP, "payment_method": "pm_sandbox_requires_action"}
    tip = done(await cast.customer.post(f"{cast.path}/corrections", asked))
    seen = await over(cast.customer, tip["correction_id"], "unsettled")
    assert (seen["deadline"]["kind"], seen["deadline"]["owner"]) == ("tip", "customer")
    clocks = done(await cast.customer.get(f"{cast.path}/deadlines"))["deadlines"]
    assert [clock["kind"] for clock in clocks] == ["tip"]
    assert done(await cast.traveler.get(f"{cast.path}/deadlines"))["deadlines"] == []
    action = done(await cast.customer.get(f"{cast.path}/payment-action"))
    assert action["client_secret"]
    assert code_of(await cast.traveler.get(f"{cast.path}/payment-action")) == "not_your_role"


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("customer", GOODWILL, 403, "not_your_role"),
        ("traveler", TIP, 403, "not_your_role"),
        ("agent", TIP, 403, "not_your_role"),
        ("agent", {**GOODWILL, "bearer": "customer"}, 422, "bearer_invalid"),
        ("agent", {**GOODWILL, "bearer": None}, 422, "bearer_invalid"),
        ("agent", {**GOODWILL, "bearer": "nobody"}, 422, "fields_invalid"),
        ("agent", {**GOODWILL, "amount_minor": 4201}, 422, "correction_amount_invalid"),
        ("agent", {**GOODWILL, "amount_minor": 0}, 422, "fields_invalid"),
        ("agent", {**GOODWILL, "amount_minor": -1}, 422, "fields_invalid"),
        ("agent", {**GOODWILL, "amount_minor": 10**30}, 400, "body_malformed"),
        ("agent", {**GOODWILL, "amount_minor": "1"}, 422, "fields_invalid"),
        ("agent", {**GOODWILL, "amount_minor": True}, 422, "fields_invalid"),
        ("agent", {**GOODWILL, "payment_method": "pm_sandbox_ok"}, 422, "fields_invalid"),
        ("agent", {**GOODWILL, "kind": "refund_again"}, 422, "fields_invalid"),
        ("customer", {"kind": "tip", "amount_minor": 100}, 422, "fields_invalid"),
        (
            "agent",
            {"kind": "write_off", "amount_minor": 1, "debtor": "traveler"},
            422,
            "correction_amount_invalid",
        ),
        (
            "agent",
            {"kind": "dues_paid", "amount_minor": 1, "debtor": "traveler"},
            409,
            "wrong_state",
        ),
    ],
)
async def test_what_does_not_fit_is_refused(
    story: Story, who: str, body: dict[str, Any], status: int, code: str
) -> None:
    cast = await completed(story)
    answer = await getattr(cast, who).post(f"{cast.path}/corrections", body)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert done(await cast.agent.get(f"{cast.path}/corrections"))["items"] == []


async def test_an_open_delivery_has_its_own_ways_out_first(story: Story) -> None:
    cast = await story.paid()
    answer = await cast.agent.post(f"{cast.path}/corrections", GOODWILL)
    assert (answer.status_code, code_of(answer)) == (409, "wrong_state")
    assert answer.json()["current_status"] == "awaiting_pickup"


async def test_a_party_corrects_nothing_as_staff(story: Story) -> None:
    both = await story.person("customer", "agent")
    parcel = {**NEW_DELIVERY, "recipient": {"name": "Mara", "phone": "+4915112345678"}}
    own = done(await both.post("/v1/deliveries", parcel))
    path = f"/v1/deliveries/{own['delivery_id']}/corrections"
    answer = await both.post(path, GOODWILL)
    assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    stranger = await story.person("customer")
    assert code_of(await stranger.post(path, GOODWILL)) == "not_found"


async def test_the_same_order_moves_money_once(story: Story) -> None:
    cast = await completed(story)
    path = f"{cast.path}/corrections"
    answers = await asyncio.gather(
        *(cast.agent.post(path, GOODWILL, key="goodwill") for _ in range(4))
    )
    early = [answer for answer in answers if not answer.is_success]
    assert {code_of(answer) for answer in early} <= {"request_in_flight"}
    late = await cast.agent.post(path, GOODWILL, key="goodwill")
    taken = [*(answer for answer in answers if answer.is_success), late]
    made = {done(answer)["correction_id"] for answer in taken}
    assert len(made) == 1
    await over(cast.agent, made.pop())
    ledger = done(await cast.agent.get(f"{cast.path}/ledger"))
    assert [each["kind"] for each in ledger["transactions"]].count("refund") == 1
    other = await cast.agent.post(path, {**GOODWILL, "amount_minor": 2}, key="goodwill")
    assert (other.status_code, code_of(other)) == (422, "idempotency_key_reused")


async def test_pages_of_corrections_are_walked_newest_first(story: Story) -> None:
    cast = await completed(story)
    path = f"{cast.path}/corrections"
    made = [
        done(await cast.agent.post(path, {**GOODWILL, "amount_minor": 100 + number}))
        for number in range(3)
    ]
    first = done(await cast.agent.get(path, limit=2))
    rest = done(await cast.agent.get(path, limit=2, cursor=first["next_cursor"]))
    found = [item["correction_id"] for item in (*first["items"], *rest["items"])]
    assert found == [each["correction_id"] for each in reversed(made)]
    assert rest["next_cursor"] is None
    assert code_of(await cast.agent.get(path, cursor="nonsense")) == "cursor_invalid"


async def test_a_parked_correction_is_resolved_by_staff_alone(story: Story) -> None:
    cast = await completed(story, method="pm_sandbox_ok_refund_refused")
    ordered = done(await cast.agent.post(f"{cast.path}/corrections", GOODWILL))
    parked = await over(cast.agent, ordered["correction_id"], "parked")
    assert (parked["step"], parked["problem"]) == ("refund_goodwill", "provider_refused")
    assert parked["deadline"]["owner"] == "operator"
    path = f"/v1/corrections/{ordered['correction_id']}/resolve"
    refused = await cast.customer.post(path, {"action": "skip"})
    assert (refused.status_code, code_of(refused)) == (403, "not_your_role")
    gone_on = done(await cast.agent.post(path, {"action": "skip", "reason": "The card is gone."}))
    assert gone_on["status"] == "moving"
    assert (await over(cast.agent, ordered["correction_id"]))["status"] == "given_up"
    again = await cast.agent.post(path, {"action": "retry"})
    assert (again.status_code, code_of(again)) == (409, "nothing_needs_attention")


async def test_a_refund_that_came_undone_is_given_again_over_rest(
    story: Story, engine: AsyncEngine, temporal: WorkflowEnvironment
) -> None:
    cast = await story.paid()
    done(await cast.customer.post(f"{cast.path}/cancel"))
    await cast.until("cancelled")
    operation = f"{cast.delivery_id}:refund"
    await SandboxProvider(engine).fail_refund(operation)
    surprises = UndoingStarts(temporal.client, DatabaseAttention(engine))
    await surprises.start_undoing(operation, "re_1")
    listing = f"{cast.path}/corrections"

    async def is_listed() -> bool:
        return bool(done(await cast.agent.get(listing))["items"])

    await until(is_listed)
    (waiting,) = done(await cast.agent.get(listing))["items"]
    assert (waiting["kind"], waiting["status"]) == ("refund_again", "waiting")
    assert waiting["deadline"]["owner"] == "agent"
    path = f"/v1/corrections/{waiting['correction_id']}/resolve"
    assert code_of(await cast.agent.post(path, {"action": "skip"})) == "skip_not_safe"
    assert code_of(await cast.agent.post(path, {"action": "done_by_hand"})) == "wrong_state"
    done(await cast.agent.post(path, {"action": "retry", "reason": "The bank was closed."}))
    seen = await over(cast.customer, waiting["correction_id"])
    assert (seen["status"], seen["ordered_by_role"]) == ("done", "platform")
    last = await cast.agent.post(path, {"action": "retry"})
    assert (last.status_code, code_of(last)) == (409, "nothing_needs_attention")
