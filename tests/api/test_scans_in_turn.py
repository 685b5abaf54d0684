"""Scans that wait: in line, or for an approval. What was shown counts as of when it was scanned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.handover_facts import AGAIN_S_MAX
from api.scanning import LINE_S_MAX
from domain.contracts import CodePurpose
from infra.database.schema import code_holding, device, idempotent_request, scan_attempt
from infra.identifiers import new_id
from tests.api.client import code_of
from tests.api.identity.factors import approve, named, next_code, set_up
from tests.api.identity.sessions import signed_in
from tests.api.scans import Meeting, meeting
from tests.api.story import Story, done
from tests.api.test_risk import share_phone
from tests.api.test_risky_scans import code_at, grow_old, scan

AGO_S = 40
"""Two steps of a code: what was shown then counts for nothing now."""
HIGH = ("high", CodePurpose.PICKUP)


def stand_in_line(monkeypatch: pytest.MonkeyPatch, waited_s: float) -> None:
    """Have every scan stand in its line for so long, by the clock of the process."""
    monkeypatch.setattr("api.scanning.monotonic", cycle((0.0, waited_s)).__next__)


def as_before(at: Meeting) -> dict[str, Any]:
    """Return what a scan of two steps ago sends."""
    taken = datetime.now(UTC) - timedelta(seconds=AGO_S)
    position = at.position(taken_at=taken.isoformat())
    return at.body(code=at.shown(steps_ago=2), position=position)


async def test_a_scan_counts_as_of_when_it_came_and_not_when_it_was_its_turn(
    story: Story, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await meeting(engine, await story.paid(), *HIGH)
    assert code_of(await at.scan(as_before(at))) == "code_outdated"
    stand_in_line(monkeypatch, AGO_S)
    done(await at.scan(as_before(at)))


async def test_whoever_waits_for_too_long_comes_again_and_nothing_is_used_up(
    story: Story, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = await story.paid()
    body, key = await code_at(cast), new_id()
    with monkeypatch.context() as patched:
        stand_in_line(patched, LINE_S_MAX)
        async with app.state.services.scans.through(f"{cast.delivery_id}:pickup"):
            answer = await scan(cast, body, key)
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")
    done(await scan(cast, body, key))


async def test_after_a_step_up_the_code_counts_as_of_when_it_was_scanned(
    story: Story, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, grant, body = await proven_again(story, engine)
    mine, late, released = new_id(), new_id(), new_id()
    with monkeypatch.context() as patched:
        stand_in_line(patched, AGO_S)
        for key in (mine, late, released):
            assert code_of(await at.scan(body, key=key)) == "risk_step_up"
    assert code_of(await at.scan(body)) == "code_outdated"
    await came_earlier(engine, late)
    approved = {"Step-Up": grant}
    assert code_of(await at.scan(body, key=late, headers=approved)) == "code_outdated"
    async with engine.begin() as connection:
        own = code_holding.c.delivery_id == at.cast.delivery_id
        held = code_holding.c.secret_nonce
        (nonce,) = (await connection.execute(select(held).where(own))).scalars()
        await connection.execute(update(code_holding).where(own).values(secret_nonce=b"n" * 16))
    assert code_of(await at.scan(body, key=released, headers=approved)) == "code_wrong"
    async with engine.begin() as connection:
        await connection.execute(update(code_holding).where(own).values(secret_nonce=nonce))
    assert done(await at.scan(body, key=mine, headers=approved))["status"] == "in_transit"


async def proven_again(story: Story, engine: AsyncEngine) -> tuple[Meeting, str, dict[str, Any]]:
    """Return a pickup that asks for a step-up, the grant of one, and a scan of two steps ago."""
    cast = await story.paid()
    cast.traveler = await signed_in(engine, cast.traveler)
    at = await meeting(engine, cast, *HIGH)
    app, _ = await set_up(cast.traveler)
    await grow_old(engine, cast.customer, cast.traveler)
    await share_phone(engine, cast, f"phone-{cast.delivery_id}")
    year = datetime.now(UTC) - timedelta(days=365)
    async with engine.begin() as connection:
        own = device.c.person_id == cast.traveler.person_id
        await connection.execute(update(device).where(own).values(activated_at=year))
    answer = {"totp": next_code(app)}
    return at, await approve(cast.traveler, named("POST", at.path), answer), as_before(at)


async def came_earlier(engine: AsyncEngine, key: str) -> None:
    """Let more time have passed since a scan than it may be approved in."""
    made = select(idempotent_request.c.resource_id).where(idempotent_request.c.key == key)
    async with engine.begin() as connection:
        (attempt_id,) = (await connection.execute(made)).scalars()
        own = scan_attempt.c.attempt_id == attempt_id
        ago = scan_attempt.c.attempted_at - timedelta(seconds=AGAIN_S_MAX)
        await connection.execute(update(scan_attempt).where(own).values(attempted_at=ago))
