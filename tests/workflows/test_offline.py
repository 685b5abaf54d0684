"""A scan that was made without network is taken at its sync, also after an agent has looked at it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.contracts import CodePurpose, ScanCode, Standing
from domain.handover.codes import digest_of
from domain.status import DeliveryStatus
from infra.database.schema import event
from infra.identifiers import new_id
from tests.workflows.holding import hold, resume
from tests.workflows.play import HANDOVER_KEY, Play, refusal_of
from tests.workflows.test_hold import shown

DAY = timedelta(days=1)


async def claim(play: Play, at: datetime, purpose: CodePurpose = CodePurpose.HANDOVER) -> Standing:
    """Take the scan of the traveler that an agent has accepted."""
    code = await play.shown(purpose)
    digest = digest_of(HANDOVER_KEY, play.order.delivery_id, purpose, code)
    by = replace(play.traveler, acted_by=play.agent.person_id)
    command = ScanCode(by, purpose, digest, is_pin=False, claim_id=new_id(), claimed_at=at)
    return await play.send("scan", command)


async def said(play: Play, kind: str) -> dict[str, Any]:
    own = (event.c.delivery_id == play.order.delivery_id, event.c.kind == kind)
    (row,) = await play.read(select(event.c.body).where(*own))
    body: dict[str, Any] = json.loads(row.body)
    return body


async def test_the_window_begins_when_a_claim_is_accepted_not_when_it_was_made(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    claimed_at = (await play.standing())["updated_at"]
    await hold(play)
    await play.pass_time(DAY)
    standing = await claim(play, claimed_at)
    assert standing.status == DeliveryStatus.DELIVERED
    body = await said(play, "handed_over")
    assert body["facts"]["method"] == "offline"
    assert body["facts"]["claimed_at"] == claimed_at.isoformat()
    assert body["actor"]["acted_by"] == play.agent.person_id
    await resume(play)
    after = await shown(play, "inspection")
    window = timedelta(seconds=play.order.policies.windows.inspection_s)
    assert after["deadline_at"] - claimed_at >= DAY + window
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_pickup_on_hold_is_taken_once_the_delivery_goes_on(play: Play) -> None:
    await play.held()
    claimed_at = (await play.standing())["updated_at"]
    await hold(play)
    assert await refusal_of(claim(play, claimed_at, CodePurpose.PICKUP)) == "on_hold"
    await resume(play)
    standing = await claim(play, claimed_at, CodePurpose.PICKUP)
    assert standing.status == DeliveryStatus.IN_TRANSIT
