"""A saga that staff can freeze: its clock stops, and staff are told until it goes on."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.core import RecordRefused, SagaCore

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, Actor, Standing
    from domain.deadlines import RULES, DeadlineKind
    from domain.holds.rules import (
        CLOCKS_OF_HOLDS,
        Hold,
        StoppedClock,
        frozen,
        shown_on_hold,
        thawed,
        told_again,
    )
    from domain.sos import FOR_STAFF
    from domain.transitions import EventKind


class HoldableSaga(SagaCore):
    """Stops the armed clock while a hold is in force, and lets it go on later by as long.

    The database shows the clock of the hold meanwhile: when staff are told of it next.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hold_placed: Hold | None = None
        self.stopped: StoppedClock | None = None
        self.time_held = timedelta(0)
        self.clocks_stopped = 0
        self.holds_told = 0

    @property
    def is_on_hold(self) -> bool:
        """Whether staff have frozen the saga."""
        return self.hold_placed is not None

    @property
    def hold_scope(self) -> str:
        """What sets the keys of this saga's events apart from those of others of its delivery."""
        return ""

    async def until_resumed(self) -> None:
        """Wait until staff let the saga go on; meanwhile tell them again and again that it waits."""
        while self.hold_placed is not None:
            if self.standing.deadline_kind not in CLOCKS_OF_HOLDS:
                async with self.turn:
                    await self._stop_what_was_armed(self.hold_placed)
                continue
            if await self._wait_to_tell():
                async with self.turn:
                    await self._tell_again(self.hold_placed)

    async def stop_clock(
        self, hold: Hold, event: EventKind, actor: Actor, facts: dict[str, str] | None = None
    ) -> None:
        """Stop what is armed, in its turn, and write it down."""
        self.clocks_stopped += 1
        stopped, standing = frozen(self.standing, hold, self.policies.holds, workflow.now())
        await self._write_hold(event, self.clocks_stopped, actor, standing, facts)
        self.stopped = stopped
        # The page names the clock that stands still.
        self.stand(self.standing)

    async def resume_clock(
        self, event: EventKind, actor: Actor, facts: dict[str, str] | None = None
    ) -> None:
        """Let the clock go on, in its turn, and write it down."""
        standing = self.without_hold(self.standing)
        await self._write_hold(event, self.clocks_stopped, actor, standing, facts)
        self.stopped = None

    def without_hold(self, standing: Standing) -> Standing:
        """Return where the saga stands once its clock goes on."""
        if self.stopped is None:
            return standing
        return thawed(standing, self.stopped, workflow.now())

    async def _wait_to_tell(self) -> bool:
        """Wait until it is time to tell staff again; return whether it is."""
        self.publish()
        due_at = self.standing.deadline_at or workflow.now()
        clock = DeadlineKind(self.standing.deadline_kind or DeadlineKind.HOLD)
        try:
            await workflow.wait_condition(
                lambda: not self.is_on_hold or self.standing.deadline_at != due_at,
                timeout=max(due_at - workflow.now(), timedelta(0)),
                timeout_summary=f"On hold: {RULES[clock].default}",
            )
        except TimeoutError:
            return True
        return False

    async def _stop_what_was_armed(self, hold: Hold | None) -> None:
        """Stop the clock that a step or a scan has armed which was under way when the hold came."""
        if hold is not None and self.standing.deadline_kind not in CLOCKS_OF_HOLDS:
            await self.stop_clock(hold, EventKind.CLOCK_STOPPED, PLATFORM)

    async def _tell_again(self, hold: Hold | None) -> None:
        if hold is None or self.standing.deadline_kind not in CLOCKS_OF_HOLDS:
            return
        self.holds_told += 1
        event, told, standing = told_again(self.standing, hold, self.policies.holds)
        facts = {"since": hold.since.isoformat()}
        if hold.sos_at is not None:
            facts |= FOR_STAFF
        await self._write_hold(event, self.holds_told, PLATFORM, standing, facts)
        if self.hold_placed is not None:
            self.hold_placed = told
        self.publish()

    async def _write_hold(
        self,
        event: EventKind,
        number: int,
        actor: Actor,
        standing: Standing,
        facts: dict[str, str] | None,
    ) -> None:
        key, before = f"{event}:{self.hold_scope}{number}", self.standing
        try:
            await self.record(self.transition(event, key, actor, standing, facts=facts))
        except RecordRefused:
            is_noted = workflow.patched("holds-are-noted-beside")
            # A hold must work even where the record is what is stuck: the page still shows it. Where an
            # answer has moved the saga on meanwhile, it stands there.
            if self.standing is before or not is_noted:
                self.stand(standing)
            if is_noted:
                await self.note_beside(event, actor, facts or {})

    async def note_beside(self, event: EventKind, actor: Actor, facts: dict[str, str]) -> None:
        """Write down what became of a hold where the database stands elsewhere by now.

        A step under way may have succeeded there, which only its answer tells the saga: what it
        arms is stopped then, and who froze the delivery and why is known from here.
        """


class HeldWithItsDelivery(HoldableSaga):
    """A saga of a delivery that is frozen and goes on with it, for example its dispute."""

    @workflow.signal(description="The delivery was put on hold, or goes on: the clock follows.")
    async def hold_moved(self, hold: Hold | None = None) -> None:
        """Stop the clock, or let it go on; a repeat changes nothing."""
        await workflow.wait_condition(lambda: self.is_open)
        async with self.turn:
            if hold is not None and self.hold_placed is None:
                self.hold_placed = hold
                await self.stop_clock(hold, EventKind.CLOCK_STOPPED, PLATFORM)
            elif hold is not None and self.hold_placed is not None:
                await self._join_call(hold, self.hold_placed)
            elif hold is None and self.hold_placed is not None:
                since = self.stopped.since if self.stopped is not None else workflow.now()
                await self.resume_clock(EventKind.CLOCK_RESUMED, PLATFORM)
                self.time_held += workflow.now() - since
                self.hold_placed = None
        self.publish()

    async def _join_call(self, hold: Hold, before: Hold) -> None:
        """Show that somebody has called for help since the clock was stopped."""
        if hold.clock is not before.clock:
            self.hold_placed, now = hold, workflow.now()
            self.clocks_stopped += 1
            standing = shown_on_hold(self.standing, hold, self.policies.holds, now)
            event, number = EventKind.CLOCK_STOPPED, self.clocks_stopped
            # The clock stands still already: that somebody has called since is for staff.
            await self._write_hold(event, number, PLATFORM, standing, dict(FOR_STAFF))
