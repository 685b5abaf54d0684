"""Extra costs: the customer is asked, and nothing is charged without an answer in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from temporalio import workflow

from workflows.late_parking import LateParking

with workflow.unsafe.imports_passed_through():
    from domain.correcting.extra_costs import (
        AnswerCost,
        check_consent,
        check_refusal,
        check_taking_back,
    )

    # By its own module: the sandbox reads the types of its fields there when it decodes an order.
    from domain.correcting.policy import CostReason, ExtraCostPolicy  # noqa: F401
    from domain.correcting.rules import (
        CorrectionKind,
        CorrectionOrder,
        CorrectionStanding,
        CorrectionStatus,
    )
    from domain.deadlines import DeadlineKind
    from domain.transitions import EventKind, PaymentIntent


class Consent(LateParking):
    """A correction that may need the customer's consent before anything is charged."""

    def __init__(self, order: CorrectionOrder) -> None:
        super().__init__(order.policies)
        self.order = order
        self.intents: Sequence[PaymentIntent] = ()

    @workflow.update(description="The customer agrees to pay the extra costs.")
    async def agree(self, command: AnswerCost) -> CorrectionStanding:
        """Charge the named method next."""
        async with self.turn:
            self.check(lambda: check_consent(self.order, self.now_at, command))
            charge = replace(self.intents[0], method=command.payment_method)
            moving = self.moving()
            agreed = EventKind.EXTRA_COST_AGREED
            await self.note(self.event(agreed, moving, command.actor, intent=charge), moving)
            self.intents = (charge, *self.intents[1:])
        return self.now_at

    @agree.validator
    def _may_agree(self, command: AnswerCost) -> None:
        self.check(lambda: check_consent(self.order, self.now_at, command))

    @workflow.update(description="The customer refuses to pay the extra costs.")
    async def refuse(self, command: AnswerCost) -> CorrectionStanding:
        """End the request; nothing is charged."""
        async with self.turn:
            self.check(lambda: check_refusal(self.order, self.now_at, command))
            refused = self.over(CorrectionStatus.DECLINED, "refused")
            event = EventKind.EXTRA_COST_REFUSED
            await self.note(self.event(event, refused, command.actor), refused)
        return self.now_at

    @refuse.validator
    def _may_refuse(self, command: AnswerCost) -> None:
        self.check(lambda: check_refusal(self.order, self.now_at, command))

    @workflow.update(description="The traveler takes the request for extra costs back.")
    async def take_back(self, command: AnswerCost) -> CorrectionStanding:
        """End the request; nothing is charged."""
        async with self.turn:
            self.check(lambda: check_taking_back(self.order, self.now_at, command))
            given_up = self.over(CorrectionStatus.GIVEN_UP, "taken_back")
            event = EventKind.EXTRA_COST_WITHDRAWN
            await self.note(self.event(event, given_up, command.actor), given_up)
        return self.now_at

    @take_back.validator
    def _may_take_back(self, command: AnswerCost) -> None:
        self.check(lambda: check_taking_back(self.order, self.now_at, command))

    def asked(self) -> CorrectionStanding:
        """Return the standing in which the customer has to answer."""
        due_at = self.due_in(self.policies.extra_costs.consent_s)
        return CorrectionStanding(
            CorrectionStatus.ASKED, deadline_kind=DeadlineKind.EXTRA_COST, deadline_at=due_at
        )

    def is_asked(self, standing: CorrectionStanding) -> bool:
        """Tell whether the customer has to answer first."""
        return standing.status is CorrectionStatus.ASKED

    @property
    def payment_clock(self) -> DeadlineKind:
        """The clock that runs while the customer's bank asks about the charge."""
        is_tip = self.order.kind is CorrectionKind.TIP
        return DeadlineKind.TIP if is_tip else DeadlineKind.EXTRA_COST_PAYMENT

    async def agreed_to(self) -> bool:
        """Return whether the customer agrees: to a tip always, to extra costs by answering in time."""
        if self.order.kind is CorrectionKind.TIP:
            return True
        await self.wait_until_due(lambda: not self.is_asked(self.now_at) or self.stop_requested)
        # An answer that is being written came in time.
        async with self.turn:
            is_unanswered = self.is_asked(self.now_at)
            if is_unanswered:
                self.be(self.over(CorrectionStatus.DECLINED, "unanswered"))
        if is_unanswered:
            late = self.event(EventKind.EXTRA_COST_REFUSED, self.now_at)
            await self.record_late(late, self.now_at)
        return self.now_at.status is CorrectionStatus.MOVING
