"""A handover code is accepted once, refused with the right reason, and its PIN cannot be guessed."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import CodePurpose, ScanCode
from domain.errors import RefusalCode
from domain.handover.codes import digest_of
from domain.policies import LimitPolicy, Policies
from domain.status import IllegalMove
from domain.transitions import EventKind, ScanOutcome
from infra.database.records import DatabaseRecords
from infra.database.schema import event
from tests.conftest import MakeParcel
from tests.infra.database.story import KEY, Story, moment

WRONG_PIN = "000000"


@pytest.fixture
async def held(story: Story) -> Story:
    """A delivery whose pickup code can be scanned."""
    await story.held()
    return story


async def _wrong_pin(story: Story) -> str:
    right = (await story.code(CodePurpose.PICKUP)).pin
    return WRONG_PIN if right != WRONG_PIN else "000001"


async def test_the_right_code_is_used_up_by_its_transition(held: Story) -> None:
    assert await held.scan(CodePurpose.PICKUP) == ScanOutcome()
    row = await held.code_row(CodePurpose.PICKUP)
    assert row.used_by == held.traveler.person_id
    assert row.used_at is not None


async def test_the_pin_works_as_well(held: Story) -> None:
    pin = (await held.code(CodePurpose.PICKUP)).pin
    assert await held.scan(CodePurpose.PICKUP, pin) == ScanOutcome()


async def test_the_link_of_a_code_is_no_code(held: Story) -> None:
    link = (await held.code(CodePurpose.PICKUP)).link_token
    assert await held.scan(CodePurpose.PICKUP, link) == ScanOutcome(RefusalCode.CODE_WRONG)


async def test_scanning_again_under_the_same_key_is_the_same_acceptance(held: Story) -> None:
    transition = held.picked_up()
    first = await held.scan(CodePurpose.PICKUP, transition=transition)
    again = await held.scan(CodePurpose.PICKUP, transition=transition)
    assert first == again == ScanOutcome()
    assert await _events(held, EventKind.PICKED_UP) == 1


async def test_a_used_code_says_so_even_when_the_move_is_long_past(held: Story) -> None:
    code = (await held.code(CodePurpose.PICKUP)).text
    await held.deliver()
    again = held.transition(EventKind.PICKED_UP, key="again", moves={"status": "in_transit"})
    outcome = await held.scan(CodePurpose.PICKUP, code, transition=again)
    assert outcome == ScanOutcome(RefusalCode.CODE_ALREADY_USED)


async def test_a_code_that_was_never_issued_is_not_ready(held: Story) -> None:
    early = held.transition(EventKind.HANDED_OVER, held.traveler)
    outcome = await held.scan(CodePurpose.HANDOVER, "SA1H", transition=early)
    assert outcome == ScanOutcome(RefusalCode.CODE_NOT_READY)


async def test_an_expired_code_is_refused(held: Story) -> None:
    late = held.picked_up(at=moment() + timedelta(days=31))
    outcome = await held.scan(CodePurpose.PICKUP, transition=late)
    assert outcome == ScanOutcome(RefusalCode.CODE_EXPIRED)
    assert await _events(held, EventKind.PICKED_UP) == 0


async def test_a_right_code_in_a_wrong_state_stays_unused(held: Story) -> None:
    await held.begin_refund()
    with pytest.raises(IllegalMove):
        await held.scan(CodePurpose.PICKUP)
    assert (await held.code_row(CodePurpose.PICKUP)).used_at is None


async def test_wrong_pins_are_counted_and_lock_pin_entry_but_not_the_code(held: Story) -> None:
    wrong = await _wrong_pin(held)
    left = [(await held.scan(CodePurpose.PICKUP, wrong)).tries_left for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    locked = ScanOutcome(RefusalCode.CODE_LOCKED)
    right = await held.code(CodePurpose.PICKUP)
    assert await held.scan(CodePurpose.PICKUP, wrong) == locked
    assert await held.scan(CodePurpose.PICKUP, right.pin) == locked
    assert await held.scan(CodePurpose.PICKUP, right.text) == ScanOutcome()


async def test_a_wrong_code_is_not_counted(held: Story) -> None:
    outcome = await held.scan(CodePurpose.PICKUP, "SA1PWRONG")
    assert outcome == ScanOutcome(RefusalCode.CODE_WRONG)
    assert (await held.code_row(CodePurpose.PICKUP)).wrong_pins == 0


async def test_the_tries_are_those_of_the_policies_the_delivery_was_opened_under(
    engine: AsyncEngine, story: Story, make_parcel: MakeParcel
) -> None:
    policies = asdict(Policies(limits=LimitPolicy(wrong_codes_max=2)))
    delivery_id = await make_parcel(policies=policies)
    strict = Story(engine, delivery_id, story.customer, story.traveler)
    await strict.held()
    wrong = await _wrong_pin(strict)
    outcomes = [await strict.scan(CodePurpose.PICKUP, wrong) for _ in range(3)]
    assert [outcome.tries_left for outcome in outcomes] == [1, 0, None]
    assert outcomes[-1].refusal is RefusalCode.CODE_LOCKED


async def test_two_hundred_scans_of_one_code_at_once_are_accepted_once(
    held: Story, crowd: AsyncEngine
) -> None:
    records = DatabaseRecords(crowd, KEY)
    scan = await _right_scan(held)
    scans = (
        records.accept_scan(scan, held.picked_up(key=f"picked_up:{number}"))
        for number in range(200)
    )
    refusals = Counter(outcome.refusal for outcome in await asyncio.gather(*scans))
    assert refusals == {None: 1, RefusalCode.CODE_ALREADY_USED: 199}
    assert await _events(held, EventKind.PICKED_UP) == 1


async def test_two_hundred_tries_of_one_scan_at_once_write_it_once(
    held: Story, crowd: AsyncEngine
) -> None:
    records = DatabaseRecords(crowd, KEY)
    scan, transition = await _right_scan(held), held.picked_up()
    tries = (records.accept_scan(scan, transition) for _ in range(200))
    assert set(await asyncio.gather(*tries)) == {ScanOutcome()}
    assert await _events(held, EventKind.PICKED_UP) == 1


async def test_a_crowd_of_wrong_pins_gets_no_more_tries_than_one_person(
    held: Story, crowd: AsyncEngine
) -> None:
    records = DatabaseRecords(crowd, KEY)
    digest = digest_of(KEY, held.delivery_id, CodePurpose.PICKUP, await _wrong_pin(held))
    scan = ScanCode(held.traveler, CodePurpose.PICKUP, digest, is_pin=True)
    tries = (records.accept_scan(scan, held.picked_up()) for _ in range(60))
    refusals = Counter(outcome.refusal for outcome in await asyncio.gather(*tries))
    assert refusals == {RefusalCode.CODE_WRONG: 5, RefusalCode.CODE_LOCKED: 55}


async def _right_scan(story: Story) -> ScanCode:
    code = await story.code(CodePurpose.PICKUP)
    digest = digest_of(KEY, story.delivery_id, CodePurpose.PICKUP, code.text)
    return ScanCode(story.traveler, CodePurpose.PICKUP, digest, is_pin=False)


async def _events(story: Story, kind: EventKind) -> int:
    query = select(func.count()).where(
        event.c.delivery_id == story.delivery_id, event.c.kind == kind
    )
    return int((await story.rows(query))[0][0])
