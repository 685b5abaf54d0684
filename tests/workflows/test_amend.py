"""Typed corrections of an open delivery: deadline, address, recipient, parcel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from domain.amending import (
    AmendmentKind,
    CorrectAddress,
    CorrectDeadline,
    CorrectParcel,
    CorrectRecipient,
)
from domain.contracts import CodePurpose
from domain.ids import PersonId
from domain.status import DeliveryStatus
from infra.database.schema import amendment, parcel
from infra.identifiers import new_id
from tests.conftest import MakePerson
from tests.workflows.holding import hold, resume
from tests.workflows.play import Play, refusal_of
from tests.workflows.test_hold import lasted, shown

WHY = "The customer has told us."
DAY = timedelta(days=1)


async def prepared(play: Play, kind: AmendmentKind, **value: Any) -> str:
    """Prepare a correction as the REST API does."""
    amendment_id = new_id()
    row = {
        "amendment_id": amendment_id,
        "delivery_id": play.order.delivery_id,
        "kind": str(kind),
        "value": value,
        "prepared_by": play.agent.person_id,
    }
    async with play.engine.begin() as connection:
        await connection.execute(insert(amendment).values(row))
    return amendment_id


async def approved(play: Play, amendment_id: str, second: PersonId) -> None:
    """Have somebody else of the staff agree to a correction, as the REST API does."""
    own = amendment.c.amendment_id == amendment_id
    agreed = {"approved_by": second, "approved_at": func.now()}
    async with play.engine.begin() as connection:
        await connection.execute(update(amendment).where(own).values(agreed))


async def said(play: Play) -> Any:
    """What the parcel says now."""
    rows = await play.read(select(parcel).where(parcel.c.delivery_id == play.order.delivery_id))
    return rows[0]


async def test_a_deadline_is_moved_and_kept(play: Play) -> None:
    await play.delivered()
    due_at = (await play.standing())["deadline_at"] + 5 * DAY
    await play.send("correct_deadline", CorrectDeadline(due_at, WHY, play.agent.person_id))
    assert (await play.standing())["deadline_at"] == due_at
    await play.pass_time(3 * DAY)
    assert (await play.standing())["status"] == DeliveryStatus.DELIVERED
    await play.pass_time(5 * DAY)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert "deadline_corrected" in await play.events()


async def test_a_deadline_that_is_moved_on_hold_stretches_by_the_rest_of_it(play: Play) -> None:
    await play.held()
    due_at = (await play.standing())["deadline_at"] + 20 * DAY
    await hold(play)
    await play.send("correct_deadline", CorrectDeadline(due_at, WHY))
    await play.pass_time(2 * DAY)
    await resume(play)
    moved = (await shown(play, "pickup"))["deadline_at"] - due_at
    assert 2 * DAY <= moved <= await lasted(play) + timedelta(seconds=1)
    too_late = CorrectDeadline(due_at + 90 * DAY, WHY)
    assert await refusal_of(play.send("correct_deadline", too_late)) == "amendment_invalid"
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_an_address_is_taken_over_once_and_only_from_a_prepared_row(play: Play) -> None:
    await play.held()
    new = {
        "destination_address": "Elsewhere 1",
        "destination_latitude": 48.2,
        "destination_longitude": 11.6,
    }
    amendment_id = await prepared(play, AmendmentKind.DESTINATION, **new)
    command = CorrectAddress(amendment_id, reason=WHY)
    as_pickup = CorrectAddress(amendment_id, AmendmentKind.PICKUP, WHY)
    assert await refusal_of(play.send("correct_address", as_pickup)) == "amendment_unknown"
    await play.send("correct_address", command)
    now = await said(play)
    assert {name: getattr(now, name) for name in new} == new
    assert await refusal_of(play.send("correct_address", command)) == "amendment_unknown"
    nonsense = CorrectAddress("nonsense", reason=WHY)
    assert await refusal_of(play.send("correct_address", nonsense)) == "amendment_unknown"
    history = (await play.handle.fetch_history()).to_json()
    assert "Elsewhere" not in history
    of_this = amendment.c.amendment_id == amendment_id
    ((previous, applied_at),) = await play.read(
        select(amendment.c.previous, amendment.c.applied_at).where(of_this)
    )
    assert applied_at is not None
    assert set(previous) == set(new)
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_another_recipient_gets_another_code(play: Play, make_person: MakePerson) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    before = await play.shown(CodePurpose.HANDOVER)
    amendment_id = await prepared(
        play,
        AmendmentKind.RECIPIENT,
        recipient_name="Nora",
        recipient_phone="+4915112345679",
        recipient_email=None,
        recipient_id=None,
    )
    command = CorrectRecipient(amendment_id, reason=WHY)
    assert await refusal_of(play.send("correct_recipient", command)) == "second_person_needed"
    await approved(play, amendment_id, await make_person("operator"))
    await play.send("correct_recipient", command)
    now = await said(play)
    assert (now.recipient_name, now.recipient_phone, now.recipient_id) == (
        "Nora", "+4915112345679", None,
    )  # fmt: skip
    assert await refusal_of(play.scan(CodePurpose.HANDOVER, before)) == "code_wrong"
    assert await refusal_of(play.dispute(play.recipient)) == "not_your_role"
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_parcel_is_corrected_before_its_pickup_only(play: Play) -> None:
    await play.held()
    weighed = CorrectParcel(4_321, None, WHY)
    await play.send("correct_parcel", weighed)
    assert (await said(play)).weight_grams == 4_321
    unexplained = CorrectParcel(4_000)
    assert await refusal_of(play.send("correct_parcel", unexplained)) == "reason_missing"
    await play.scan(CodePurpose.PICKUP)
    assert await refusal_of(play.send("correct_parcel", weighed)) == "wrong_state"
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
