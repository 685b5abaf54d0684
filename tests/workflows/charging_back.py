"""Plays the card network for one delivery: it opens a dispute, and the platform hears of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text
from temporalio.client import WorkflowHandle

from activities.payment_ports import Operation
from domain.chargebacks import NameBearer, SubmitEvidence
from domain.contracts import AttentionAction, ResolveAttention
from domain.ids import ChargebackId, chargeback_workflow_id
from domain.ledger import Bearer, DeliveryTotals, totals_of
from domain.money import Money
from domain.status import DeliveryStatus
from domain.transitions import OperationKind
from infra.chargebacks.starting import ChargebackStarts
from infra.database.ledger import transactions_of
from infra.database.schema import attention_item, chargeback
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_disputes import SandboxDisputes
from infra.payments.sandbox_network import ANSWER_IN, SandboxCardNetwork
from tests.waiting import PATIENCE_S, until
from tests.workflows.play import Play
from workflows.chargeback import ChargebackWorkflow

Handle = WorkflowHandle[Any, str]
PLENTY = 50_000
"""What other deliveries leave with the platform, so that no loss is another test's trouble."""
SKIP = ResolveAttention(AttentionAction.SKIP, reason="the bank has closed")


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


@dataclass
class ChargingBack:
    """One dispute of a delivery's payment, and the chargeback that it became."""

    play: Play
    dispute_id: str = ""
    of: str = ""
    """The operation whose payment is disputed; that of the price when empty."""
    network: SandboxCardNetwork = field(init=False)
    starts: ChargebackStarts = field(init=False)

    def __post_init__(self) -> None:
        self.network = SandboxCardNetwork(self.play.engine)
        self.starts = ChargebackStarts(self.play.engine, self.play.environment.client)

    @property
    def charge_id(self) -> str:
        return self.of or f"{self.play.order.delivery_id}:charge:1"

    async def open(
        self,
        amount_minor: int | None = None,
        *,
        inquiry: bool = False,
        reason: str = "fraudulent",
        answer_in: timedelta = ANSWER_IN,
        told: bool = True,
    ) -> None:
        """Let the cardholder complain."""
        opens = self.network.open_inquiry if inquiry else self.network.open_chargeback
        amount = None if amount_minor is None else eur(amount_minor)
        events = await opens(self.charge_id, amount, reason=reason, answer_in=answer_in)
        self.dispute_id = events[0].object_id
        if told:
            await self.tell()

    async def tell(self) -> None:
        """Let an event of the dispute arrive."""
        await self.starts.start_chargeback("sandbox", self.dispute_id, self.charge_id)

    async def fill(self, account: str, amount_minor: int) -> None:
        """Let another delivery pay the platform, and have money of it reach an account."""
        provider = SandboxProvider(self.play.engine)
        other = f"other-{self.play.order.delivery_id}"
        charge = Operation(OperationKind.CHARGE, f"{other}:charge")
        await provider.charge(charge, eur(2 * amount_minor), "pm_sandbox_ok")
        sent = Operation(OperationKind.TRANSFER, f"{other}:transfer", charge)
        await provider.transfer(sent, eur(amount_minor), account)

    async def escalate(self) -> None:
        await self.network.escalate(self.dispute_id)
        await self.tell()

    async def decide(self, *, won: bool) -> None:
        """Let the bank decide, and an event of it arrive."""
        await self.network.decide(self.dispute_id, won=won)
        await self.tell()

    async def close_inquiry(self) -> None:
        await self.network.close_inquiry(self.dispute_id)
        await self.tell()

    async def handle(self) -> Handle:
        row = await self.row()
        workflow_id = chargeback_workflow_id(ChargebackId(str(row["chargeback_id"])))
        return self.play.environment.client.get_workflow_handle_for(
            ChargebackWorkflow.run, workflow_id
        )

    async def row(self) -> dict[str, Any]:
        query = select(chargeback).where(chargeback.c.dispute_id == self.dispute_id)
        async with self.play.engine.connect() as connection:
            return dict((await connection.execute(query)).mappings().one())

    async def stands(self, **columns: Any) -> None:
        """Wait until the row shows these values."""

        async def is_so() -> bool:
            row = await self.row()
            return all(row[name] == value for name, value in columns.items())

        await until(is_so)

    async def met(self, kind: str, times: int = 1) -> None:
        """Wait until something has happened to the delivery so often."""

        async def has_happened() -> bool:
            return (await self.play.events()).count(kind) == times

        await until(has_happened)

    async def ended(self) -> str:
        """Wait for the end of the workflow."""
        async with asyncio.timeout(PATIENCE_S):
            return await (await self.handle()).result()

    async def pass_time(self, span: timedelta) -> None:
        await self.play.pass_time(span, await self.handle())

    async def submit(self) -> None:
        handle = await self.handle()
        command = SubmitEvidence(self.play.agent)
        await handle.execute_update("submit_evidence", command)

    async def name_bearer(self, bearer: Bearer) -> None:
        handle = await self.handle()
        command = NameBearer(self.play.agent, bearer, "the terms say so")
        await handle.execute_update("name_bearer", command)

    async def resolve(self, command: ResolveAttention) -> None:
        handle = await self.handle()
        await handle.execute_update("resolve_attention", command)

    async def evidence(self) -> tuple[dict[str, str], int]:
        """Return what the bank was given, and how often it was submitted."""
        query = text("SELECT evidence, submissions FROM sandbox_dispute WHERE dispute_id = :id")
        async with self.play.engine.connect() as connection:
            row = (await connection.execute(query, {"id": self.dispute_id})).one()
        state = await SandboxDisputes(self.play.engine).read(self.dispute_id)
        assert state.submissions == row.submissions
        return row.evidence, row.submissions

    async def totals(self) -> DeliveryTotals:
        async with self.play.engine.connect() as connection:
            booked = await transactions_of(connection, self.play.order.delivery_id)
        return totals_of(booked, "EUR")

    async def items(self) -> list[str]:
        """Return what staff have to look at, by what it is about."""
        row = await self.row()
        rows = await self.play.read(
            select(attention_item.c.key).where(
                attention_item.c.settled_at.is_(None),
                attention_item.c.key.startswith(f"chargeback:{row['chargeback_id']}:"),
            )
        )
        return sorted(key.rpartition(":")[2] for (key,) in rows)


async def paid_out(play: Play, account: str = "acct_sandbox_t") -> None:
    """Bring a delivery to its close; the traveler is paid out."""
    await play.delivered(account=account)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def unpaid(play: Play, account: str = "acct_sandbox_t_payout_refused") -> None:
    """Bring a delivery to its close while the payout is skipped: the traveler's share is here."""
    await play.delivered(account=account)
    await play.confirm()
    await play.parked("pay_out")
    await play.resolve(SKIP)
    assert await play.closed() is DeliveryStatus.COMPLETED


def own(account: str, play: Play) -> str:
    """Return an account that no other test uses."""
    return account.replace("_t", f"_{play.traveler.person_id}", 1)
