"""Plays the demo: starts the stack, plays its deliveries, shows what became of them."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from typing import Any

import httpx
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import DeliveryId, delivery_workflow_id
from infra.database.engine import create_engine
from infra.database.invariants import check_invariants
from infra.demo.banks import Bank, bank_of
from infra.demo.client import DemoFailed
from infra.demo.people import WALLETS, People, Wallet, make_people
from infra.demo.report import print_ledger, print_timeline
from infra.demo.scenes import SCENES, Scene, agree, request
from infra.encryption.parts import Encryption, encryption_of
from infra.local_stack.errors import StackError
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack

SHORT_WINDOWS = {
    "windows": {"inspection_s": 3},
    "undo": {"window_s": 1},
    "disputes": {"appeal_s": 0},
}
"""The dispute window of the demo: three seconds instead of two days; a verdict is final at once.

A handover can be undone for one second instead of a minute: the dispute window begins after that.
"""

PLAIN_WIDTH = 140
"""Columns of the output where no terminal says how wide it is."""


def main() -> int:
    """Play the demo; return the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    try:
        return asyncio.run(_play(console))
    except (StackError, DemoFailed) as failure:
        console.print(f"The demo stopped: {failure}", style="red")
        return 1
    except KeyboardInterrupt:
        return 130


async def _play(console: Console) -> int:
    options = StackOptions(
        ports=free_ports(), environment={"SENDALONG_POLICIES": json.dumps(SHORT_WINDOWS)}
    )
    async with LocalStack(options, report=console.print) as stack:
        engine = create_engine(stack.settings.database_url, application_name="sendalong-demo")
        try:
            async with httpx.AsyncClient(base_url=stack.api_url, timeout=30) as http:
                return await _play_scenes(console, stack, engine, http)
        finally:
            await engine.dispose()


async def _play_scenes(
    console: Console, stack: LocalStack, engine: AsyncEngine, http: httpx.AsyncClient
) -> int:
    payments = stack.settings.payments
    wallet = WALLETS[payments]
    count = len(SCENES)
    console.print(f"\n{count} deliveries through the public REST API, paid by {payments}:\n")
    encryption = encryption_of(stack.settings)
    async with bank_of(engine, stack.settings) as bank:
        paying = (wallet, bank)
        played = await asyncio.gather(
            *(
                _play_scene(console, index, engine, http, paying, encryption=encryption)
                for index in range(count)
            )
        )
    console.print()
    ledgers: dict[str, dict[str, Any]] = {}
    for scene, (people, delivery_id) in zip(SCENES, played, strict=True):
        path = f"/v1/deliveries/{delivery_id}"
        timeline = await people.customer.get(f"{path}/timeline", limit="100")
        print_timeline(console, scene.title, timeline["items"])
        ledgers[scene.title] = await people.agent.get(f"{path}/ledger")
    print_ledger(console, ledgers)
    sound = await _print_invariants(console, engine)
    _print_links(console, stack, [delivery_id for _, delivery_id in played])
    await _stay(console)
    return 0 if sound else 1


async def _play_scene(
    console: Console,
    index: int,
    engine: AsyncEngine,
    http: httpx.AsyncClient,
    paying: tuple[Wallet, Bank],
    *,
    encryption: Encryption,
) -> tuple[People, DeliveryId]:
    scene, (wallet, bank) = SCENES[index], paying

    def tell(text: str) -> None:
        console.print(f"  [bold]{index + 1} {scene.title}[/bold]: {text}")

    number = f"+49151{secrets.randbelow(10**8):08d}"
    people = await make_people(http, engine, number, encryption=encryption, wallet=wallet)
    delivery_id = await request(people, scene.title)
    tell(f"requested as {delivery_id}")
    await agree(people, delivery_id, tell, wallet.charged_back if scene.after else "")
    await scene.play(people, delivery_id, tell)
    await _closed(people, delivery_id, scene)
    tell(f"closed: {scene.closes}")
    if scene.after is not None:
        await scene.after(people, delivery_id, bank, tell)
    return people, DeliveryId(delivery_id)


async def _closed(people: People, delivery_id: str, scene: Scene) -> None:
    delivery = await people.customer.until(
        delivery_id, "completed", "cancelled", "expired", "refunded", "settled"
    )
    if delivery["status"] != scene.closes:
        raise DemoFailed(f"{scene.title} ended {delivery['status']}, not {scene.closes}")


async def _print_invariants(console: Console, engine: AsyncEngine) -> bool:
    report = await check_invariants(engine)
    console.print(str(report))
    console.print()
    return not report.violations


def _print_links(console: Console, stack: LocalStack, deliveries: list[DeliveryId]) -> None:
    console.print("In the Temporal Web UI:")
    for scene, delivery_id in zip(SCENES, deliveries, strict=True):
        url = stack.workflow_url(delivery_workflow_id(delivery_id))
        console.print(f"  {scene.title}: {url}")
    console.print("Later, `make up` shows the same deliveries on its own ports.")


async def _stay(console: Console) -> None:
    if sys.stdin.isatty():
        console.print("\nThe stack stays up for a look around; Enter stops it.")
        await asyncio.to_thread(sys.stdin.readline)
