"""How the edge reads a workflow's answers, with a workflow that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.commands import Commands
from api.edge.problems import Problem
from domain.contracts import (
    Actor,
    DecideDispute,
    ReportArrival,
    Role,
    Standing,
    Verdict,
)
from domain.errors import RefusalCode
from domain.ids import DeliveryId, DisputeId, delivery_workflow_id, dispute_workflow_id
from domain.policies import VerdictOutcome
from infra.identifiers import new_id
from infra.polling import polling

QUEUE = "scripted"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
STANDING = Standing("requested", "none")


@dataclass(frozen=True)
class Script:
    """What an update does."""

    refuse: str = ""
    status: str = ""
    wait: bool = False
    end: bool = False


@workflow.defn(name="scripted")
class Scripted:
    """Answers updates as they ask for it."""

    def __init__(self) -> None:
        self.released = False
        self.ended = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.ended)

    @workflow.signal
    def release(self) -> None:
        self.released = True

    @workflow.signal
    def report_arrival(self, _: ReportArrival) -> None:
        self.released = True

    @workflow.signal
    def end(self) -> None:
        self.ended = True

    @workflow.update(unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON)
    async def play(self, script: Script) -> Standing:
        if script.refuse:
            raise ApplicationError("No.", {"status": script.status}, type=script.refuse)
        if script.wait:
            await workflow.wait_condition(lambda: self.released)
        if script.end:
            self.ended = True
            await workflow.wait_condition(lambda: False)
        return STANDING

    @workflow.update
    async def decide(self, _: DecideDispute) -> Standing:
        raise ApplicationError("No.", type=RefusalCode.VERDICT_AMOUNT_INVALID)


@pytest.fixture(scope="module")
async def client(temporal: WorkflowEnvironment) -> AsyncIterator[Client]:
    worker = Worker(
        temporal.client,
        task_queue=QUEUE,
        workflows=[Scripted],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with polling(worker):
        yield temporal.client


async def started(client: Client) -> DeliveryId:
    delivery_id = DeliveryId(new_id())
    await client.start_workflow(
        Scripted.run, id=delivery_workflow_id(delivery_id), task_queue=QUEUE
    )
    return delivery_id


async def refusal_of(client: Client, script: Script) -> Problem:
    with pytest.raises(Problem) as refused:
        await Commands(client).change_delivery(await started(client), "play", script, new_id())
    return refused.value


async def test_a_refusal_names_its_code_and_the_status(client: Client) -> None:
    problem = await refusal_of(client, Script("offer_closed", "accepted"))
    assert (problem.code, problem.current_status) == ("offer_closed", "accepted")
    assert problem.detail == "No."


async def test_a_fault_of_the_workflow_is_no_refusal(client: Client) -> None:
    problem = await refusal_of(client, Script("ValueError"))
    assert (problem.code, problem.status_code) == ("unavailable", 503)


async def test_a_delivery_that_closes_before_the_answer_is_closed(client: Client) -> None:
    problem = await refusal_of(client, Script(end=True))
    assert problem.code == "delivery_closed"


async def test_a_delivery_that_is_not_there_is_closed(client: Client) -> None:
    with pytest.raises(Problem) as refused:
        await Commands(client).change_delivery(DeliveryId(new_id()), "play", Script(), new_id())
    assert refused.value.code == "delivery_closed"


async def test_more_updates_than_the_server_takes_are_all_answered(client: Client) -> None:
    delivery_id = await started(client)
    processes = [Commands(client) for _ in range(5)]
    waiting = [
        asyncio.create_task(
            process.change_delivery(delivery_id, "play", Script(wait=True), f"{number}-{index}")
        )
        for index, process in enumerate(processes)
        for number in range(3)
    ]
    await asyncio.sleep(0)
    await client.get_workflow_handle(delivery_workflow_id(delivery_id)).signal(Scripted.release)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert answers == [STANDING] * len(waiting)


async def test_an_answer_that_does_not_come_is_not_waited_for(client: Client) -> None:
    commands = Commands(client, wait_s_max=0.5)
    with pytest.raises(Problem) as refused:
        await commands.change_delivery(await started(client), "play", Script(wait=True), new_id())
    assert refused.value.code == "unavailable"
    assert len(commands._gate) == 0


async def test_a_dispute_without_a_workflow_yet_is_waited_for(client: Client) -> None:
    verdict = DecideDispute(Actor(Role.AGENT), VerdictOutcome.REFUND)
    with pytest.raises(Problem) as refused:
        await Commands(client, wait_s_max=0.5).change_dispute(
            DisputeId(new_id()), "decide", verdict, new_id(), Verdict
        )
    assert refused.value.code == "unavailable"
    dispute_id = DisputeId(new_id())
    sent = Commands(client).change_dispute(dispute_id, "decide", verdict, new_id(), Verdict)
    deciding = asyncio.create_task(sent)
    await asyncio.sleep(0)
    await client.start_workflow(Scripted.run, id=dispute_workflow_id(dispute_id), task_queue=QUEUE)
    with pytest.raises(Problem) as refused:
        await deciding
    assert refused.value.code == "verdict_amount_invalid"


async def test_an_arrival_is_told_and_at_a_closed_delivery_is_no_news(client: Client) -> None:
    delivery_id = await started(client)
    await Commands(client).report_arrival(delivery_id, ReportArrival(NOW, 12))
    waiting = Commands(client).change_delivery(delivery_id, "play", Script(wait=True), new_id())
    assert await waiting == STANDING
    await Commands(client).report_arrival(DeliveryId(new_id()), ReportArrival(NOW, 12))


async def test_an_arrival_that_cannot_be_told_is_an_outage(client: Client) -> None:
    away = await Client.connect("127.0.0.1:1", lazy=True)
    with pytest.raises(Problem) as refused:
        await Commands(away, wait_s_max=0.5).report_arrival(
            DeliveryId(new_id()), ReportArrival(NOW, 12)
        )
    assert refused.value.code == "unavailable"
