"""A deployment in the middle of deliveries: all begin on build A, and all end on build B."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import Client

from domain.ids import DeliveryId, delivery_workflow_id
from domain.status import DeliveryStatus
from infra import temporal
from infra.deployment import current_build
from infra.local_stack import programs
from infra.local_stack.errors import StackError
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.program import Child
from infra.local_stack.stack import LocalStack
from tests.chaos.cast import Cast
from tests.chaos.checks import Findings, check_everything
from tests.chaos.people import Delivery, Ending
from tests.chaos.plan import ChaosPlan, Clocks, Play
from tests.chaos.stories import Story
from tests.chaos.world import World
from tests.evolution.build_b import CLOSING, OPENING, make_build_b
from tests.waiting import until

A, B = "build-a", "build-b"
NEW = 5
"""Deliveries that begin after the switch: only these take the changed opening."""
GATHER_S_MAX, TAKE_OVER_S_MAX = 100, 60
CLOCKS = Clocks(inspection_s=50, pickup_s=30)
"""Long enough that hardly a clock runs out before the switch."""
_D, _S = DeliveryStatus, Story

WAITS: Mapping[Story, tuple[DeliveryStatus, ...]] = {
    _S.CONFIRMED: (_D.REQUESTED, _D.AWAITING_PICKUP, _D.IN_TRANSIT, _D.DELIVERED),
    _S.UNDISPUTED: (_D.IN_TRANSIT, _D.DELIVERED),
    _S.PHONES: (_D.IN_TRANSIT, _D.AWAITING_PICKUP),
    _S.CANCELLED_BY_CUSTOMER: (_D.REQUESTED,),
    _S.NOT_COLLECTED: (_D.AWAITING_PICKUP,),
    _S.DECLINED_FIRST: (_D.PAYMENT_DUE,),
    _S.SLOW_BANK: (_D.PAYMENT_DUE,),
    _S.SPLIT: (_D.DISPUTED, _D.DELIVERED),
    _S.ACCOUNT_LATER: (_D.RELEASING,),
    _S.RESERVED: (_D.AWAITING_PICKUP, _D.IN_TRANSIT),
    _S.CANCELLED_BY_TRAVELER: (_D.AWAITING_PICKUP,),
    _S.REFUNDED: (_D.DISPUTED,),
    _S.RELEASED: (_D.DISPUTED, _D.IN_TRANSIT),
    _S.SAVED: (_D.AWAITING_PICKUP, _D.IN_TRANSIT),
    _S.UNWANTED: (_D.REQUESTED,),
}
"""Where the people of a story wait for the switch, in turn."""

HASTY = frozenset({_S.UNWANTED, _S.NOT_COLLECTED})
"""These begin last: their own clocks run out soon."""

Tell = Callable[[str], None]


class Paused(Delivery):
    """A delivery whose people do nothing at one status until the switch is over."""

    def __init__(self, world: World, play: Play, wait_at: str, switched: asyncio.Event) -> None:
        super().__init__(world, play, CLOCKS)
        self._wait_at = wait_at
        self._switched = switched

    @property
    def is_there(self) -> bool:
        """Whether it waits where it is meant to, or has ended by a clock of its own."""
        return self.ending.is_closed or self.ending.status == self._wait_at

    async def _react(self, cast: Cast, seen: Mapping[str, Any]) -> None:
        if seen["status"] == self._wait_at:
            await self._switched.wait()
        await super()._react(cast, seen)


@dataclass(frozen=True)
class Way:
    """How one delivery went."""

    stood: str
    """Where it stood when build B took over; `not begun` for one that began later."""
    ended: str
    patches: frozenset[str]
    build: str
    """The build of its last step."""


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal came to."""

    ways: list[Way]
    switch_s: float
    """From the start of build B's workers until those of build A were gone, in seconds."""
    findings: Findings
    seconds: float

    @property
    def problems(self) -> list[str]:
        """Everything that must not be."""
        problems = list(self.findings.violations)
        for way in self.ways:
            is_new = way.stood == NOT_BEGUN
            if is_new != (OPENING in way.patches):
                problems.append(f"a delivery that was {way.stood} took the wrong opening")
            if way.stood not in ENDED and (CLOSING not in way.patches or way.build != B):
                problems.append(
                    f"a delivery that was {way.stood} ended on {way.build or 'nothing'}"
                )
        return problems


NOT_BEGUN = "not begun"
ENDED = frozenset({_D.COMPLETED, _D.CANCELLED, _D.EXPIRED, _D.REFUNDED, _D.SETTLED})


