"""One delivery in everybody's hands, and what must hold of it at any time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import text
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.contracts import (
    Actor,
    AttentionAction,
    CodePurpose,
    ReportArrival,
    ResolveAttention,
    Role,
)
from domain.deadlines import RULES, DeadlineKind
from domain.errors import RefusalCode
from domain.holds.rules import OF_HOLDS, ResumeDelivery
from domain.ids import DisputeId, OfferId, RelayId, dispute_workflow_id
from domain.journey.terms import LEAVING, UndeliverableAction
from domain.lifecycle import TRAVELER_SILENT, VERDICT_OVERDUE
from domain.status import CLOSED, DELIVERY_MOVES, DeliveryStatus, DisputeStatus
from infra.identifiers import new_id
from tests.waiting import PATIENCE_S, until
from tests.workflows.any_order.registry import OF_DELIVERY, OF_DISPUTE, Command
from tests.workflows.play import Play

STEPS_MIN, STEPS_MAX = 4, 10
ALMOST = 0.05
"""How often time passes until an hour before the present deadline."""
TRIES = 8
"""Commands that are sent at most until one is taken."""
USUAL = 0.85
"""How often a command comes from somebody who may ever send it."""
ROUNDS_MAX = 40
"""Deadlines and parked steps that a delivery can still have once people have lost interest."""
NO_STEP_PARKED = OF_HOLDS | {VERDICT_OVERDUE, TRAVELER_SILENT}
STARTS = (
    DeliveryStatus.REQUESTED,
    DeliveryStatus.AWAITING_PICKUP,
    DeliveryStatus.AWAITING_PICKUP,
    DeliveryStatus.IN_TRANSIT,
    DeliveryStatus.IN_TRANSIT,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.DISPUTED,
    DeliveryStatus.DISPUTED,
)
_CARRIED_TO = {
    CodePurpose.PICKUP: {
        DeliveryStatus.IN_TRANSIT,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.DISPUTED,
    },
    CodePurpose.HANDOVER: {DeliveryStatus.DELIVERED, DeliveryStatus.DISPUTED},
}
HORIZONS = (None, None, None, timedelta(days=4), timedelta(days=100))
ACCOUNTS = ("acct_sandbox_t", "acct_sandbox_t", "acct_sandbox_t", "acct_sandbox_t_refused")
SPANS_H = (1, 2, 12, 25, 24 * 2.5, 24 * 4, 24 * 11)
MOVING_S_MAX = 20.0
"""Longest a step of the provider may take: its tries are a second apart."""


@dataclass
class Story:
    """A delivery, its people, and the numbers that decide what they do."""

    play: Play
    random: Random
    people: dict[str, Actor]
    account: str
    """The traveler's account at the provider; some refuse what is paid out to them."""
    offers: dict[OfferId, int] = field(default_factory=dict)
    """Price of each offer, as it was last named by anybody."""
    proposals: list[str] = field(default_factory=list)
    relay_id: RelayId = field(default_factory=lambda: RelayId(new_id()))
    """The relay that was asked for last."""
    nonces: dict[str, bytes] = field(default_factory=dict)
    """What each code that was issued is derived from."""
    standing: dict[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    told: list[str] = field(default_factory=list)
    """What happened, for whoever reads of a failure."""
    taken: Counter[str] = field(default_factory=Counter)
    """How often each command was carried out."""

    @property
    def status(self) -> DeliveryStatus:
        return DeliveryStatus(self.standing["status"])

    def some_offer(self) -> OfferId:
        """Return an offer, also one that was never made."""
        return self.random.choice([*self.offers] or [OfferId(new_id())])

    async def live(self) -> DeliveryStatus:
        """Live through it, then let deadlines decide; return how it closed."""
        await self._begin()
        for _ in range(self.random.randint(STEPS_MIN, STEPS_MAX)):
            if self.status in CLOSED:
                break
            await self._step()
            await self.settle()
        await self._end()
        return await self.play.closed()

    async def _begin(self) -> None:
        """Begin somewhere on the way, so that the late stages are met as often as the early ones."""
        start = self.random.choice(STARTS)
        play = self.play
        await play.open()
        if start is not DeliveryStatus.REQUESTED:
            await play.submit()
            await play.accept(account=self.account)
        await self.settle()
        for purpose in (CodePurpose.PICKUP, CodePurpose.HANDOVER):
            if start in _CARRIED_TO[purpose] and purpose in self.nonces:
                await play.scan(purpose)
                await self.settle()
        if start is DeliveryStatus.DISPUTED and self.status is DeliveryStatus.DELIVERED:
            await play.dispute(self.random.choice((play.customer, play.traveler)))
            await self.settle()
        self.told.append(f"it begins while {self.status}")

    async def _step(self) -> None:
        lot = self.random.random()
        if lot < 0.12:
            left = self._left() - timedelta(hours=1)
            span = timedelta(hours=self.random.choice(SPANS_H))
            # An hour before the end is when people are reported who have not come.
            await self.pass_time(left if lot < ALMOST and left > timedelta(0) else span)
        elif lot < 0.17:
            await self._signal()
        else:
            await self._command(everything=lot > 0.9)

    async def _command(self, *, everything: bool) -> None:
        """Send commands until one of a few is taken."""
        for _ in range(TRIES):
            known = [*OF_DELIVERY.values(), *(OF_DISPUTE.values() if self.dispute() else ())]
            fitting = known if everything else [each for each in known if self.status in each.fits]
            chosen = self.random.choices(fitting, [each.weight for each in fitting])[0]
            is_usual = self.random.random() < USUAL
            name = self.random.choice(sorted(chosen.by if is_usual else self.people))
            if await self._send(chosen, name):
                return

    async def _send(self, chosen: Command, name: str) -> bool:
        self.told.append(f"{name} sends {chosen.name} while {self.status}")
        is_taken = await chosen.send(self, self.people[name])
        assert name in chosen.by or not is_taken, "nobody else may have it carried out"
        self.taken[chosen.name] += is_taken
        return is_taken

    async def attempt(
        self, handle: WorkflowHandle[Any, Any] | None, name: str, made: object
    ) -> bool:
        """Send a command and return whether it was taken."""
        assert handle is not None
        return await self.is_taken(handle.execute_update(name, made))

    async def is_taken(self, sending: Awaitable[object]) -> bool:
        """Tell whether what is sent is taken; any failure but a refusal is a fault."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await sending
        except WorkflowUpdateFailedError as failure:
            cause = failure.cause
            assert isinstance(cause, ApplicationError), repr(cause)
            assert cause.type in set(RefusalCode), repr(cause)
            self.told.append(f"  refused: {cause.type}")
            return False
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # It has closed, or its dispute has, since it was looked at.
            return False
        return True

    async def _signal(self) -> None:
        handle = self.play.handle
        with suppress(RPCError):
            match self.random.randint(0, 4):
                case 0:
                    self.told.append("the workflow is cancelled from outside")
                    await handle.cancel()
                case 1:
                    self.told.append("the provider has news")
                    await self.play.news()
                case 2:
                    self.told.append("the traveler is heard")
                    await handle.signal("traveler_heard")
                case _:
                    self.told.append("the traveler arrives")
                    await handle.signal("report_arrival", ReportArrival(self.now, 120))

    def dispute(self) -> WorkflowHandle[Any, Any] | None:
        """Return the dispute that the delivery is in."""
        dispute_id = self.standing["dispute_id"]
        if dispute_id is None or self.status is not DeliveryStatus.DISPUTED:
            return None
        workflow_id = dispute_workflow_id(DisputeId(str(dispute_id)))
        return self.play.environment.client.get_workflow_handle(workflow_id)

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass for the delivery, and for its dispute while that is what it waits for."""
        handle = self.dispute() or self.play.handle
        self.told.append(f"{span} pass while {self.status}")
        self.now += span
        with suppress(RPCError):
            await self.play.pass_time(span, handle)

    async def settle(self) -> None:
        """Wait until nothing is on its way that ends by itself; then check what must hold."""
        await until(self._is_at_rest)
        await self.look()

    async def _is_at_rest(self) -> bool:
        await self.look()
        if self._is_moving and self.standing["attention"] is None:
            return False
        return self.status in CLOSED or await self._is_idle()

    @property
    def _is_moving(self) -> bool:
        """Whether the provider is asked, or a verdict is about to be carried out."""
        is_asked = self.standing["deadline_kind"] == DeadlineKind.PROVIDER
        is_decided = self.standing["dispute"] == DisputeStatus.DECIDED
        is_carried_out = is_decided and self.status is DeliveryStatus.DISPUTED
        return self.status not in CLOSED and (is_asked or is_carried_out)

    async def _is_idle(self) -> bool:
        for handle in filter(None, (self.play.handle, self.dispute())):
            try:
                shown = (await handle.describe()).raw_description
            except RPCError:
                return False
            if shown.HasField("pending_workflow_task"):
                return False
        return True

    async def look(self) -> None:
        """Read where the delivery stands and check it."""
        before = self.standing.get("status", DeliveryStatus.REQUESTED)
        async with self.play.engine.connect() as connection:
            rows = await connection.execute(_LOOK, {"id": self.play.order.delivery_id})
            self.standing = dict(rows.mappings().one())
        self.nonces = {
            name: bytes.fromhex(nonce) for name, nonce in (self.standing.pop("codes") or {}).items()
        }
        assert self.status in _REACHABLE[DeliveryStatus(before)], f"{before} -> {self.status}"
        if self.status not in CLOSED:
            is_known = self.standing["deadline_kind"] in RULES
            assert is_known or self._is_moving, "whoever waits has a clock"
            is_told = self.standing["attention"] is not None
            assert self._is_moving or is_told or self.standing["deadline_at"], "it has a moment"

    async def _end(self) -> None:
        """Let nobody act any more: clocks decide, and operators resolve what is parked."""
        for turn in range(ROUNDS_MAX):
            await self.settle()
            if self.status in CLOSED:
                return
            await self._let_decide(turn)
        raise AssertionError("it never closes")

    async def _let_decide(self, turn: int) -> None:
        attention, kind = self.standing["attention"], self.standing["deadline_kind"]
        if kind == DeadlineKind.HOLD or attention in OF_HOLDS:
            await self.attempt(self.play.handle, "resume", ResumeDelivery("All is well."))
        elif attention is not None and attention not in NO_STEP_PARKED:
            action = (AttentionAction.RETRY, AttentionAction.DONE_BY_HAND)[turn % 2]
            made = ResolveAttention(action, f"bank transfer {new_id()}", "as played")
            await self.attempt(self.play.handle, "resolve_attention", made)
        else:
            await self.pass_time(self._left() + timedelta(seconds=5))

    def _left(self) -> timedelta:
        due_at = self.standing["deadline_at"]
        if due_at is None or self.status is DeliveryStatus.DISPUTED:
            return timedelta(days=15)
        left: timedelta = due_at - self.now
        return max(left, timedelta(hours=1))


async def make_story(play: Play, seed: str, stranger: Actor) -> Story:
    """Return the story that a number tells; the same people each time, the same choices."""
    random = Random(seed)  # noqa: S311 -- A story is drawn, not kept secret.
    due_in = random.choice(HORIZONS)
    play.order = replace(
        play.order,
        deliver_by=None if due_in is None else datetime.now(UTC) + due_in,
        undeliverable_action=random.choice((None, *UndeliverableAction, *LEAVING)),
    )
    people = {
        "customer": play.customer,
        "traveler": play.traveler,
        "rival": play.rival,
        "recipient": play.recipient,
        "agent": play.agent,
        "operator": Actor(Role.OPERATOR),
        "stranger": stranger,
    }
    account = random.choice(ACCOUNTS)
    return Story(play, random, people, account)


def _reachable() -> dict[DeliveryStatus, frozenset[DeliveryStatus]]:
    found: dict[DeliveryStatus, frozenset[DeliveryStatus]] = {}
    for start in DeliveryStatus:
        seen, waiting = {start}, [start]
        while waiting:
            fresh = DELIVERY_MOVES[waiting.pop()] - seen
            seen |= fresh
            waiting += fresh
        found[start] = frozenset(seen)
    return found


_REACHABLE = _reachable()
"""Where a delivery can be after any number of legal moves."""
_LOOK = text("""
SELECT delivery.*,
    (SELECT json_object_agg(purpose, encode(nonce, 'hex')) FROM handover_code
        WHERE delivery_id = :id) AS codes
FROM delivery WHERE delivery_id = :id
""")
