"""Relay stage: a parcel on its way is handed on to a second traveler, with the customer's consent."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow

from workflows.stages.accepted_scans import require_accepted
from workflows.stages.late import SilenceStage

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.contracts import PLATFORM, Actor, CodePurpose, Standing
    from domain.deadlines import DeadlineKind
    from domain.journey.relay import (
        Relay,
        RelayEnd,
        RelayStatus,
        check_answer_relay,
        check_ask_relay,
        check_relay_in_time,
        check_scan_relay,
        check_take_relay,
        check_withdraw_relay,
        clock_of,
    )
    from domain.journey.relay_contracts import (
        AnswerRelay,
        AskRelay,
        ScanRelay,
        TakeRelay,
        WithdrawRelay,
    )
    from domain.messages import TRAVELERS
    from domain.transitions import EventKind, Transition


class RelayStage(SilenceStage):
    """From the wish to hand a parcel on to a second traveler who carries it, or to none."""

    @workflow.update(description="The traveler asks to hand the parcel on to another one.")
    async def ask_relay(self, command: AskRelay) -> Standing:
        """Ask the customer first; without consent nothing changes."""
        async with self.command(lambda: self._check_ask(command)):
            if self.handover_due is None:
                # The pickup is on record, but the run has not looked at the way since.
                self.watch()
            giver_id = self.standing.traveler_id
            assert giver_id is not None, "somebody carries the parcel"
            due_at = command.deliver_by or self.overdue_at
            relay = Relay(
                command.relay_id, giver_id, command.taker_id, command.share_points, due_at
            )
            self.relays.asked += 1
            self.heard_last = self._without_hold(workflow.now())
            await self._go_to(relay, EventKind.RELAY_ASKED, command.actor)
        return self.standing

    @ask_relay.validator
    def _may_ask_relay(self, command: AskRelay) -> None:
        self.admit(lambda: self._check_ask(command))

    @workflow.update(description="The customer agrees to a relay, or declines it.")
    async def answer_relay(self, command: AnswerRelay) -> Standing:
        """Ask the second traveler next, or go on as before."""
        async with self.command(lambda: check_answer_relay(self.state, self.relays, command)):
            relay = self._relay()
            if command.agrees:
                agreed = replace(relay, status=RelayStatus.CONSENTED)
                told = {TRAVELERS: str(relay.taker_id)}
                await self._go_to(agreed, EventKind.RELAY_CONSENTED, command.actor, told)
            else:
                await self._end(command.actor, RelayEnd.DECLINED)
        return self.standing

    @answer_relay.validator
    def _may_answer_relay(self, command: AnswerRelay) -> None:
        self.admit(lambda: check_answer_relay(self.state, self.relays, command))

    @workflow.update(description="The second traveler accepts the terms of a relay, or refuses.")
    async def take_relay(self, command: TakeRelay) -> Standing:
        """Let both meet, or go on as before."""
        async with self.command(lambda: check_take_relay(self.state, self.relays, command)):
            if command.takes:
                account = command.payout_account
                relay = replace(self._relay(), status=RelayStatus.AGREED, taker_account=account)
                self.state.locked_pins.discard(CodePurpose.RELAY)
                await self._go_to(relay, EventKind.RELAY_AGREED, command.actor)
            else:
                await self._end(command.actor, RelayEnd.REFUSED)
        return self.standing

    @take_relay.validator
    def _may_take_relay(self, command: TakeRelay) -> None:
        self.admit(lambda: check_take_relay(self.state, self.relays, command))
        if command.takes:
            self.admit(self._check_in_time)

    @workflow.update(description="A traveler of a relay steps back from it before the scan.")
    async def withdraw_relay(self, command: WithdrawRelay) -> Standing:
        """Go on as before."""
        async with self.command(lambda: check_withdraw_relay(self.state, self.relays, command)):
            await self._end(command.actor, RelayEnd.WITHDRAWN)
        return self.standing

    @withdraw_relay.validator
    def _may_withdraw_relay(self, command: WithdrawRelay) -> None:
        self.admit(lambda: check_withdraw_relay(self.state, self.relays, command))

    @workflow.update(description="The second traveler scans the code that the first one shows.")
    async def scan_relay(self, command: ScanRelay) -> Standing:
        """Use the code up and move custody, or refuse the code."""
        with self.refusing():
            async with self.command(lambda: self._check_scan_relay(command)):
                await self._hand_on(command)
        return self.standing

    @scan_relay.validator
    def _may_scan_relay(self, command: ScanRelay) -> None:
        self.admit(lambda: self._check_scan_relay(command))
        self.admit(self._check_in_time)

    async def relay_lapses(self) -> None:
        """Go on as before, because nobody answered or met in time."""
        await self._end(PLATFORM, RelayEnd.LAPSED)

    def _check_ask(self, command: AskRelay) -> None:
        due_at = self.standing.deadline_at or workflow.now()
        if self.handover_due is not None:
            due_at = self.overdue_at
        check_ask_relay(self.state, self.relays, command, due_at, workflow.now())

    def _check_scan_relay(self, command: ScanRelay) -> None:
        check_scan_relay(self.state, self.relays, command, workflow.now())

    def _check_in_time(self) -> None:
        check_relay_in_time(self.relays, workflow.now())

    def _relay(self) -> Relay:
        if self.relays.current is None:
            raise AssertionError("the rule has found an open relay")
        return self.relays.current

    async def _go_to(
        self, relay: Relay, event: EventKind, actor: Actor, told: dict[str, str] | None = None
    ) -> None:
        """Arm the clock of whoever must act next; it never outlasts that of the handover."""
        policy = self.policies.relay
        seconds = {
            RelayStatus.ASKED: policy.consent_s,
            RelayStatus.CONSENTED: policy.answer_s,
            RelayStatus.AGREED: policy.meeting_s,
        }[relay.status]
        due_at = min(self.due_in(seconds), self.overdue_at)
        is_agreed = relay.status is RelayStatus.AGREED
        await self.record(
            self.transition(
                event,
                f"{event}:{self.relays.asked}",
                actor,
                self.armed(self.status, clock_of(relay.status), due_at),
                facts={**relay.facts(), **(told or {})},
                codes=(CodePurpose.RELAY,) if is_agreed else (),
            )
        )
        self.relays.current = relay

    async def _end(self, actor: Actor, because: RelayEnd) -> None:
        relay = self._relay()
        knows = (relay.giver_id,) if relay.status is RelayStatus.ASKED else _both(relay)
        ended = replace(relay, status=RelayStatus.ENDED)
        await self.record(
            self.transition(
                EventKind.RELAY_ENDED,
                f"{EventKind.RELAY_ENDED}:{self.relays.asked}",
                actor,
                self.armed(self.status, DeadlineKind.HANDOVER, self.overdue_at),
                facts={**ended.facts(because), TRAVELERS: " ".join(knows)},
            )
        )
        self.relays.current = ended

    async def _hand_on(self, command: ScanRelay) -> None:
        relay, scan = self._relay(), command.scan
        done = replace(relay, status=RelayStatus.DONE, giver_account=self.agreement.payout_account)
        accepted = self._relayed(done, command)
        outcome = await self.in_database(
            RecordActivities.accept_scan, [scan, accepted], f"verify the {scan.purpose} code"
        )
        require_accepted(self.state, scan, outcome)
        self.relays.current, self.relays.done = done, self.relays.done + 1
        self.state.accepted = replace(self.agreement, payout_account=relay.taker_account)
        self.heard_last = self._without_hold(workflow.now())
        self.stand(accepted.standing)

    def _relayed(self, relay: Relay, command: ScanRelay) -> Transition:
        due_at, earliest = relay.deliver_by, self.due_in(self.policies.relay.way_s_min)
        if due_at < earliest and workflow.patched("relay-leaves-time"):
            due_at = earliest
        standing = self.armed(
            self.status, DeadlineKind.HANDOVER, due_at, traveler_id=relay.taker_id
        )
        facts = {
            "method": "pin" if command.scan.is_pin else "code",
            "distance_m": str(command.distance_m),
            TRAVELERS: " ".join(_both(relay)),
        }
        return self.transition(
            EventKind.RELAYED,
            "relayed",
            command.scan.actor,
            standing,
            facts={**relay.facts(), **facts},
        )


def _both(relay: Relay) -> tuple[str, str]:
    return relay.giver_id, relay.taker_id
