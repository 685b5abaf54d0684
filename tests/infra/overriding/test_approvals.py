"""An override is approved only by what its approver has approved themselves, just now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor, CodePurpose, Role
from domain.errors import Refusal, RefusalCode
from domain.overriding.rules import OverrideCause, OverrideNote, OverrideOrder, OverrideStatus
from infra.database.records import DatabaseRecords
from infra.database.schema import audit_entry, delivery_override, override_approval, person
from infra.identifiers import new_id
from infra.overriding.approvals import GivenApproval, give_approval
from infra.overriding.asking import AskedFor, OverrideDesk
from infra.overriding.records import DatabaseOverrides
from tests.conftest import people_in
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import KEY
from tests.keys import ENCRYPTION

FRESH = timedelta(minutes=5)


@dataclass
class Asked:
    """An override that an operator has asked for, and the agent who may approve it."""

    engine: AsyncEngine
    order: OverrideOrder
    agent: Actor

    async def given(self, **changes: Any) -> str:
        """Let the agent approve it, or somebody else something else; return the id of the approval."""
        row = {
            "approval_id": new_id(),
            "override_id": self.order.override_id,
            "person_id": self.agent.person_id,
            "role": "agent",
            "credential": "personal",
            **changes,
        }
        async with self.engine.begin() as connection:
            await connection.execute(insert(override_approval).values(row))
        return str(row["approval_id"])

    async def decide(self, approval_id: str, **changes: Any) -> OverrideStatus:
        order, actor = changes.get("order", self.order), changes.get("actor", self.agent)
        at = datetime.now(UTC)
        note = OverrideNote(order, OverrideStatus.APPROVED, actor, at, approval_id=approval_id)
        overrides = DatabaseOverrides(self.engine, DatabaseRecords(self.engine, KEY))
        return await overrides.note(note)

    async def row(self) -> Any:
        query = select(delivery_override).where(
            delivery_override.c.override_id == self.order.override_id
        )
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).one()


@pytest.fixture
async def asked(engine: AsyncEngine) -> Asked:
    story, make_person = await begin_story(engine), people_in(engine)
    await story.open()
    operator = Actor(Role.OPERATOR, await make_person("operator", "agent"))
    order = OverrideOrder(
        new_id(),
        story.delivery_id,
        CodePurpose.HANDOVER,
        OverrideCause.POLICE,
        operator,
        datetime.now(UTC),
    )
    said = AskedFor("They hold the parcel.", "Case 4711", "Officer Weber", ("a" * 64,))
    await OverrideDesk(engine, ENCRYPTION.keys).keep(order, said)
    return Asked(engine, order, Actor(Role.AGENT, await make_person("agent")))


async def test_an_approval_is_referred_to_and_the_same_decision_again_changes_nothing(
    asked: Asked,
) -> None:
    approval_id = await asked.given()
    for _ in range(2):
        assert await asked.decide(approval_id) is OverrideStatus.APPROVED
    row = await asked.row()
    assert (row.approval_id, row.decided_by) == (approval_id, asked.agent.person_id)
    other = await asked.given()
    assert await asked.decide(other) is OverrideStatus.APPROVED, "it stays as it is"
    assert (await asked.row()).approval_id == approval_id


async def test_nobody_is_approved_for(asked: Asked, engine: AsyncEngine) -> None:
    """Whoever may send updates names a colleague: only what that colleague has approved counts."""
    make_person = people_in(engine)
    colleague, dismissed = await make_person("agent"), await make_person("traveler")
    asker = asked.order.asked_by.person_id
    good: dict[str, Any] = {}
    faults: tuple[tuple[dict[str, Any] | str, dict[str, Any]], ...] = (
        ("", {}),
        ("not an id", {}),
        (new_id(), {}),
        ({"override_id": new_id()}, {}),
        ({"person_id": colleague}, {}),
        (good, {"actor": Actor(Role.AGENT, colleague)}),
        (good, {"actor": replace(asked.agent, role=Role.OPERATOR)}),
        ({"person_id": dismissed}, {"actor": Actor(Role.AGENT, dismissed)}),
        ({"person_id": asker}, {"actor": Actor(Role.AGENT, asker)}),
        ({"approved_at": func.now() - FRESH}, {}),
    )
    for given, decided in faults:
        approval_id = given if isinstance(given, str) else await asked.given(**given)
        with pytest.raises(Refusal) as refused:
            await asked.decide(approval_id, **decided)
        assert refused.value.code is RefusalCode.OVERRIDE_EXPIRED
        assert (await asked.row()).status == "asked", (given, decided)


async def test_who_asked_and_as_what_is_what_is_kept_and_not_what_a_workflow_says(
    asked: Asked, engine: AsyncEngine
) -> None:
    """A workflow that was started by hand says that somebody else has asked, in another role."""
    second = Actor(Role.OPERATOR, await people_in(engine)("operator"))
    order = replace(asked.order, asked_by=replace(asked.agent, role=Role.AGENT))
    approval_id = await asked.given(person_id=second.person_id, role="operator")
    with pytest.raises(Refusal):
        await asked.decide(approval_id, actor=second, order=order)


async def test_what_was_asked_for_too_long_ago_is_not_approved(asked: Asked) -> None:
    overdue = update(delivery_override).values(due_at=func.now())
    mine = delivery_override.c.override_id == asked.order.override_id
    async with asked.engine.begin() as connection:
        await connection.execute(overdue.where(mine))
    with pytest.raises(Refusal):
        await asked.decide(await asked.given())


async def test_what_somebody_approves_is_kept_once_and_in_the_audit(asked: Asked) -> None:
    given = GivenApproval(
        new_id(), asked.order.override_id, asked.agent, "session", new_id(), new_id()
    )
    for _ in range(2):
        await give_approval(asked.engine, given)
    async with asked.engine.connect() as connection:
        of_it = audit_entry.c.subject_id == given.override_id
        told = (await connection.execute(select(audit_entry.c.body).where(of_it))).scalars().all()
    assert len(told) == 1
    assert given.step_up_id is not None
    assert all(word in told[0] for word in (given.approval_id, given.step_up_id))
    assert await asked.decide(given.approval_id) is OverrideStatus.APPROVED


async def test_an_approval_is_never_changed_and_no_session_alone_gives_one(asked: Asked) -> None:
    approval_id = await asked.given()
    mine = override_approval.c.approval_id == approval_id
    with pytest.raises(DBAPIError):
        async with asked.engine.begin() as connection:
            await connection.execute(
                update(override_approval).where(mine).values(approved_at=func.now())
            )
    with pytest.raises(DBAPIError):
        await asked.given(credential="session")


async def test_whoever_lost_the_role_in_between_approves_nothing(asked: Asked) -> None:
    approval_id = await asked.given()
    gone = update(person).where(person.c.person_id == asked.agent.person_id)
    async with asked.engine.begin() as connection:
        await connection.execute(gone.values(roles=["traveler"]))
    with pytest.raises(Refusal):
        await asked.decide(approval_id)
