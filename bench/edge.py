"""Fifty clients at once sign in, refresh and scan, against a whole stack of this machine.

Run it with `.venv/bin/python bench/edge.py`; it prints the table of bench/README.md. Times depend on the
machine: compare them within one run.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

import httpx
import psutil

from infra.database.engine import create_engine
from infra.database.tokens import create_person, create_token
from infra.encryption.parts import encryption_of
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack

CLIENTS, ACCOUNTS, ROUNDS = 50, 10, 4
PASSWORD = "four words in a row"  # noqa: S105 -- Of accounts that live as long as this run.
PATIENCE_S = 240
SERVER_FAULT = 500
UNLIMITED = {"address": {"burst": 1_000_000, "per_s": 10_000, "lease": 1}}
PLACE = {"address": "Gran Via 1, Madrid", "latitude": 40.42, "longitude": -3.705}

Json = dict[str, Any]


@dataclass
class Phase:
    """What fifty clients saw while they did one thing."""

    name: str
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    resident_mb: list[float] = field(default_factory=list)
    """Memory of the API's process after each round."""

    def row(self) -> str:
        """Return its line of the table."""
        late = quantiles(self.seconds, n=20)[-1]
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        memory = " / ".join(f"{each:.0f}" for each in self.resident_mb)
        return (
            f"| {self.name} | {told} | {median(self.seconds) * 1_000:.0f} "
            f"| {late * 1_000:.0f} | {memory} |"
        )


class Load:
    """Asks the API and notes what comes back."""

    def __init__(self, http: httpx.AsyncClient, process: psutil.Process) -> None:
        self.http = http
        self._process = process

    async def ask(self, phase: Phase, path: str, body: Json, token: str = "") -> Json:
        """Send one request of a phase and return its answer."""
        began = time.perf_counter()
        answer = await send(self.http, path, body, token)
        phase.seconds.append(time.perf_counter() - began)
        phase.statuses[answer.status_code] += 1
        return dict(answer.json())

    async def round(
        self, phase: Phase, clients: Sequence[Callable[[], Awaitable[Any]]]
    ) -> list[Any]:
        """Let all clients ask at once, and note the memory afterwards."""
        found = await asyncio.gather(*(client() for client in clients))
        phase.resident_mb.append(self._process.memory_info().rss / 2**20)
        return found


async def send(http: httpx.AsyncClient, path: str, body: Json, token: str = "") -> httpx.Response:
    """Send one change."""
    headers = {"Idempotency-Key": str(uuid4())}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return await http.post(path, json=body, headers=headers)


async def get(http: httpx.AsyncClient, path: str, token: str) -> Json:
    """Read one object."""
    answer = await http.get(path, headers={"Authorization": f"Bearer {token}"})
    return dict(answer.raise_for_status().json())


async def register(http: httpx.AsyncClient, folder: Path, email: str) -> None:
    """Open an account, with the code that was sent to it."""
    about = {"email": email, "display_name": "Ada", "password": PASSWORD, "roles": ["customer"]}
    begun = (await send(http, "/v1/auth/registrations", about)).raise_for_status().json()
    command = [sys.executable, "-m", "infra.cli", "messages", "--to", email, "--data", str(folder)]
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        told = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False
        )
        code = re.search(r"\b[0-9]{6}\b", told.stdout)
        if code is not None:
            proof = {"verification_id": begun["verification_id"], "code": code[0]}
            done = await send(http, "/v1/auth/registrations/verification", proof)
            done.raise_for_status()
            return
        await asyncio.sleep(0.5)
    raise TimeoutError(email)


@dataclass
class Parcel:
    """A delivery, and the tokens of those who take part."""

    path: str
    customer: str
    traveler: str
    recipient: str


