"""Amend: staff correct the deadline, an address, the recipient or the parcel of an open delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.core import RecordRefused
from workflows.stages.hold import HoldStage

with workflow.unsafe.imports_passed_through():
    from domain.amending import (
        EVENTS,
        Amendable,
        Amending,
        CorrectAddress,
        CorrectDeadline,
        CorrectParcel,
        CorrectRecipient,
        check_amend,
        facts_of,
    )
    from domain.contracts import Actor, CodePurpose, DeliveryOrder, Role, Standing
    from domain.deadlines import DeadlineKind
    from domain.errors import RefusalCode
    from domain.handover.choosing import value_max_without_account
    from domain.holds.rules import CLOCKS_OF_HOLDS
    from domain.messages import CONCERNS
    from domain.status import IN_CUSTODY


class AmendStage(HoldStage):
    """Typed corrections, each with its actor and reason in the timeline; on hold as well."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.amendments = 0

    @workflow.update(
        description="Move the armed deadline:"
        ' {"due_at": "2026-12-01T12:00:00Z", "reason": "The traveler missed a train."}'
    )
    async def correct_deadline(self, command: CorrectDeadline) -> Standing:
        """Arm the same clock for another moment."""
        return await self._amend(command)

    @correct_deadline.validator
    def _may_correct_deadline(self, command: CorrectDeadline) -> None:
        self.check_unless_soon(lambda: self._check_amend(command))

    @workflow.update(
        description="Correct an address that was prepared over REST:"
        ' {"amendment_id": "...", "kind": "destination", "reason": "The number was wrong."}'
    )
    async def correct_address(self, command: CorrectAddress) -> Standing:
        """Take the prepared address over."""
        return await self._amend(command)

    @correct_address.validator
    def _may_correct_address(self, command: CorrectAddress) -> None:
        self.check_unless_soon(lambda: self._check_amend(command))

    @workflow.update(
        description="Name another recipient who was prepared over REST:"
        ' {"amendment_id": "...", "reason": "Somebody else is at home."}'
    )
    async def correct_recipient(self, command: CorrectRecipient) -> Standing:
        """Take the prepared recipient over; a code that is under way is replaced."""
        return await self._amend(command)

    @correct_recipient.validator
    def _may_correct_recipient(self, command: CorrectRecipient) -> None:
        self.check_unless_soon(lambda: self._check_amend(command))

    @workflow.update(
        description="Correct what was said of the parcel, before its pickup:"
        ' {"weight_grams": 2500, "reason": "It was weighed."}'
    )
    async def correct_parcel(self, command: CorrectParcel) -> Standing:
        """Write another weight or value."""
        return await self._amend(command)

    @correct_parcel.validator
    def _may_correct_parcel(self, command: CorrectParcel) -> None:
        self.check_unless_soon(lambda: self._check_amend(command))

    def _check_amend(self, command: Amending) -> None:
        check_amend(self._amendable(), command)

    def _amendable(self) -> Amendable:
        horizons = self.policies.horizons
        until = self.held_at and self.held_at + timedelta(seconds=horizons.capture_s_max)
        return Amendable(
            standing=self._standing_off_hold(),
            parties=self._parties(),
            now=workflow.now(),
            money_held_until=until,
            declared_value_minor_max=self._value_max(),
            is_overridden=self.is_overridden,
        )

    def _value_max(self) -> int:
        """Return the greatest declared value: beyond a bound, both sides need an account."""
        order, value_max = self.order, self.policies.limits.declared_value_minor_max
        if order.recipient_id is not None:
            return value_max
        return value_max_without_account(order.policies.proof, order.currency, value_max)

    def _standing_off_hold(self) -> Standing:
        """Return where the delivery stands, with the clock that is armed or was stopped."""
        standing, stopped = self.standing, self.stopped
        if stopped is None or standing.deadline_kind not in CLOCKS_OF_HOLDS:
            return standing
        return replace(
            standing, deadline_kind=stopped.kind, deadline_at=stopped.due_at, attention=None
        )

    async def _amend(self, command: Amending) -> Standing:
        await self.wait_if_soon(lambda: self._check_amend(command))
        try:
            return await self._write_amendment(command)
        except RecordRefused as conflict:
            is_ahead = conflict.type == RefusalCode.ESCROW_CONFLICT
            if not is_ahead or not workflow.patched("amended-after-the-answer"):
                raise
        # The step under way had succeeded in the database, which only its answer tells the workflow.
        await self.wait_for_answer()
        return await self._write_amendment(command)

    async def _write_amendment(self, command: Amending) -> Standing:
        async with self.turn:
            await self.require_seen()
            self.check(lambda: self._check_amend(command))
            self.amendments += 1
            event = EVENTS[type(command)]
            facts, renewed = facts_of(command), False
            if isinstance(command, CorrectRecipient):
                renewed = self.status in IN_CUSTODY
                # Before the pickup there is no code yet, and nothing for the recipient to do.
                facts |= {} if renewed else {CONCERNS: f"{Role.CUSTOMER} {Role.TRAVELER}"}
            standing = self._amended(command)
            await self.record(
                self.transition(
                    event,
                    f"{event}:{self.amendments}",
                    Actor(command.role, command.operator_id),
                    standing,
                    facts=facts,
                    codes=(CodePurpose.HANDOVER,) if renewed else (),
                )
            )
            self._remember(command)
        self.publish()
        return self.standing

    def _amended(self, command: Amending) -> Standing:
        is_stopped = self.is_on_hold and self.standing.deadline_kind in CLOCKS_OF_HOLDS
        if not isinstance(command, CorrectDeadline) or is_stopped:
            return self.standing
        return replace(self.standing, deadline_at=command.due_at)

    def _remember(self, command: Amending) -> None:
        if isinstance(command, CorrectRecipient):
            self.order = replace(self.order, recipient_id=command.recipient_id)
            self.state.order = self.order
            self.state.locked_pins.discard(CodePurpose.HANDOVER)
        elif isinstance(command, CorrectDeadline):
            self._move_clock(command.due_at)

    def _move_clock(self, due_at: datetime) -> None:
        """Have whoever waits for the clock look at it anew."""
        kind = self._standing_off_hold().deadline_kind
        if self.stopped is not None and self.standing.deadline_kind in CLOCKS_OF_HOLDS:
            # It goes on as if it had been armed for this moment when the hold began.
            held_for = workflow.now() - self.stopped.since
            self.stopped = replace(self.stopped, due_at=due_at - held_for)
        if kind == DeadlineKind.PAYMENT:
            self.payment_due_at = due_at
        self.clocks_moved += 1
        self.stand(self.standing)
