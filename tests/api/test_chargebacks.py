"""Chargebacks over REST: who reads what of them, and what staff can do."""

from __future__ import annotations

import asyncio
from typing import Any

from infra.chargebacks.starting import ChargebackStarts
from infra.identifiers import new_id
from infra.payments.sandbox_network import SandboxCardNetwork
from tests.api.client import Person, code_of
from tests.api.story import PATIENCE_S, Cast, Story, done


async def disputed(cast: Cast, network: SandboxCardNetwork, starts: ChargebackStarts) -> str:
    """Let the customer's bank take the payment back; return the id of the dispute."""
    charge_id = f"{cast.delivery_id}:charge:1"
    events = await network.open_chargeback(charge_id)
    await starts.start_chargeback("sandbox", events[0].object_id, charge_id)
    return events[0].object_id


async def shown(cast: Cast, by: Person, status: str = "open") -> dict[str, Any]:
    """Return the chargeback as somebody sees it, once it stands there."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = done(await by.get(f"{cast.path}/chargebacks"))["chargebacks"]
            if found and found[0]["status"] == status and found[0]["amount"]:
                only: dict[str, Any] = found[0]
                return only
            await asyncio.sleep(0.02)


async def test_everybody_sees_what_concerns_them(
    story: Story, network: SandboxCardNetwork, starts: ChargebackStarts
) -> None:
    cast = await story.delivered()
    assert done(await cast.agent.get(f"{cast.path}/chargebacks")) == {"chargebacks": []}
    dispute_id = await disputed(cast, network, starts)
    for person in (cast.customer, cast.traveler, cast.recipient):
        seen = await shown(cast, person)
        assert seen["amount"]["amount_minor"] == 4200
        assert seen["handling"] is None
        assert (seen["taken_back"] is not None) == (person is cast.traveler)
    handling = (await shown(cast, cast.agent))["handling"]
    assert (handling["dispute_id"], handling["reason"]) == (dispute_id, "fraudulent")
    assert handling["withdrawn"]["amount_minor"] == 4200
    assert handling["fee"]["amount_minor"] == 1500
    stranger = await story.person("customer")
    assert code_of(await stranger.get(f"{cast.path}/chargebacks")) == "not_found"


async def test_staff_submit_the_evidence_once(
    story: Story, network: SandboxCardNetwork, starts: ChargebackStarts
) -> None:
    cast = await story.delivered()
    await disputed(cast, network, starts)
    seen = await shown(cast, cast.agent)
    path = f"/v1/chargebacks/{seen['chargeback_id']}"
    for party in (cast.customer, cast.traveler):
        assert code_of(await party.post(f"{path}/evidence", {})) == "not_found"
    submitted = done(await cast.agent.post(f"{path}/evidence", {}))
    assert submitted == {"chargeback_id": seen["chargeback_id"], "status": "open"}
    again = await cast.agent.post(f"{path}/evidence", {})
    assert (again.status_code, code_of(again)) == (409, "wrong_state")
    assert again.json()["current_status"] == "delivered"
    handling = (await shown(cast, cast.agent))["handling"]
    assert handling["evidence_submitted_at"] >= handling["evidence_staged_at"]


async def test_staff_name_who_bears_the_rest_until_it_is_over(
    story: Story, network: SandboxCardNetwork, starts: ChargebackStarts
) -> None:
    cast = await story.delivered()
    dispute_id = await disputed(cast, network, starts)
    path = f"/v1/chargebacks/{(await shown(cast, cast.agent))['chargeback_id']}"
    done(await cast.agent.post(f"{path}/bearer", {"bearer": "customer", "reason": "terms"}))
    await network.decide(dispute_id, won=True)
    await starts.start_chargeback("sandbox", dispute_id, f"{cast.delivery_id}:charge:1")
    over = await shown(cast, cast.customer, "won")
    assert over["decided_at"] is not None
    async with asyncio.timeout(PATIENCE_S):
        late = await cast.agent.post(f"{path}/bearer", {"bearer": "platform"})
    assert (late.status_code, code_of(late)) == (409, "wrong_state")


async def test_nothing_is_resolved_that_is_not_stuck(
    story: Story, network: SandboxCardNetwork, starts: ChargebackStarts
) -> None:
    cast = await story.delivered()
    await disputed(cast, network, starts)
    path = f"/v1/chargebacks/{(await shown(cast, cast.agent))['chargeback_id']}"
    answer = await cast.agent.post(f"{path}/resolve", {"action": "retry"})
    assert code_of(answer) == "nothing_needs_attention"


async def test_there_is_no_chargeback_of_nobody(story: Story) -> None:
    agent = await story.person("agent")
    answer = await agent.post(f"/v1/chargebacks/{new_id()}/evidence", {})
    assert code_of(answer) == "not_found"
