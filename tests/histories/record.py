"""Records the golden histories: plays the demo's deliveries and writes what Temporal kept.

Run it with `make histories` when a workflow gains an exit; never to make a failing replay pass.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import tempfile
from pathlib import Path
from typing import Any

from temporalio.client import Client

from domain.ids import DisputeId, delivery_workflow_id, dispute_workflow_id
from infra.demo.scenes import SCENES, Scene, agree
from tests.e2e.conftest import System, running_system

FOLDER = Path(__file__).parent


async def record() -> None:
    """Play every scene and write the histories of its workflows."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_system(Path(folder)) as system:
            for scene in SCENES:
                await _record_scene(system, scene)


async def _record_scene(system: System, scene: Scene) -> None:
    people = await system.people()
    delivery_id = await system.requested(people)
    await agree(people, delivery_id, _silent)
    await scene.play(people, delivery_id, _silent)
    delivery = await people.customer.until(delivery_id, scene.closes)
    client = system.stack.client
    await _write(client, delivery_workflow_id(delivery_id), f"delivery-{scene.closes}")
    if delivery["dispute_id"] is not None:
        dispute_id = DisputeId(delivery["dispute_id"])
        await _write(client, dispute_workflow_id(dispute_id), f"dispute-{scene.closes}")


async def _write(client: Client, workflow_id: str, name: str) -> None:
    handle = client.get_workflow_handle(workflow_id)
    await handle.result()
    history = json.loads((await handle.fetch_history()).to_json())
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(_without_identities(history), indent=1) + "\n")


def _without_identities(value: Any) -> Any:
    """Take out who worked on it: the name of a machine has no place in the repository."""
    if isinstance(value, str):
        return re.sub(rf"\d+@{re.escape(socket.gethostname())}", "recorder", value)
    if isinstance(value, dict):
        return {key: _without_identities(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_identities(item) for item in value]
    return value


def _silent(_: str) -> None:
    """Tell nobody."""


if __name__ == "__main__":
    asyncio.run(record())
