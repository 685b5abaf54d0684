"""A part dies when a code is accepted and nobody knows yet: the step is taken once, and so is the money."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import Executable, Row, func, select, text

from domain.contracts import CodePurpose
from domain.ids import DeliveryId
from infra.database.schema import event, handover_code, scan_attempt
from infra.demo.client import Caller, body_of
from infra.demo.people import People
from infra.demo.scenes import BERLIN
from infra.local_stack.program import Part
from tests.e2e.conftest import System
from tests.e2e.test_crash import accept, finished
from tests.phones import NEXT_STREET, Phones, PhoneScan
from tests.waiting import until

PICKUP, HANDOVER = CodePurpose.PICKUP, CodePurpose.HANDOVER
TAKEN = {PICKUP: "picked_up", HANDOVER: "handed_over"}

_IS_WAITED_FOR = text("""
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE :holder = ANY (pg_blocking_pids(pid)))
""")


@dataclass
class Parcel:
    """A delivery at the level high, whose people have phones."""

    system: System
    people: People
    recipient: Caller
    phones: Phones

    @property
    def delivery_id(self) -> DeliveryId:
        return DeliveryId(self.phones.delivery_id)

    async def scan(self, purpose: CodePurpose) -> PhoneScan:
        """Return the scan of what the other side's phone shows at this moment."""
        shower = self.people.customer if purpose is PICKUP else self.recipient
        return await self.phones.scan(purpose, shower, self.people.traveler)

    async def is_accepted(self, purpose: CodePurpose) -> bool:
        tried = await self.tried()
        return any((each.purpose, each.outcome) == (purpose, "accepted") for each in tried)

    async def tried(self) -> Sequence[Row[Any]]:
        """Return the attempts to scan, the oldest first."""
        own = scan_attempt.c.delivery_id == self.delivery_id
        return await self._read(select(scan_attempt).where(own).order_by(scan_attempt.c.attempt_id))

    async def steps(self) -> dict[int, str]:
        """Return the kinds of the delivery's events by their numbers."""
        own = select(event.c.sequence, event.c.kind).where(event.c.delivery_id == self.delivery_id)
        return {row.sequence: row.kind for row in await self._read(own.order_by(event.c.sequence))}

    async def codes_used(self) -> set[str]:
        own = handover_code.c.delivery_id == self.delivery_id
        used = select(handover_code.c.purpose).where(own, handover_code.c.used_at.is_not(None))
        return {row.purpose for row in await self._read(used)}

    async def _read(self, statement: Executable) -> Sequence[Row[Any]]:
        async with self.system.engine.connect() as connection:
            return (await connection.execute(statement)).all()


async def agreed(system: System) -> Parcel:
    """Return a delivery at the level high that waits for its pickup."""
    people, others = await system.people(), await system.people("acct_sandbox_ok")
    body = {
        "description": "A guitar",
        "weight_grams": 6_500,
        "currency": "EUR",
        "proof_level": "high",
        "pickup": BERLIN,
        "destination": NEXT_STREET,
        "recipient": {"name": "Mara Lindt", "person_id": others.customer.person_id},
    }
    opened = await people.customer.post("/v1/deliveries", body)
    await accept(people, opened["delivery_id"], people.wallet.works)
    await people.customer.until(opened["delivery_id"], "awaiting_pickup")
    return Parcel(system, people, others.customer, Phones(opened["delivery_id"]))


@asynccontextmanager
async def kept_back(
    parcel: Parcel, purpose: CodePurpose
) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Keep the code from being used up meanwhile; yields a question whether somebody waits for it."""
    own = handover_code.c.delivery_id == parcel.delivery_id
    held = select(handover_code.c.purpose).where(own, handover_code.c.purpose == purpose)
    engine = parcel.system.engine
    async with engine.begin() as holding:
        await holding.execute(held.with_for_update())
        holder = await holding.scalar(select(func.pg_backend_pid()))

        async def is_waited_for() -> bool:
            async with engine.connect() as connection:
                return bool(await connection.scalar(_IS_WAITED_FOR, {"holder": holder}))

        yield is_waited_for


@contextmanager
def frozen(system: System, part: Part) -> Iterator[None]:
    """Have a part do nothing meanwhile."""
    process_id = system.stack.process_id(part)
    os.kill(process_id, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process_id, signal.SIGCONT)


async def done_or(
    sending: asyncio.Task[httpx.Response], is_so: Callable[[], Awaitable[bool]]
) -> bool:
    """Tell whether something is so, or will not become so, as the scan was answered already."""
    return sending.done() or await is_so()


async def answered_after_death(parcel: Parcel, scan: PhoneScan, dying: Part) -> httpx.Response:
    """Send a scan, and have a part die when the code is used up and before anybody was told.

    While Temporal stands still, the worker cannot say what it did, nor the API hear of it.
    """
    system = parcel.system
    with ExitStack() as temporal:
        async with kept_back(parcel, HANDOVER) as is_waited_for:
            sending = asyncio.create_task(scan.send())
            await until(lambda: done_or(sending, is_waited_for))
            assert not sending.done(), sending.result().text
            temporal.enter_context(frozen(system, Part.TEMPORAL))
        await until(lambda: parcel.is_accepted(HANDOVER))
        assert not sending.done()
        await system.stack.kill(dying)
    await system.stack.start_child(dying)
    await system.engine.dispose()
    return await sending


@pytest.mark.parametrize("dying", [Part.WORKER, Part.API, Part.POSTGRES])
async def test_a_code_that_was_accepted_has_its_effect_and_its_money_once(
    system: System, dying: Part
) -> None:
    parcel = await agreed(system)
    body_of(await (await parcel.scan(PICKUP)).send())
    scan = await parcel.scan(HANDOVER)
    answer = await answered_after_death(parcel, scan, dying)
    assert body_of(answer)["status"] == "delivered"
    again = await scan.send()
    assert (again.status_code, again.json()) == (answer.status_code, answer.json())
    await finished(system, parcel.people, parcel.delivery_id)
    assert body_of(await scan.send()) == answer.json()
    steps = await parcel.steps()
    assert [kind for kind in steps.values() if kind in TAKEN.values()] == [*TAKEN.values()]
    tried = [(each.purpose, each.outcome, each.event_sequence) for each in await parcel.tried()]
    assert [(*rest, steps[number]) for *rest, number in tried] == [
        (purpose, "accepted", kind) for purpose, kind in TAKEN.items()
    ]
    assert await parcel.codes_used() == set(TAKEN)
