"""Builds of the workers: one of them always gets the tasks, and open deliveries go on with the next."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior
from temporalio.testing import WorkflowEnvironment

from domain.policies import Policies, ReconciliationPolicy
from domain.status import DeliveryStatus
from infra.cli import main
from infra.deployment import build_of, builds, current_build, source_fingerprint
from infra.settings import Settings, load_settings
from tests.conftest import MakeParcel, MakePerson
from tests.temporal_server import start_temporal
from tests.workflows.play import HANDOVER_KEY, Play, make_play
from worker import running
from workflows.every import WORKFLOWS
from workflows.reconciliation import RUN_S_MAX, STEP_S_MAX


@pytest.fixture
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server on which no build was ever made the current one."""
    async with await start_temporal() as environment:
        yield environment


@pytest.fixture
async def play(
    server: WorkflowEnvironment,
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
) -> Play:
    return await make_play(server, engine, make_person, make_parcel, Policies())


def settings(database_url: str, versioning: str, build: str = "") -> Settings:
    return load_settings(
        database_url=database_url,
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
        worker_versioning=versioning,
        build_id=build,
    )


async def known(client: Client) -> dict[str, str]:
    return {build.build_id: build.status for build in await builds(client)}


@pytest.mark.parametrize("versioning", ["off", "promote", "wait"])
async def test_a_new_installation_never_waits_for_a_current_build(
    play: Play, database_url: str, versioning: str
) -> None:
    client = play.environment.client
    own = settings(database_url, versioning)
    async with running(client, own):
        assert (await play.open()).status == DeliveryStatus.REQUESTED
    expected = "" if versioning == "off" else source_fingerprint()
    assert await current_build(client) == expected


async def test_an_open_delivery_goes_on_with_every_next_build(
    play: Play, database_url: str
) -> None:
    client = play.environment.client
    async with running(client, settings(database_url, "off")):
        await play.open()
    async with running(client, settings(database_url, "promote", "first")):
        await play.submit()
    async with running(client, settings(database_url, "promote", "second")):
        assert await current_build(client) == "second"
        await play.accept()
        await play.reach(DeliveryStatus.AWAITING_PICKUP)
    async with running(client, settings(database_url, "off")):
        assert await current_build(client) == ""
        await play.cancel()
        assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_build_that_waits_gets_the_work_when_a_person_says_so(
    play: Play,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = play.environment.client
    monkeypatch.setenv("TEMPORAL_ADDRESS", client.service_client.config.target_host)
    assert await told(capsys) == (
        0,
        "No worker takes part in versioning; SENDALONG_WORKER_VERSIONING switches it on.\n",
    )
    async with running(client, settings(database_url, "promote", "old")):
        await play.open()
        async with running(client, settings(database_url, "wait", "new")):
            assert await current_build(client) == "old"
            code, text = await told(capsys, "--use", "other")
            assert (code, text) == (1, "No worker of build other has asked for work; start one.\n")
            await _until_usable(capsys, "new")
            assert await current_build(client) == "new"
            await play.submit()
    assert (await known(client))["new"] == "current"
    _, text = await told(capsys)
    assert {line.split(" ")[0]: line.split(" ")[1] for line in text.splitlines()} == await known(
        client
    )


async def _until_usable(capsys: pytest.CaptureFixture[str], build: str) -> None:
    """Ask until the server has heard of every queue of the build."""
    async with asyncio.timeout(30):
        while (await told(capsys, "--use", build))[0]:
            await asyncio.sleep(0.1)


async def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run the command as a person does; return its exit code and what it told."""
    code = await asyncio.to_thread(main, ["builds", *words])
    text = capsys.readouterr()
    return code, text.out + text.err


def test_no_workflow_names_a_behavior_that_workers_without_versioning_cannot_have() -> None:
    behaviors = {
        workflow._Definition.must_from_class(each).versioning_behavior for each in WORKFLOWS
    }
    assert behaviors == {VersioningBehavior.UNSPECIFIED}, "the server refuses its every task then"


def test_a_run_that_no_build_can_go_on_with_is_over_before_the_next_is_due() -> None:
    assert 2 * STEP_S_MAX < RUN_S_MAX < ReconciliationPolicy().every_s


def test_a_build_has_the_name_that_it_is_given_or_that_of_its_source(database_url: str) -> None:
    assert build_of(settings(database_url, "promote", "v1")) == "v1"
    assert build_of(settings(database_url, "promote")) == source_fingerprint()
    assert len(source_fingerprint()) == 12


@pytest.mark.parametrize("name", ["a b", "a.b", "x" * 61])
def test_a_build_has_a_name_that_temporal_takes(database_url: str, name: str) -> None:
    with pytest.raises(ValidationError):
        settings(database_url, "promote", name)
