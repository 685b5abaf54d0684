"""Emergency overrides: two people of staff move custody without a code, and the money waits longer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from temporalio.api.sdk.v1 import WorkflowMetadata

from domain.amending import CorrectDeadline
from domain.attention import AttentionKind
from domain.contracts import Actor, CodePurpose, Role
from domain.journey.terms import UndeliverableAction
from domain.overriding.rules import OverrideStatus, OverrideStep
from domain.policies import VerdictOutcome
from domain.sos import CallForHelp
from domain.status import DeliveryStatus
from infra.cli import main
from infra.database.attention import listed
from infra.database.invariants import check_invariants
from infra.database.records import DatabaseRecords
from infra.database.schema import delivery_override, event, handover_code, notification, person
from infra.identifiers import new_id
from infra.overriding.records import DatabaseOverrides
from tests.conftest import MakePerson
from tests.waiting import until
from tests.workflows.holding import resume
from tests.workflows.overriding import Overriding, overriding
from tests.workflows.play import HANDOVER_KEY, Play, refusal_of
from tests.workflows.test_cancellation import reserved
from tests.workflows.test_hold import shown
from tests.workflows.undelivered import carried, fail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
S = OverrideStatus


async def stands(play: Play) -> str:
    rows = await play.read(
        select(delivery_override.c.status)
        .where(delivery_override.c.delivery_id == play.order.delivery_id)
        .order_by(delivery_override.c.override_id)
    )
    return str(rows[-1][0])


async def facts(play: Play, kind: str) -> dict[str, Any]:
    rows = await play.read(
        select(event.c.body).where(
            event.c.delivery_id == play.order.delivery_id, event.c.kind == kind
        )
    )
    return dict(json.loads(rows[0][0])["facts"])


async def on_its_way(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)


async def approved(over: Overriding) -> None:
    assert (await over.ask()).status is S.ASKED
    assert (await over.decide("approve")).status is S.APPLIED


async def test_an_approved_handover_moves_custody_once_and_its_money_waits_longer(
    play: Play, make_person: MakePerson
) -> None:
    await on_its_way(play)
    over = await overriding(play, make_person)
    code = await play.shown(CodePurpose.HANDOVER)
    await approved(over)
    stood = await play.standing()
    assert stood["status"] == DeliveryStatus.DELIVERED
    window = stood["deadline_at"] - datetime.now(UTC)
    assert 119 * HOUR < window <= 120 * HOUR, "two days, and three more"
    sooner = CorrectDeadline(stood["deadline_at"] - DAY, "They are in a hurry.")
    assert await refusal_of(play.send("correct_deadline", sooner)) == "amendment_invalid"
    assert await refusal_of(play.scan(CodePurpose.HANDOVER, code)) == "code_already_used"
    told = await facts(play, "handover_overridden")
    assert (told["reason"], told["approved_by"]) == ("police", play.agent.person_id)
    people = await play.read(
        select(notification.c.audience).where(
            notification.c.delivery_id == play.order.delivery_id,
            notification.c.kind == "handover_overridden",
        )
    )
    assert {row[0] for row in people} == {"recipient", "customer", "traveler"}
    await play.pass_time(3 * DAY)
    assert (await play.standing())["status"] == DeliveryStatus.DELIVERED, "the usual window is over"
    await play.pass_time(2 * DAY)
    assert await play.closed() is DeliveryStatus.COMPLETED
    report = await check_invariants(play.engine, play.order.delivery_id)
    assert not report.violations


async def test_an_approved_return_brings_the_parcel_back_once_and_its_money_waits_longer(
    play: Play, make_person: MakePerson
) -> None:
    await carried(play, UndeliverableAction.RETURN)
    await fail(play)
    over = await overriding(play, make_person, CodePurpose.RETURN)
    code = await play.shown(CodePurpose.RETURN)
    await approved(over)
    stood = await play.standing()
    assert (stood["status"], stood["deadline_kind"]) == ("returned", "return_inspection")
    assert 119 * HOUR < stood["deadline_at"] - datetime.now(UTC) <= 120 * HOUR
    assert await refusal_of(play.scan(CodePurpose.RETURN, code)) == "code_already_used"
    assert (await facts(play, "return_overridden"))["approved_by"] == play.agent.person_id
    await play.pass_time(3 * DAY)
    assert (await play.standing())["status"] == DeliveryStatus.RETURNED, "the usual window is over"
    await play.pass_time(2 * DAY)
    assert await play.closed() is DeliveryStatus.SETTLED
    told = await play.events()
    assert told.count("return_overridden") == 1
    assert "returned" not in told


async def test_nobody_approves_in_time_or_somebody_refuses_or_it_is_taken_back(
    play: Play, make_person: MakePerson
) -> None:
    await on_its_way(play)
    late = await overriding(play, make_person)
    await late.ask()
    await play.pass_time(timedelta(minutes=31), late.handle)
    assert await late.handle.result() is S.EXPIRED
    refused, withdrawn = [await overriding(play, make_person) for _ in range(2)]
    await refused.ask()
    assert (await refused.decide("refuse")).status is S.REFUSED
    await withdrawn.ask()
    assert await refusal_of(withdrawn.decide("withdraw")) == "not_your_role"
    assert (await withdrawn.decide("withdraw", withdrawn.order.asked_by)).status is S.WITHDRAWN
    events = await play.events()
    assert {"override_expired", "override_refused", "override_withdrawn"} <= set(events)
    assert (await play.standing())["status"] == DeliveryStatus.IN_TRANSIT
    await play.scan(CodePurpose.HANDOVER)


async def test_one_role_one_person_or_a_party_never_approves(
    play: Play, make_person: MakePerson
) -> None:
    await on_its_way(play)
    over = await overriding(play, make_person)
    await over.ask()
    asker = over.order.asked_by
    for actor, code in (
        (asker, "override_same_person"),
        (replace(asker, role=Role.AGENT), "override_same_person"),
        (Actor(Role.OPERATOR, await make_person("operator")), "not_your_role"),
        (replace(play.customer, role=Role.AGENT), "not_your_role"),
        (play.traveler, "not_your_role"),
    ):
        assert await refusal_of(over.decide("approve", actor)) == code
    assert await stands(play) == "asked"
    party = await overriding(play, make_person, asker=replace(play.recipient, role=Role.OPERATOR))
    assert await refusal_of(party.ask()) == "not_your_role"
    assert await stands(play) == "refused"


async def test_nobody_approves_in_a_colleague_s_name(play: Play, make_person: MakePerson) -> None:
    """Whoever may send updates to workflows names anybody: the database knows who has approved it."""
    await on_its_way(play)
    over = await overriding(play, make_person)
    await over.ask()
    for approval_id in (
        "made up",
        await over.approval(Actor(Role.AGENT, await make_person("agent"))),
    ):
        pretended = over.decide("approve", approval_id=approval_id)
        assert await refusal_of(pretended) == "override_expired"
        assert await stands(play) == "asked"
    own = await over.approval()
    assert (await over.decide("approve", approval_id=own)).status is S.APPLIED
    assert (await facts(play, "override_approved"))["approval_id"] == own


@pytest.mark.parametrize("column", ["email_lookup", "phone_lookup", "payout_account"])
async def test_two_accounts_of_one_person_are_caught(
    play: Play, make_person: MakePerson, column: str
) -> None:
    await on_its_way(play)
    over, same = await overriding(play, make_person), new_id()
    await over.ask()

    async def own(*owners: Actor) -> None:
        ids = [owner.person_id for owner in owners]
        async with play.engine.begin() as connection:
            own = update(person).where(person.c.person_id.in_(ids))
            await connection.execute(own.values({column: f"{same}:{len(ids)}"}))

    await own(over.order.asked_by, play.agent)
    assert await refusal_of(over.decide("approve")) == "override_same_person"
    await own(play.agent)
    await own(play.traveler, over.order.asked_by)
    again = await overriding(play, make_person, asker=over.order.asked_by)
    assert await refusal_of(again.ask()) == "override_same_person"
    assert (await play.standing())["status"] == DeliveryStatus.IN_TRANSIT


async def test_a_reserved_payment_is_taken_before_the_parcel_leaves(
    play: Play, make_person: MakePerson
) -> None:
    reserved(play)
    await play.held()
    assert (await play.standing())["escrow"] == "authorised"
    await approved(await overriding(play, make_person, CodePurpose.PICKUP))
    stood = await play.standing()
    assert (stood["status"], stood["escrow"]) == ("in_transit", "held")
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_scan_and_an_override_at_once_move_custody_once(
    play: Play, make_person: MakePerson
) -> None:
    await on_its_way(play)
    over = await overriding(play, make_person)
    await over.ask()
    scan = asyncio.create_task(play.scan(CodePurpose.HANDOVER))
    decided, scanned = await asyncio.gather(over.decide("approve"), scan, return_exceptions=True)
    moved = [kind for kind in await play.events() if kind in ("handed_over", "handover_overridden")]
    assert len(moved) == 1
    if moved == ["handed_over"]:
        assert not isinstance(decided, BaseException)
        assert (decided.status, decided.because) == (S.FAILED, "wrong_state")
    else:
        assert isinstance(scanned, BaseException)


async def test_what_nobody_approved_moves_nothing(play: Play, make_person: MakePerson) -> None:
    """Whoever sends the delivery an override by hand has no approval in the database."""
    await on_its_way(play)
    over = await overriding(play, make_person)
    await over.ask()
    step = OverrideStep(over.order, over.approver)
    assert await refusal_of(play.send("override_step", step)) == "override_expired"
    other = replace(over.order, step=CodePurpose.RETURN)
    wrong = play.send("override_step", OverrideStep(other, over.approver))
    assert await refusal_of(wrong) == "wrong_state"
    used = await play.read(
        select(handover_code.c.used_at).where(
            handover_code.c.delivery_id == play.order.delivery_id,
            handover_code.c.purpose == "handover",
        )
    )
    assert used[0][0] is None
    assert (await play.standing())["status"] == DeliveryStatus.IN_TRANSIT


async def test_during_a_call_for_help_the_handover_can_be_overridden_and_proves_less(
    play: Play, make_person: MakePerson
) -> None:
    await on_its_way(play)
    await play.send("call_for_help", CallForHelp(play.traveler, new_id()))
    await approved(await overriding(play, make_person))
    assert (await shown(play, "sos"))["status"] == DeliveryStatus.DELIVERED
    await resume(play)
    await play.dispute()
    handle = await play.dispute_handle()
    await until(lambda: is_unproven(handle))
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def is_unproven(handle: Any) -> bool:
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return "| **Handover proven** | no |" in metadata.current_details


async def test_the_week_s_overrides_are_reported_to_staff(
    play: Play, make_person: MakePerson, capsys: pytest.CaptureFixture[str]
) -> None:
    await on_its_way(play)
    await approved(await overriding(play, make_person))
    records = DatabaseRecords(play.engine, HANDOVER_KEY)
    assert await DatabaseOverrides(play.engine, records).report() >= 1
    kind = AttentionKind.OVERRIDE_REPORT
    items = await listed(play.engine, settled=False, kind=kind, delivery_id=None, count_max=5)
    assert "were asked for" in items[0].problem
    url = play.engine.url.render_as_string(hide_password=False)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DATABASE_URL", url)
        assert await asyncio.to_thread(main, ["override", "report"]) == 0
    assert f"handover of {play.order.delivery_id}: applied" in capsys.readouterr().out
