"""What the verification of a scan costs at each level, and how long the server takes with twenty at once.

Run it with `.venv/bin/python -m bench.scanning`; it prints the tables of bench/README.md. Times depend on
the machine: compare them within one run.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles

import httpx
import psutil
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.moments import Line, Moment
from bench.timed_api import ANSWERED, ASKED
from domain.contracts import CodePurpose
from domain.devices.keys import DeviceKey
from domain.handover.levels import ProofLevel
from domain.handover.proving import HeldCode
from domain.handover.signed import message_of, signed_code
from domain.handover.steps import step_at
from domain.handover.verifier import verify
from domain.identity.limits import RateLimits
from infra.database.engine import create_engine
from infra.database.schema import presence
from infra.database.tokens import create_person, create_token
from infra.devices.signatures import has_signed
from infra.encryption.parts import encryption_of
from infra.local_stack.folder import PROJECT
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import HOST, free_ports
from infra.local_stack.programs import API_PROTOCOL
from infra.local_stack.stack import LocalStack
from tests.api.client import Person
from tests.api.scans import Meeting, meeting, present
from tests.api.story import Cast, Story, done
from tests.api.test_proofs import photo
from tests.device_keys import SoftKey
from tests.domain.builders import NOW
from tests.domain.handover import handovers
from tests.leveled import at_level

AT_ONCE, ROUNDS, WARM_ROUNDS = 20, 20, 12
PROCESSES = 2
"""Processes of the API: one for each core."""
PREPARED_AT_ONCE = 4
PURE_TIMES = 2_000
PATIENCE_S = 120
LIMITS_TIMES = 10_000
"""All travelers share one address here, so that its limits have to be wider."""
SECOND = 1.0
FAR_OFF = {"latitude": 48.1353, "longitude": 11.569}
"""Where the parcel is not."""


@dataclass
class Phase:
    """What twenty travelers saw, again and again."""

    level: ProofLevel
    what: str
    millis: list[float] = field(default_factory=list)
    stopped_at: Counter[str] = field(default_factory=Counter)

    def note(self, answer: httpx.Response) -> None:
        """Note what the server's clock says of one request."""
        name, _, taken = answer.headers["server-timing"].partition(";dur=")
        self.millis.append(float(taken))
        self.stopped_at[name if name == ASKED else answer.json().get("code", ANSWERED)] += 1

    def row(self) -> str:
        """Return its line of the table."""
        cuts = quantiles(self.millis, n=100)
        ended = ", ".join(f"{count} x {name}" for name, count in sorted(self.stopped_at.items()))
        return (
            f"| {self.level} | {self.what} | {ended} | {cuts[49]:.1f} | {cuts[94]:.1f} "
            f"| {cuts[98]:.1f} |"
        )


@dataclass
class Door:
    """One delivery at its pickup, and everybody's phones."""

    code: str
    """Of the standard level."""
    meeting: Meeting
    line: Line
    """To one process of the API."""

    async def scan(self, level: ProofLevel, *, is_right: bool) -> httpx.Response:
        """Scan what is shown at a level; a scan that is not right is refused by the verifier."""
        here = replace(self.meeting, secret=b"") if level is ProofLevel.MAXIMUM else self.meeting
        if level is ProofLevel.STANDARD:
            code = self.code if is_right else self.code.replace("SA1P", "SA1H")
            return await here.scanner.owner.post(here.path, {"code": code})
        place = {} if is_right else FAR_OFF
        return await here.scan(here.body(position=here.position(**place)))

    async def take_to(self, engine: AsyncEngine, level: ProofLevel) -> None:
        """Ask for another level, with both people there if it needs them."""
        await at_level(engine, self.meeting.cast, level)
        if level is not ProofLevel.MAXIMUM:
            return
        async with engine.begin() as connection:
            own = presence.c.delivery_id == self.meeting.cast.delivery_id
            await connection.execute(delete(presence).where(own))
        for phone in (self.meeting.shower, self.meeting.scanner):
            await present(engine, self.meeting, phone)


async def opened(story: Story, engine: AsyncEngine, line: Line) -> Door:
    """Return a delivery whose payment is held and whose code is held by a phone."""
    cast: Cast = await story.paid()
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    done(await cast.traveler.post(f"{cast.path}/proofs", photo(leg="pickup")))
    there = await meeting(engine, cast, ProofLevel.HIGH, CodePurpose.PICKUP)
    timed = httpx.AsyncClient(base_url=f"http://{HOST}", timeout=PATIENCE_S, transport=line)
    scanner = replace(there.scanner, owner=replace(cast.traveler, http=timed))
    return Door(code, replace(there, scanner=scanner), line)


async def all_opened(
    stack: LocalStack, engine: AsyncEngine, http: httpx.AsyncClient, ports: Sequence[int]
) -> Sequence[Door]:
    """Return as many deliveries as there are scans at once, each with people of its own."""
    encryption, places = encryption_of(stack.settings), asyncio.Semaphore(PREPARED_AT_ONCE)

    async def person(*roles: str, payout_account: str | None = None) -> Person:
        person_id = await create_person(
            engine, encryption, display_name="Ada", roles=roles, payout_account=payout_account
        )
        return Person(http, person_id, await create_token(engine, person_id))

    async def one(number: int) -> Door:
        line = Line(HOST, ports[number % len(ports)], Moment.of(1))
        async with places:
            return await opened(Story(person), engine, line)

    return await asyncio.gather(*(one(number) for number in range(AT_ONCE)))