async def agreed(stack: LocalStack, http: httpx.AsyncClient) -> Parcel:
    """Return a delivery whose payment is held."""
    engine = create_engine(stack.settings.database_url)
    people = [
        await create_person(
            engine, encryption_of(stack.settings), display_name="Ada", roles=roles, **more
        )
        for roles, more in (
            (("customer",), {}),
            (("traveler",), {"payout_account": "acct_sandbox_ok"}),
            (("customer",), {}),
        )
    ]
    customer, traveler, recipient = [await create_token(engine, each) for each in people]
    await engine.dispose()
    body = {
        "description": "A box of books",
        "weight_grams": 2_500,
        "currency": "EUR",
        "pickup": PLACE,
        "destination": {**PLACE, "latitude": 41.38, "longitude": 2.173},
        "recipient": {"name": "Rosa", "person_id": people[2]},
    }
    opened = (await send(http, "/v1/deliveries", body, customer)).raise_for_status().json()
    path = f"/v1/deliveries/{opened['delivery_id']}"
    offer = (await send(http, f"{path}/offers", {"price_minor": 4_200}, traveler)).json()
    accept = {"payment_method": "pm_sandbox_ok", "price_minor": 4_200}
    await send(http, f"{path}/offers/{offer['offer_id']}/accept", accept, customer)
    deadline = time.monotonic() + PATIENCE_S
    while (await get(http, path, customer))["status"] != "awaiting_pickup":
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        await asyncio.sleep(0.2)
    return Parcel(path, customer, traveler, recipient)


async def sign_in_and_refresh(load: Load, folder: Path) -> list[Phase]:
    """Let every client sign in and exchange its refresh token, several times."""
    signing, refreshing = Phase("sign in"), Phase("refresh")
    emails = [f"ada{number}@example.org" for number in range(ACCOUNTS)]
    for email in emails:
        await register(load.http, folder, email)

    def signs_in(email: str) -> Callable[[], Awaitable[Json]]:
        body = {"email": email, "password": PASSWORD, "device_name": "bench"}
        return lambda: load.ask(signing, "/v1/auth/sign-in", body)

    def refreshes(pair: Json) -> Callable[[], Awaitable[Json]]:
        body = {"refresh_token": pair["refresh_token"]}
        return lambda: load.ask(refreshing, "/v1/auth/refresh", body)

    for _ in range(ROUNDS):
        clients = [signs_in(emails[number % ACCOUNTS]) for number in range(CLIENTS)]
        pairs = await load.round(signing, clients)
        await load.round(refreshing, [refreshes(pair) for pair in pairs])
    return [signing, refreshing]


async def scan(load: Load, stack: LocalStack) -> Phase:
    """Let fifty travelers scan at pickup, all at once, and then at the handover."""
    scanning = Phase("scan")
    parcels = [await agreed(stack, load.http) for _ in range(CLIENTS)]

    def scans(parcel: Parcel, at: str, code: str) -> Callable[[], Awaitable[Json]]:
        return lambda: load.ask(scanning, f"{parcel.path}/{at}", {"code": code}, parcel.traveler)

    for at, holder in (("pickup", "customer"), ("handover", "recipient")):
        codes = [
            (await get(load.http, f"{each.path}/codes/{at}", getattr(each, holder)))["code"]
            for each in parcels
        ]
        clients = [scans(each, at, code) for each, code in zip(parcels, codes, strict=True)]
        await load.round(scanning, clients)
    return scanning


async def main() -> int:
    """Run the load and print what was seen; the exit code is 1 when a server's fault was among it."""
    with tempfile.TemporaryDirectory() as name:
        options = StackOptions(
            folder=Path(name),
            ports=free_ports(),
            environment={"SENDALONG_RATE_LIMITS": json.dumps({"sign_in": UNLIMITED})},
        )
        async with LocalStack(options) as stack:
            limits = httpx.Limits(max_connections=CLIENTS)
            async with httpx.AsyncClient(
                base_url=stack.api_url, timeout=PATIENCE_S, limits=limits
            ) as http:
                load = Load(http, psutil.Process(stack.process_id("api")))
                phases = await sign_in_and_refresh(load, stack.folder.path)
                phases.append(await scan(load, stack))
    print("| Requests | Answers | Median, ms | 95 %, ms | API after each round, MB |")
    print("|---|---|---|---|---|")
    for phase in phases:
        print(phase.row())
    signing, refreshing, scanning = (median(phase.seconds) for phase in phases)
    print(
        f"\nA refresh takes {refreshing / signing:.2f} of a sign-in, a scan {scanning / signing:.2f}."
    )
    return int(any(status >= SERVER_FAULT for phase in phases for status in phase.statuses))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
