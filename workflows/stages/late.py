"""Silence on the way: the traveler is nudged, then urged, then an agent looks for the parcel."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from temporalio import workflow

from workflows.core import RecordRefused
from workflows.stages.undelivered import UndeliveredStage

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.contracts import PLATFORM, Actor, DeliveryOrder, Standing
    from domain.deadlines import DeadlineKind
    from domain.journey.contracts import CheckIn
    from domain.journey.silence import (
        SILENCE_CLOCKS,
        check_check_in,
        next_rung,
        silent_at,
        warned_at,
    )
    from domain.lifecycle import TRAVELER_SILENT
    from domain.messages import CONCERNS
    from domain.status import IN_CUSTODY, DeliveryStatus
    from domain.transitions import EventKind


class SilenceStage(UndeliveredStage):
    """Looks for signs of life while the parcel is carried.

    Moments are kept without the time on hold, so that a hold moves them all.
    """

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.left_at: datetime | None = None
        self.heard_last: datetime | None = None
        self.handover_due: datetime | None = None
        self.is_warned = False
        self.silences = 0

    @workflow.signal(description="A traveler who was silent has sent a position.")
    async def traveler_heard(self) -> None:
        """End a silence that was noticed; changes nothing otherwise."""
        await workflow.wait_condition(lambda: self.is_open)
        async with self.turn:
            if self.status in IN_CUSTODY:
                await self._note_sign(PLATFORM, workflow.now(), {})

    @workflow.update(description="The traveler, or staff who reached the traveler: all is well.")
    async def check_in(self, command: CheckIn) -> Standing:
        """Take a word for a sign of life."""
        async with self.command(lambda: check_check_in(self.state, command)):
            facts = {"note": command.note} if command.note else {}
            await self._note_sign(command.actor, workflow.now(), facts)
        return self.standing

    @check_in.validator
    def _may_check_in(self, command: CheckIn) -> None:
        self.admit(lambda: check_check_in(self.state, command))

    def armed(
        self,
        status: DeliveryStatus,
        kind: DeadlineKind | None = None,
        due_at: datetime | None = None,
        **changes: Any,
    ) -> Standing:
        """Return the standing after a move; no agent looks for the traveler after it."""
        if self.standing.attention == TRAVELER_SILENT:
            changes.setdefault("attention", None)
        return super().armed(status, kind, due_at, **changes)

    def heard_at(self, status: DeliveryStatus) -> Standing:
        """Return the standing after an arrival, which is a sign of life too."""
        self.heard_last = self._without_hold(workflow.now())
        if self.standing.deadline_kind in SILENCE_CLOCKS:
            return self.armed(status, DeadlineKind.HANDOVER, self.overdue_at)
        return replace(self.standing, status=status)

    def watch(self) -> None:
        """Note when the handover is due, and from when on the traveler may fall silent."""
        now = self._without_hold(workflow.now())
        self.left_at = self.left_at or now
        self.heard_last = self.heard_last or now
        if self.standing.deadline_kind == DeadlineKind.HANDOVER and self.standing.deadline_at:
            self.handover_due = self._without_hold(self.standing.deadline_at)

    def look_again_at(self) -> datetime | None:
        """Return when to look for the traveler although the armed clock still runs, or none."""
        if self.standing.deadline_kind != DeadlineKind.HANDOVER:
            return None
        moments = [moment for moment in (self._silent_at(), self._warned_at()) if moment]
        return min(moments, default=None)

    async def look(self) -> None:
        """Warn the traveler of the end of the time, or notice that nothing was heard."""
        warned, silent, now = self._warned_at(), self._silent_at(), workflow.now()
        if warned is not None and warned <= now:
            await self._warn()
        elif silent is not None and silent <= now:
            await self.climb()

    async def climb(self) -> None:
        """Ask for the traveler more urgently, unless a sign has come in meanwhile."""
        heard_at = await self._heard_at()
        silent = silent_at(self.policies.silence, heard_at)
        if silent is None or silent > workflow.now():
            await self._note_sign(PLATFORM, heard_at, {})
            return
        rung = next_rung(self.policies.silence, self.standing.deadline_kind)
        if rung is None:
            raise AssertionError("only a clock with a next step runs out into it")
        overdue_at = self.overdue_at
        due_at = overdue_at if rung.lasts_s is None else min(self.due_in(rung.lasts_s), overdue_at)
        is_missing = rung.event is EventKind.TRAVELER_MISSING
        self.silences += rung.event is EventKind.TRAVELER_NUDGED
        standing = self.armed(self.status, rung.clock, due_at)
        if is_missing:
            standing = self.armed(self.status, rung.clock, due_at, attention=TRAVELER_SILENT)
        await self.record(
            self.transition(rung.event, f"{rung.event}:{self.silences}", PLATFORM, standing)
        )

    @property
    def overdue_at(self) -> datetime:
        """When the handover is overdue, whatever is armed now."""
        if self.handover_due is None:
            raise AssertionError("the parcel was picked up with a clock for its handover")
        return self.handover_due + self.time_held

    async def _warn(self) -> None:
        self.is_warned = True
        await self.record(
            self.transition(
                EventKind.HANDOVER_DUE_SOON, "handover_due_soon", PLATFORM, self.standing
            )
        )

    async def _heard_at(self) -> datetime:
        """Return when the last sign came in: a word, or a position that nobody told us of."""
        known = (self.heard_last or self._without_hold(workflow.now())) + self.time_held
        position_at: datetime | None = await self.in_database(
            RecordActivities.last_heard, [self.delivery_id], "look for signs of the traveler"
        )
        return max(known, position_at) if position_at is not None else known

    async def _note_sign(self, actor: Actor, at: datetime, facts: dict[str, str]) -> None:
        self.heard_last = self._without_hold(at)
        if self.standing.deadline_kind not in SILENCE_CLOCKS:
            return
        # The customer hears of the end of a silence only if there was word of the silence.
        quietly = self.standing.deadline_kind == DeadlineKind.CHECK_IN
        standing = self.armed(self.status, DeadlineKind.HANDOVER, self.overdue_at)
        told = {CONCERNS: ""} if quietly else {}
        try:
            await self.record(
                self.transition(
                    EventKind.TRAVELER_HEARD,
                    f"traveler_heard:{self.silences}",
                    actor,
                    standing,
                    facts={**facts, **told},
                )
            )
        except RecordRefused:
            # A sign of life is news, not a promise: it must never stop the saga.
            workflow.logger.warning("a sign of the traveler was not recorded")

    def _silent_at(self) -> datetime | None:
        if self.heard_last is None:
            return None
        return silent_at(self.policies.silence, self.heard_last + self.time_held)

    def _warned_at(self) -> datetime | None:
        if self.is_warned or self.left_at is None or self.handover_due is None:
            return None
        held = self.time_held
        return warned_at(self.policies.silence, self.left_at + held, self.handover_due + held)

    def _without_hold(self, moment: datetime) -> datetime:
        return moment - self.time_held if self.time_held else moment
