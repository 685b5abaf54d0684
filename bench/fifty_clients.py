"""Fifty clients at once sign in, refresh their tokens and scan a pickup, on the whole local stack.

Run it with `.venv/bin/python -m bench.fifty_clients`; it prints the table of `bench/fifty_clients.md`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import httpx
import psutil
from argon2 import PasswordHasher
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.limits import RateLimits
from domain.identity.policy import PasswordPolicy
from infra.database.engine import create_engine
from infra.database.schema import account
from infra.database.tokens import create_person
from infra.demo.people import People, make_people
from infra.demo.scenes import agree, request
from infra.encryption.indexes import IndexPurpose
from infra.encryption.parts import Encryption, encryption_of
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack

CLIENTS = 50
SIGN_INS, REFRESHES = 5, 20
"""How often each client does it."""
PREPARED_AT_ONCE = 8
LIMITS_TIMES = 1_000
"""All clients share one address here, so that its limits have to be wider."""
PASSWORD = "four words in a row"  # noqa: S105 -- It opens nothing that stays.


@dataclass
class Phase:
    """What came of one kind of request."""

    name: str
    millis: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    memory_mb: tuple[float, float] = (0.0, 0.0)

    def row(self) -> str:
        """Return the phase as a row of the report."""
        cuts = quantiles(self.millis, n=100)
        rate = len(self.millis) / self.seconds
        counted = ", ".join(
            f"{count} x {status}" for status, count in sorted(self.statuses.items())
        )
        before, after = self.memory_mb
        return (
            f"| {self.name} | {counted} | {rate:.0f}/s | {cuts[49]:.0f} | {cuts[94]:.0f} | "
            f"{max(self.millis):.0f} | {before:.0f} -> {after:.0f} MB |"
        )


@dataclass(frozen=True)
class Bench:
    """A running stack and those who use it."""

    http: httpx.AsyncClient
    api: psutil.Process
    emails: Sequence[str]
    pickups: Sequence[tuple[People, str, str]]

    async def phase(self, name: str, client: Callable[[Phase, int], Awaitable[None]]) -> Phase:
        """Let every client do its part at once."""
        phase = Phase(name)
        before, begun = self._memory_mb(), time.perf_counter()
        await asyncio.gather(*(client(phase, number) for number in range(CLIENTS)))
        phase.seconds = time.perf_counter() - begun
        phase.memory_mb = (before, self._memory_mb())
        return phase

    async def send(
        self, phase: Phase, path: str, body: dict[str, str], **headers: str
    ) -> dict[str, str]:
        """Send one request and note how it went."""
        begun = time.perf_counter()
        answer = await self.http.post(path, json=body, headers=headers)
        phase.millis.append((time.perf_counter() - begun) * 1_000)
        phase.statuses[answer.status_code] += 1
        said: dict[str, str] = answer.json()
        return said

    async def sign_in(self, phase: Phase, number: int) -> None:
        """Sign in a few times, as an app that lost its tokens."""
        for _ in range(SIGN_INS):
            body = {"email": self.emails[number], "password": PASSWORD}
            await self.send(phase, "/v1/auth/sign-in", body)

    async def refresh(self, phase: Phase, number: int) -> None:
        """Exchange one refresh token after the other."""
        body = {"email": self.emails[number], "password": PASSWORD}
        signed_in = await self.send(Phase(""), "/v1/auth/sign-in", body)
        token = signed_in["refresh_token"]
        for _ in range(REFRESHES):
            said = await self.send(phase, "/v1/auth/refresh", {"refresh_token": token})
            token = said["refresh_token"]

    async def scan(self, phase: Phase, number: int) -> None:
        """Scan the code of one pickup."""
        people, delivery_id, code = self.pickups[number]
        authorization = {"Authorization": f"Bearer {people.traveler.token}"}
        headers = {**authorization, "Idempotency-Key": f"scan-{number}"}
        await self.send(phase, f"/v1/deliveries/{delivery_id}/pickup", {"code": code}, **headers)

    def _memory_mb(self) -> float:
        return float(self.api.memory_info().rss) / 1_048_576


async def with_accounts(engine: AsyncEngine, encryption: Encryption) -> list[str]:
    """Create people who can sign in, and return their addresses."""
    policy = PasswordPolicy()
    kept = PasswordHasher(policy.passes, policy.memory_kib, policy.lanes).hash(PASSWORD)
    emails = [f"client.{number}@example.org" for number in range(CLIENTS)]
    for email in emails:
        person_id = await create_person(
            engine, encryption, display_name="Ada", roles=["customer"], email=email
        )
        lookup = encryption.index.of(IndexPurpose.EMAIL, email).hex()
        row = {"person_id": person_id, "email_lookup": lookup, "password_hash": kept}
        async with engine.begin() as connection:
            await connection.execute(insert(account).values(row))
    return emails


async def with_pickups(
    http: httpx.AsyncClient, engine: AsyncEngine, encryption: Encryption
) -> list[tuple[People, str, str]]:
    """Bring deliveries to the moment of the pickup, and return the codes to scan."""
    places = asyncio.Semaphore(PREPARED_AT_ONCE)

    async def one(number: int) -> tuple[People, str, str]:
        async with places:
            people = await make_people(
                http, engine, f"+4915100000{number:03}", encryption=encryption
            )
            delivery_id = await request(people, "A guitar")
            await agree(people, delivery_id, lambda _: None)
            code = await people.customer.get(f"/v1/deliveries/{delivery_id}/codes/pickup")
            return people, delivery_id, str(code["code"])

    return list(await asyncio.gather(*(one(number) for number in range(CLIENTS))))


def api_process() -> psutil.Process:
    """Return the process of the API that this process started."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "api.main:app" in process.cmdline():
                return process
    raise LookupError("the API does not run")


