"""Steps in the dispute of a delivery that is played."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from domain.contracts import Actor, DecideDispute, DisputeReason, OpenDispute, Role, Verdict
from domain.disputing.commands import (
    AnswerDispute,
    AppealVerdict,
    AskSide,
    CloseProposal,
    DisputeStanding,
    MakeProposal,
    StepInDispute,
)
from domain.disputing.ladder import Side
from domain.disputing.policy import DisputePolicy
from domain.ids import DisputeId
from domain.policies import Policies, VerdictOutcome
from infra.database.schema import dispute
from infra.identifiers import new_id
from tests.workflows.play import Play

LADDER = Policies(disputes=DisputePolicy())
"""Policies with every stage of the ladder."""


@dataclass
class Quarrel:
    """The dispute of one delivery."""

    play: Play

    async def open(
        self,
        by: Actor | None = None,
        desired: VerdictOutcome | None = None,
        refund_minor: int | None = None,
    ) -> None:
        """Bring the parcel to its recipient and dispute the delivery."""
        await self.play.delivered()
        actor, reason = by or self.play.customer, DisputeReason.DAMAGED
        command = OpenDispute(actor, DisputeId(new_id()), reason, desired, refund_minor)
        await self.play.send("open_dispute", command)

    async def send(self, update: str, command: object) -> DisputeStanding:
        """Take a step."""
        handle = await self.play.dispute_handle()
        standing: DisputeStanding = await handle.execute_update(
            update, command, result_type=DisputeStanding
        )
        return standing

    async def answer(self, by: Actor, *, accepts: bool) -> DisputeStanding:
        """Accept or contest what is asked for."""
        return await self.send("answer_dispute", AnswerDispute(by, accepts))

    async def propose(
        self, by: Actor, outcome: VerdictOutcome, refund_minor: int | None = None
    ) -> str:
        """Make a proposal; return its id."""
        proposal_id = new_id()
        await self.send("propose", MakeProposal(by, proposal_id, outcome, refund_minor))
        return proposal_id

    async def accept(self, by: Actor, proposal_id: str) -> DisputeStanding:
        """Accept a proposal."""
        return await self.send("accept_proposal", CloseProposal(by, proposal_id))

    async def withdraw(self, by: Actor, proposal_id: str) -> DisputeStanding:
        """Withdraw a proposal."""
        return await self.send("withdraw_proposal", CloseProposal(by, proposal_id))

    async def step(self, name: str, by: Actor, version: int | None = None) -> DisputeStanding:
        """Take a step that says nothing but who takes it."""
        return await self.send(name, StepInDispute(by, version))

    async def ask(self, by: Actor, side: Side) -> DisputeStanding:
        """Ask a side something."""
        return await self.send("ask_side", AskSide(by, side, "Was it cracked at pickup?"))

    async def appeal(self, by: Actor) -> DisputeStanding:
        """Appeal the verdict."""
        return await self.send("appeal", AppealVerdict(by, new_id()))

    async def decide(
        self, outcome: VerdictOutcome, by: Actor | None = None, version: int | None = None
    ) -> Verdict:
        """Give a verdict."""
        command = DecideDispute(by or self.play.agent, outcome, version=version)
        handle = await self.play.dispute_handle()
        verdict: Verdict = await handle.execute_update("decide", command, result_type=Verdict)
        return verdict

    async def agent_on_it(self) -> Actor:
        """Return the agent who was assigned."""
        return Actor(Role.AGENT, (await self.row())["agent_id"])

    async def row(self) -> dict[str, Any]:
        """Return the dispute as the database has it."""
        async with self.play.engine.connect() as connection:
            rows = await connection.execute(
                select(dispute).where(dispute.c.delivery_id == self.play.order.delivery_id)
            )
            return dict(rows.mappings().one())

    async def pass_time(self, **span: float) -> None:
        """Move the clock of the dispute on."""
        await self.play.pass_dispute_time(timedelta(**span))
