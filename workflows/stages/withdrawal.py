"""Withdrawal: the traveler gives the delivery back before the pickup, and others may take it over."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.compensation import CompensationStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Actor, Standing
    from domain.leaving.contracts import WithdrawTraveler
    from domain.leaving.withdrawal import check_withdraw, strike_facts
    from domain.status import DeliveryStatus, EscrowStatus

_WITHDRAWN = "the traveler withdrew"


class WithdrawalStage(CompensationStage):
    """The exit that the traveler has until pickup."""

    @workflow.update(
        description="The traveler gives the delivery back before pickup; it is open to others again."
    )
    async def withdraw(self, command: WithdrawTraveler) -> Standing:
        """Give the delivery back; the customer gets everything back and others may offer."""
        async with self.command(lambda: check_withdraw(self.state, command)):
            await self._withdraw(command.actor)
        return self.standing

    @withdraw.validator
    def _may_withdraw(self, command: WithdrawTraveler) -> None:
        self.admit(lambda: check_withdraw(self.state, command))

    async def _withdraw(self, actor: Actor) -> None:
        if self.status is DeliveryStatus.AWAITING_PICKUP:
            await self.begin_departure(actor, _WITHDRAWN, strike_facts(actor))
        elif self.standing.escrow in (EscrowStatus.NONE, EscrowStatus.SAVED):
            await self.leave_unheld(actor, _WITHDRAWN, strike_facts(actor))
        else:
            # A charge is under way: the stage gives the money back once its outcome is known.
            self.state.cancelled_by, self.is_given_back = actor, True