async def main() -> None:
    """Measure, and print the report."""
    limits = RateLimits().times(LIMITS_TIMES)
    wide = {
        kind: {"address": vars_of(getattr(limits, kind).address)}
        for kind in ("sign_in", "money", "change", "read", "public")
    }
    environment = {"SENDALONG_RATE_LIMITS": json.dumps(wide)}
    with tempfile.TemporaryDirectory() as folder:
        options = StackOptions(folder=Path(folder), ports=free_ports(), environment=environment)
        async with LocalStack(options) as stack:
            engine = create_engine(stack.settings.database_url, application_name="sendalong-bench")
            bounds = httpx.Limits(max_connections=CLIENTS)
            async with httpx.AsyncClient(
                base_url=stack.api_url, timeout=120, limits=bounds
            ) as http:
                encryption = encryption_of(stack.settings)
                emails = await with_accounts(engine, encryption)
                pickups = await with_pickups(http, engine, encryption)
                bench = Bench(http, api_process(), emails, pickups)
                report(
                    [
                        await bench.phase("sign in", bench.sign_in),
                        await bench.phase("refresh", bench.refresh),
                        await bench.phase("refresh again", bench.refresh),
                        await bench.phase("sign in again", bench.sign_in),
                        await bench.phase("scan a pickup", bench.scan),
                    ]
                )
            await engine.dispose()


def vars_of(bucket: object) -> dict[str, float]:
    """Return the figures of a bucket, as a setting takes them."""
    return {name: getattr(bucket, name) for name in ("burst", "per_s", "lease")}


def report(phases: Sequence[Phase]) -> None:
    """Print what was measured, and fail when a request did."""
    print("| Request | Answers | Rate | Median ms | 95 % ms | Longest ms | Memory of the API |")
    print("|---|---|---|---|---|---|---|")
    for phase in phases:
        print(phase.row())
    wrong = [phase.name for phase in phases if any(status >= 400 for status in phase.statuses)]  # noqa: PLR2004
    assert not wrong, f"refused or failed: {', '.join(wrong)}"


if __name__ == "__main__":
    asyncio.run(main())
