"""`sendalong bank`: plays the customer's bank at the sandbox, which takes a payment back."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderEvent, ProviderRefused
from domain.money import Money
from infra.cli.connection import with_database
from infra.local_stack.errors import StackError
from infra.payments.sandbox_disputes import SandboxDisputes
from infra.payments.sandbox_network import SandboxCardNetwork
from infra.webhooks.inbox import Inbox


def run(options: argparse.Namespace) -> int:
    """Play the bank, and let the platform hear of it as by webhooks."""

    async def play(engine: AsyncEngine) -> str:
        events = await _played(SandboxCardNetwork(engine), options)
        await Inbox(engine).receive("sandbox", events, "webhook")
        state = await SandboxDisputes(engine).read(events[0].object_id)
        return f"{state.dispute_id} is {state.status} about {state.amount}; {state.taken} taken."

    try:
        print(with_database(options, play))
    except ProviderRefused as refusal:
        raise StackError(str(refusal)) from refusal
    return 0


async def _played(
    network: SandboxCardNetwork, options: argparse.Namespace
) -> Sequence[ProviderEvent]:
    if options.action == "dispute":
        charge_id, paid = await network.charge_of(options.delivery)
        amount = None if options.amount is None else Money(options.amount, paid.currency)
        opens = network.open_inquiry if options.inquiry else network.open_chargeback
        return await opens(charge_id, amount, reason=options.reason)
    if options.action == "decide":
        return await network.decide(options.dispute, won=options.outcome == "won")
    if options.action == "escalate":
        return await network.escalate(options.dispute)
    return await network.close_inquiry(options.dispute)