async def measured(
    doors: Sequence[Door], engine: AsyncEngine, phase: Phase, *, is_right: bool, within_s: float
) -> Phase:
    """Let everybody scan within some time, again and again; the first rounds only fill caches."""
    moment = Moment.of(1 if within_s else len(doors))
    for door in doors:
        await door.take_to(engine, phase.level)
        door.line.wait_for(moment)

    async def scanned(number: int, door: Door) -> httpx.Response:
        await asyncio.sleep(within_s * number / len(doors))
        return await door.scan(phase.level, is_right=is_right)

    for each in range(WARM_ROUNDS + ROUNDS):
        answers = await asyncio.gather(*(scanned(*door) for door in enumerate(doors)))
        for answer in answers if each >= WARM_ROUNDS else ():
            phase.note(answer)
    return phase


WAYS = (
    ("right, at one moment", True, 0.0),
    ("right, in one second", True, SECOND),
    ("refused, at one moment", False, 0.0),
    ("refused, in one second", False, SECOND),
)
"""How twenty travelers scan: right scans before those that make people suspect."""


def pure_micros(level: ProofLevel) -> float:
    """Return what the verifier alone costs, with the signatures of real keys."""
    shower, scanner = SoftKey.made(), SoftKey.made()
    said, step = b"a request", step_at(handovers.POLICY, NOW)
    scan, at = handovers.scan(level), handovers.handover(level)
    if level is ProofLevel.MAXIMUM:
        names = (at.by.delivery_id, at.by.purpose, handovers.SHOWER, step)
        scan = replace(scan, text=signed_code(*names, shower.sign(message_of(*names))))
    signature, key = scanner.sign(said), DeviceKey(scanner.algorithm, scanner.public)
    scan = replace(scan, is_signed=lambda: has_signed(key, signature, said))
    holding = DeviceKey(shower.algorithm, shower.public)
    held = HeldCode(
        handovers.SHOWER,
        handovers.HOLDING_NONCE,
        lambda given, message: has_signed(holding, given, message),
    )
    at = replace(at, by=replace(at.by, held=held))
    taken = []
    for _ in range(PURE_TIMES):
        began = time.perf_counter()
        verify(at, scan)
        taken.append(time.perf_counter() - began)
    return median(taken) * 1_000_000


@asynccontextmanager
async def timed_apis(stack: LocalStack) -> AsyncIterator[Sequence[int]]:
    """Run processes of the API with a clock in them beside a stack, as the stack runs its own."""
    environment = psutil.Process(stack.process_id("api")).environ()
    environment.pop("SENDALONG_INTERNAL_LISTENER", None)
    ports = [free_ports().api for _ in range(PROCESSES)]
    processes = [await _started(port, environment) for port in ports]
    try:
        for port in ports:
            await until_it_lives(port)
        yield ports
    finally:
        for process in processes:
            process.terminate()
            await process.wait()


async def _started(port: int, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--factory", "bench.timed_api:TimedApi"),
        *("--host", HOST, "--port", str(port)),
        *("--http", API_PROTOCOL, "--ws", "none", "--no-proxy-headers"),
        *("--log-config", str(PROJECT / "infra/api_logs.json")),
        cwd=PROJECT,
        env=environment,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )


async def until_it_lives(port: int) -> None:
    """Wait for the first answer."""
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as http:
        while True:
            with suppress(httpx.TransportError):
                await http.get(f"http://{HOST}:{port}/healthz")
                return
            await asyncio.sleep(0.1)


async def run() -> list[Phase]:
    """Measure every level on a whole stack."""
    limits = json.dumps(asdict(RateLimits().times(LIMITS_TIMES)))
    with tempfile.TemporaryDirectory() as folder:
        options = StackOptions(
            folder=Path(folder),
            ports=free_ports(),
            environment={"SENDALONG_RATE_LIMITS": limits},
        )
        async with (
            LocalStack(options) as stack,
            timed_apis(stack) as ports,
            httpx.AsyncClient(base_url=stack.api_url, timeout=PATIENCE_S) as http,
        ):
            engine = create_engine(stack.settings.database_url, application_name="sendalong-bench")
            doors = await all_opened(stack, engine, http, ports)
            phases = [
                await measured(
                    doors, engine, Phase(level, what), is_right=is_right, within_s=within_s
                )
                for what, is_right, within_s in WAYS
                for level in ProofLevel
            ]
            await engine.dispose()
            return phases


def main() -> None:
    """Measure, and print both tables."""
    phases = asyncio.run(run())
    print(
        "| Level | Scans | Ended with | Median, ms | 95 %, ms | p99, ms |\n|---|---|---|---|---|---|"
    )
    for phase in phases:
        print(phase.row())
    pure = {level: pure_micros(level) for level in ProofLevel}
    print("\n| Level | Verifier alone, µs | Times the standard |\n|---|---|---|")
    for level, micros in pure.items():
        print(f"| {level} | {micros:.0f} | {micros / pure[ProofLevel.STANDARD]:.1f} |")
    print(f"\nLoad of the machine: {', '.join(f'{each:.1f}' for each in os.getloadavg())}.")


if __name__ == "__main__":
    main()
