"""One plan in play: the delivery, its people, its Stripe account, and when it has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.payment_ports import Operation
from domain.errors import RefusalCode
from domain.ids import DeliveryId
from domain.money import AMOUNT_MINOR_MAX, Money
from domain.policies import Policies, RetryPolicyFigures, WindowPolicy
from domain.status import DeliveryStatus
from domain.transitions import OperationKind
from infra.database.schema import handover_code, person
from tests.card_network import CardNetwork
from tests.money_machine import late
from tests.money_machine.crashes import Passage
from tests.money_machine.glance import Glance, glance_at
from tests.money_machine.installation import Installation, Lane
from tests.money_machine.plan import HORIZONS, Plan
from tests.stripe_stand_in import Json, MoneyMoved
from tests.workflows.play import Play, make_play

PATIENCE_S = 90
"""Longest wait for something that must happen by itself, with its tries, on a busy machine."""
LOOK_AGAIN_S = 1.0
"""Time after which the database is asked again although nothing passed a port."""
PAUSE_S = 0.05
LOOKS_UNTIL_REMINDER = 5
"""Looks at a delivery that awaits an answer while its workflow asks nobody, until its reminder is due."""
NOTICE_S = 5.0
"""Longest wait until a deadline that has passed is noticed: its timer fires a moment later."""
CALL_S_MAX = 2
"""Time a provider's call gets; slow ones take longer, and are asked again meanwhile."""
TRIES_MAX = 4

POLICIES = Policies(
    windows=WindowPolicy(payment_poll_s=4 * 3_600, payment_poll_s_max=12 * 3_600),
    retries=RetryPolicyFigures(
        call_s_max=CALL_S_MAX, first_wait_s=1, longest_wait_s=1, tries_max=TRIES_MAX
    ),
)
"""Steps park after few tries, since operators are a part of what is played; an unsettled charge is
read a few times only, since each jump of the clock takes its second."""


