"""A person is erased when nothing is open any more, and not before; until then they may change their mind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from temporalio.common import SearchAttributeKey

from domain.attention import AttentionKind
from domain.erasing.rules import FORMER_MEMBER, ErasureStatus
from domain.errors import RefusalCode
from domain.ids import delivery_workflow_id
from domain.status import DeliveryStatus
from domain.visibility import Attribute
from infra.database.attention import listed
from infra.database.schema import person
from infra.encryption.workflow_keys import REMEMBERED_S
from infra.erasing.histories import running_among
from tests.waiting import until
from tests.workflows.erasing import WEEK, Erasing
from tests.workflows.play import Play, refusal_of

WAITING: dict[str, Any] = {"settled": False, "kind": AttentionKind.ERASURE_WAITS}
MARK = SearchAttributeKey.for_bool(Attribute.NEEDS_ATTENTION)


async def name_of(play: Play) -> str:
    query = select(person.c.display_name).where(person.c.person_id == play.order.customer_id)
    return str((await play.read(query))[0][0])


async def test_it_waits_for_what_is_open_and_goes_on_by_itself(play: Play) -> None:
    await play.held()
    erasing = Erasing(play)
    await erasing.ask()
    assert (await erasing.row())["status"] == ErasureStatus.COOLING_OFF
    await play.pass_time(WEEK, erasing.handle)
    await until(erasing.is_waiting)
    waits_for = (await erasing.row())["waits_for"]
    assert {"kind": "delivery_open", "subject_id": play.order.delivery_id} in waits_for
    assert await name_of(play) != FORMER_MEMBER
    assert await refusal_of(erasing.withdraw()) == RefusalCode.ERASURE_BINDING

    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    await play.pass_time(timedelta(hours=1, seconds=1), erasing.handle)
    assert await erasing.handle.result() is ErasureStatus.ERASED
    assert await name_of(play) == FORMER_MEMBER
    row = await erasing.row()
    assert (row["status"], row["waits_for"]) == (ErasureStatus.ERASED, [])


async def test_it_can_be_taken_back_and_asked_for_again(play: Play) -> None:
    await play.open()
    erasing = Erasing(play)
    await erasing.ask()
    await erasing.withdraw()
    assert await erasing.handle.result() is ErasureStatus.WITHDRAWN
    assert (await erasing.row())["status"] == ErasureStatus.WITHDRAWN
    again = Erasing(play)
    await again.ask()
    assert (await again.row())["status"] == ErasureStatus.COOLING_OFF
    await again.withdraw()


async def test_staff_are_told_when_it_waits_for_weeks(play: Play) -> None:
    await play.open()
    erasing = Erasing(play)
    await erasing.ask()
    await play.pass_time(timedelta(days=26), erasing.handle)

    async def is_told() -> bool:
        items = await listed(play.engine, **WAITING, delivery_id=None, count_max=50)
        return erasing.order.erasure_id in str(items)

    async def is_marked() -> bool:
        shown = await erasing.handle.describe()
        return shown.typed_search_attributes.get(MARK) is True

    await until(is_told)
    await until(is_marked)
    await erasing.handle.cancel()


async def test_the_history_holds_ids_only(play: Play) -> None:
    await play.open()
    erasing = Erasing(play)
    await erasing.ask()
    await erasing.withdraw()
    await erasing.handle.result()
    told = (await erasing.handle.fetch_history()).to_json()
    query = select(person).where(person.c.person_id == play.order.customer_id)
    kept = (await play.read(query))[0]
    for private in (kept.display_name, kept.email):
        assert private
        assert f'"{private}"' not in told


async def test_a_key_is_not_taken_while_a_process_may_remember_it(play: Play) -> None:
    await play.open()
    workflow_id = delivery_workflow_id(play.order.delivery_id)
    client = play.environment.client
    assert await running_among(client, [workflow_id, "delivery:none"]) == {workflow_id}
    await play.cancel()
    await play.closed()
    ended_at = (await client.get_workflow_handle(workflow_id).describe()).close_time
    assert ended_at is not None
    remembered = timedelta(seconds=REMEMBERED_S)
    assert await running_among(client, [workflow_id], ended_at) == {workflow_id}
    assert await running_among(client, [workflow_id], ended_at + remembered) == frozenset()