@asynccontextmanager
async def stack_on_build_a(folder: Path, tell: Tell) -> AsyncIterator[LocalStack]:
    """Start a stack of its own whose worker is build A."""
    policies = json.dumps(CLOCKS.policies())
    options = StackOptions(
        folder=folder,
        ports=free_ports(),
        environment={"SENDALONG_POLICIES": policies, **_build(A)},
        database_url=None,
        embedded_temporal=True,
    )
    async with LocalStack(options, report=tell) as stack:
        yield stack


async def rehearse(plan: ChaosPlan, stack: LocalStack, world: World, tell: Tell) -> Rehearsal:
    """Play all deliveries, switch in the middle, and check what came of it."""
    began, switched = time.monotonic(), asyncio.Event()
    old = _paused(plan, world, switched)
    running = []
    for some in (
        [each for each in old if each.ending.play.story not in HASTY],
        [each for each in old if each.ending.play.story in HASTY],
    ):
        running += [asyncio.create_task(each.run()) for each in some]
        await _gathered(some, running)
    stood = {each.ending.delivery_id: each.ending.status for each in old}
    tell(f"{len(old)} deliveries wait, at {len(set(stood.values()))} statuses")
    switching = time.monotonic()
    async with _build_b(stack):
        switch_s = time.monotonic() - switching
        tell(f"build B has taken over and build A is gone ({switch_s:.1f} s)")
        switched.set()
        new = [Delivery(world, play, CLOCKS) for play in _new_plays(plan)]
        running += [asyncio.create_task(each.run()) for each in new]
        endings = await asyncio.gather(*running)
        tell(f"all {len(endings)} deliveries are over")
        findings = await check_everything(world, stack.client, endings)
        ways = [await _way_of(stack.client, each, stood) for each in endings]
    return Rehearsal(ways, switch_s, findings, time.monotonic() - began)


def _paused(plan: ChaosPlan, world: World, switched: asyncio.Event) -> list[Paused]:
    met: Counter[Story] = Counter()
    paused = []
    for play in plan.plays:
        waits = WAITS[play.story]
        paused.append(Paused(world, play, waits[met[play.story] % len(waits)], switched))
        met[play.story] += 1
    return paused


async def _gathered(deliveries: list[Paused], running: list[asyncio.Task[Ending]]) -> None:
    """Wait until all of them are where they wait.

    Raises:
        StackError: some do not come there; it names them.
    """
    try:
        await until(partial(_all_there, deliveries), GATHER_S_MAX)
    except TimeoutError as error:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        missing = [each.ending for each in deliveries if not each.is_there]
        told = "; ".join(f"{each.play.story} is {each.status} {each.faults}" for each in missing)
        raise StackError(f"Some deliveries never came to where they wait: {told}.") from error


async def _all_there(deliveries: list[Paused]) -> bool:
    return all(each.is_there for each in deliveries)


def _new_plays(plan: ChaosPlan) -> list[Play]:
    model = next(play for play in plan.plays if play.story is Story.CONFIRMED)
    first = len(plan.plays) + 1
    return [replace(model, number=first + index) for index in range(NEW)]


def _build(name: str) -> dict[str, str]:
    return {"SENDALONG_WORKER_VERSIONING": "promote", "SENDALONG_BUILD_ID": name}


@asynccontextmanager
async def _build_b(stack: LocalStack) -> AsyncIterator[None]:
    """Start build B beside build A, stop build A once B has taken over, and stop B in the end."""
    assert stack._assembly is not None
    environment = {**stack._assembly._service_environment(stack.settings), **_build(B)}
    polls = partial(temporal.is_polling, stack.client)
    with tempfile.TemporaryDirectory(prefix="sendalong-build-b-") as folder:
        make_build_b(Path(folder))
        program = programs.worker(stack.folder, environment, polls)
        log = stack.folder.logs / "worker-b.log"
        child = Child(replace(program, folder=Path(folder), log=log))
        await child.start()
        try:
            await until(lambda: _is_current(stack.client, B), TAKE_OVER_S_MAX)
            await until(child.is_ready, TAKE_OVER_S_MAX)
            await stack.stop_child("worker")
            yield
        finally:
            await child.stop()


async def _is_current(client: Client, build: str) -> bool:
    return await current_build(client) == build


async def _way_of(client: Client, ending: Ending, stood: Mapping[str, str]) -> Way:
    handle = client.get_workflow_handle(delivery_workflow_id(DeliveryId(ending.delivery_id)))
    patches, build = set(), ""
    for event in (await handle.fetch_history()).events:
        marker = event.marker_recorded_event_attributes
        if marker.marker_name == "core_patch":
            patches |= {each for each in (OPENING, CLOSING) if each in str(marker.details)}
        task = event.workflow_task_completed_event_attributes
        build = task.deployment_version.build_id or build
    where = stood.get(ending.delivery_id, NOT_BEGUN)
    return Way(where, ending.status, frozenset(patches), build)
