"""Catching up with the database: a dispute that is stored there counts, whoever forgot it.

A workflow task that is lost once its transition is committed takes the command with it: the saga is
replayed without it, and what it does next is refused because the database stands elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from temporalio import workflow

from workflows.core import RecordRefused
from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from activities.records import ILLEGAL_MOVE, RecordActivities
    from domain.disputing.stored import StoredDispute
    from domain.status import DELIVERY_MOVES, DeliveryStatus, DisputeStatus


class CatchingUpStage(DeliveryStage):
    """From a refused transition to the dispute that the database holds."""

    @asynccontextmanager
    async def command(
        self, rule: Callable[[], None], *, despite_hold: bool = False
    ) -> AsyncIterator[None]:
        """Give a command its turn; one that the database refuses is checked by what is stored there."""
        async with super().command(rule, despite_hold=despite_hold):
            try:
                yield
            except RecordRefused as failure:
                if self._may_be_behind(failure) and await self._take_stored_dispute():
                    self.check(rule)
                raise

    async def is_caught_up(self, failure: RecordRefused) -> bool:
        """Tell whether the delivery stands elsewhere by now than when its stage was refused."""
        stood = self.standing
        if not self._may_be_behind(failure):
            return False
        async with self.turn:
            # The command itself may have come again while its turn was waited for.
            return self.standing is not stood or await self._take_stored_dispute()

    def _may_be_behind(self, failure: RecordRefused) -> bool:
        """Tell whether a dispute may be stored that this saga does not know of."""
        may_be = (
            failure.type == ILLEGAL_MOVE
            and self.standing.dispute == DisputeStatus.NONE
            and DeliveryStatus.DISPUTED in DELIVERY_MOVES[self.status]
        )
        # Deliveries that were parked for it before stay parked.
        return may_be and workflow.patched("stored-disputes")

    async def _take_stored_dispute(self) -> bool:
        """Stand at the dispute that is stored; return whether there is one."""
        stored: StoredDispute | None = await self.in_database(
            RecordActivities.stored_dispute, [self.delivery_id], "look for a dispute"
        )
        if stored is None:
            return False
        opened = stored.command
        desired = (opened.desired, opened.desired_refund_minor)
        # Its event is written already, so that this only takes over what it leads to.
        await self.begin_dispute(opened.actor, opened.reason, opened.dispute_id, desired)
        kind, due_at = stored.deadline_kind, stored.deadline_at
        self.stand(replace(self.standing, deadline_kind=kind, deadline_at=due_at))
        return True
