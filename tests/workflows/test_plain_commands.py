"""What staff send by hand, from the Web UI or Temporal's command line: one small JSON object."""

from __future__ import annotations

import asyncio

import pytest

from domain.status import DeliveryStatus
from infra.local_stack.programs import temporal_binary
from tests.workflows.play import Play
from tests.workflows.test_hold import page
from workflows.chargeback import ChargebackWorkflow
from workflows.correction import CorrectionWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.undone import UndoneWorkflow


async def send(play: Play, update: str, payload: str) -> str:
    """Send an update as an operator does, and return what the command line prints."""
    command = (
        str(temporal_binary()), "workflow", "update", "execute",
        "--address", play.environment.client.service_client.config.target_host,
        "--workflow-id", play.handle.id, "--name", update, "--input", payload,
    )  # fmt: skip
    sending = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await sending.communicate()
    return printed.decode()


async def test_a_refund_that_is_refused_for_good_is_resolved_from_the_command_line(
    play: Play,
) -> None:
    await play.held("pm_sandbox_ok_refund_refused")
    await play.cancel()
    await play.parked("refund_funds")
    assert "docs/runbooks/refund_funds.md" in await page(play)
    await send(play, "resolve_attention", '{"action": "retry"}')
    await play.happened("attention_resolved")
    await play.parked("refund_funds")
    assert "Skipping" in await send(play, "resolve_attention", '{"action": "skip"}')
    by_hand = f'{{"action": "done_by_hand", "reference": "transfer {play.order.delivery_id}"}}'
    await send(play, "resolve_attention", by_hand)
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_delivery_is_frozen_and_resumed_from_the_command_line(play: Play) -> None:
    await play.held()
    assert "Say why" in await send(play, "hold", "{}")
    await send(play, "hold", '{"reason": "The customer reports a stolen card."}')
    await play.happened("hold_placed")
    await send(play, "resume", "{}")
    await play.happened("hold_lifted")
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


STAFF_UPDATES = {
    DeliveryWorkflow: (
        "hold",
        "resume",
        "resolve_attention",
        "correct_deadline",
        "correct_address",
        "correct_recipient",
        "correct_parcel",
    ),
    CorrectionWorkflow: ("resolve_attention",),
    UndoneWorkflow: ("refund_again", "pay_out_again", "done_by_hand", "give_up"),
    ChargebackWorkflow: ("resolve_attention", "submit_evidence", "name_bearer"),
}


@pytest.mark.parametrize("saga", STAFF_UPDATES, ids=lambda saga: saga.__name__)
def test_what_staff_send_shows_its_payload_in_its_description(saga: type[object]) -> None:
    for name in STAFF_UPDATES[saga]:
        described = getattr(saga, name)._defn.description
        assert "{}" in described or '{"' in described, name