@dataclass
class Scene:
    """A delivery whose offer is made and not accepted yet."""

    installation: Installation
    lane: Lane
    plan: Plan
    play: Play
    account: str
    passage: Passage
    rival_account: str = ""
    """The account of the traveler who may take the parcel over."""
    giver_account: str = ""
    """The account of a traveler who has handed the parcel on; `account` is then the other one's."""
    earlier: Play | None = None
    """The delivery from which the traveler owes something."""
    given_elsewhere: int = 0
    """What the customer got back by bank transfer, where the card could not be refunded any more."""
    refusals: list[str] = field(default_factory=list)
    """Codes with which commands were refused, in order."""

    @property
    def delivery_id(self) -> DeliveryId:
        return self.play.order.delivery_id

    def moved(self) -> MoneyMoved:
        """What the stand-in shows of the delivery."""
        return self.lane.stand_in.view.moved(delivery_id=self.delivery_id)

    def last(self, objects: tuple[Json, ...], *statuses: str) -> Json | None:
        """Return the latest object that stands at one of the statuses."""
        return next((each for each in reversed(objects) if each["status"] in statuses), None)

    async def attempt(self, command: Awaitable[Any]) -> bool:
        """Send a command and return whether it was taken; any failure but a refusal is a fault."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await command
        except WorkflowUpdateFailedError as failure:
            cause = failure.cause
            if not isinstance(cause, ApplicationError) or cause.type not in set(RefusalCode):
                raise
            self.refusals.append(cause.type or "")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            self.refusals.append("closed")
        else:
            return True
        return False

    async def status(self) -> DeliveryStatus:
        return DeliveryStatus((await self.play.standing())["status"])

    async def look(self) -> Glance:
        """Read where the delivery stands now, and what is open beside it."""
        return await glance_at(self.installation.reading, self.delivery_id)

    async def settled(self) -> Glance:
        """Wait until no provider's answer is awaited any more; return where the delivery stands.

        An answer may be booked after its step was given up, by a call that took too long. The saga notices
        with the news of it, which is not brought here, or at its next reminder: time passes until then.
        """
        changed, quiet = self.passage.changed, 0
        async with asyncio.timeout(PATIENCE_S):
            while True:
                changed.clear()
                seen = await self.look()
                if seen.is_at_rest and await self._are_idle(seen):
                    return seen
                quiet += 1
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), LOOK_AGAIN_S)
                    quiet = 0
                is_unnoticed = quiet == LOOKS_UNTIL_REMINDER and not seen.is_at_rest
                if is_unnoticed and await self._are_idle(seen):
                    await self.forward(self.play.handle, timedelta(days=1))
                # Where something passes a port, more is about to.
                await asyncio.sleep(PAUSE_S)

    async def _are_idle(self, seen: Glance) -> bool:
        """Tell whether no workflow of the delivery has anything to do: one may be about to move."""
        own = [] if seen.is_closed else [self.play.handle]
        for handle in (*own, *late.handles(self, seen), *late.undoing(self)):
            try:
                shown = (await handle.describe()).raw_description
            except RPCError:
                # Its row is there a moment before it is, or it has just ended.
                continue
            # Beside a delivery that is at rest, only what is late can still be asking the provider.
            may_ask = handle.id != self.play.handle.id or not seen.is_at_rest
            if shown.HasField("pending_workflow_task") or (may_ask and shown.pending_activities):
                return False
        return True

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass for the delivery, its dispute and its Stripe account alike."""
        seen = await self.look()
        handles = late.handles(self, seen)
        if seen.standing["status"] == DeliveryStatus.DISPUTED and seen.standing["dispute_id"]:
            # A workflow that waits for its child stands still, and so does its clock.
            handles.append(await self.play.dispute_handle())
        elif not seen.is_closed:
            handles.append(self.play.handle)
        await asyncio.gather(*(self.forward(handle, span) for handle in handles))
        self.lane.stand_in.move(seconds=span.total_seconds())
        async with self.installation.reading.begin() as connection:
            await connection.execute(_AGE, {"delivery_id": self.delivery_id, "span": span})

    async def pass_deadline(self, due_at: datetime) -> None:
        """Let time pass until the delivery's armed clock has run out, and no longer."""
        now = await self.play.environment.get_current_time(self.play.handle)
        await self.pass_time(max(due_at - now, timedelta(0)) + timedelta(seconds=1))
        with suppress(TimeoutError):
            async with asyncio.timeout(NOTICE_S):
                while (await self.look()).standing["deadline_at"] == due_at:
                    await asyncio.sleep(PAUSE_S)

    async def forward(self, handle: WorkflowHandle[Any, Any], span: timedelta) -> None:
        """Move the clock of one workflow on, unless it is over."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.play.environment.fast_forward(handle, span)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def codes(self) -> set[str]:
        """Return the purposes for which there is a handover code."""
        issued = select(handover_code.c.purpose).where(
            handover_code.c.delivery_id == self.delivery_id
        )
        return {row[0] for row in await self.play.read(issued)}

    async def end(self) -> None:
        """End what a plan that failed has left running."""
        for handle in (self.play.handle, *late.handles(self, await self.look())):
            with suppress(RPCError):
                await handle.terminate()

    async def onboard(self) -> None:
        """Let the traveler finish what the provider wants to know, and who handed the parcel on."""
        for account in filter(None, (self.account, self.giver_account)):
            self.lane.stand_in.world.complete_onboarding(account)


_AGE = text("""
UPDATE payment_operation SET attempt_sent_at = attempt_sent_at - CAST(:span AS interval)
WHERE delivery_id = :delivery_id
""")
"""The activities read the wall clock, which no test can move: what they compare it with is moved."""


async def begin(installation: Installation, lane: Lane, plan: Plan) -> Scene:
    """Open a delivery with an offer on it, in an empty Stripe account."""
    lane.stand_in.reset()
    # What is released again leaves the platform's balance, in which other customers' money is.
    other = Operation(OperationKind.CHARGE, "other-customers:charge")
    await lane.provider.charge(other, Money(AMOUNT_MINOR_MAX, "EUR"), "pm_card_bypassPending")
    account = await lane.onboarding.open_account("traveler", "ES", "EUR")
    if plan.account == "ready":
        lane.stand_in.world.complete_onboarding(account)
    play = await make_play(
        installation.server,
        installation.reading,
        installation.make_person,
        installation.make_parcel,
        POLICIES,
    )
    days = HORIZONS[plan.horizon]
    if days is not None:
        deliver_by = datetime.now(UTC) + timedelta(days=days)
        play.order = replace(play.order, deliver_by=deliver_by)
    delivery_id = play.order.delivery_id
    rival_account = await lane.onboarding.open_account("rival", "ES", "EUR")
    lane.stand_in.world.complete_onboarding(rival_account)
    async with installation.reading.begin() as connection:
        for traveler, its in ((play.traveler, account), (play.rival, rival_account)):
            known = update(person).where(person.c.person_id == traveler.person_id)
            await connection.execute(known.values(payout_account=its))
    installation.lane_of[delivery_id] = lane
    passage = installation.crashes.plan(delivery_id, plan.crashes)
    await play.open()
    await play.submit(price_minor=plan.price_minor)
    scene = Scene(installation, lane, plan, play, account, passage, rival_account)
    if plan.owes_minor:
        scene.earlier = await _owing(scene)
    return scene


async def _owing(scene: Scene) -> Play:
    """Have the traveler owe something from an earlier delivery, whose chargeback was lost."""
    installation = scene.installation
    earlier = await make_play(
        installation.server,
        installation.reading,
        installation.make_person,
        installation.make_parcel,
        POLICIES,
    )
    await earlier.open()
    await earlier.cancel()
    network = CardNetwork(installation.engine, earlier.order.delivery_id, scene.plan.owes_minor)
    await network.take()
    await network.keep(held_minor=0, traveler_id=scene.play.traveler.person_id)
    return earlier
