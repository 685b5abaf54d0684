"""`sendalong up`: the local stack in the foreground, until Ctrl-C or until a part dies."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from contextlib import suppress
from dataclasses import fields, replace

from infra.local_stack.folder import default_folder
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import Ports, free_ports
from infra.local_stack.stack import LocalStack


def run(options: argparse.Namespace) -> int:
    """Run the stack; the exit code is 0 only when it was asked to stop."""
    stack = LocalStack(
        StackOptions(folder=options.data or default_folder(), ports=chosen_ports(options)),
        report=_say,
    )
    return asyncio.run(_supervise(stack))


def chosen_ports(options: argparse.Namespace) -> Ports:
    """Return the ports that were named, and for the others the usual or free ones."""
    others = free_ports() if options.free_ports else Ports()
    named = {each.name: getattr(options, f"port_{each.name}") for each in fields(Ports)}
    return replace(others, **{name: port for name, port in named.items() if port is not None})


async def _supervise(stack: LocalStack) -> int:
    """Run the stack until a signal asks for its end.

    The first signal begins an orderly stop, a second one cuts its time limits short.
    """
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(_serve(stack))

    def leave() -> None:
        if serving.cancelling():
            stack.kill_programs_now()
        serving.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, leave)
    await asyncio.wait([serving])
    if serving.cancelled():
        _say("Sendalong has stopped; `make up` goes on from here.")
        return 0
    return serving.result()


async def _serve(stack: LocalStack) -> int:
    began = time.monotonic()
    _say(f"Starting Sendalong in {stack.folder.path}")
    await stack.start()
    try:
        _announce(stack, time.monotonic() - began)
        death = await stack.first_death()
        print(death, file=sys.stderr, flush=True)
    finally:
        await asyncio.shield(_stop(stack))
    return 1


async def _stop(stack: LocalStack) -> None:
    _say("Stopping")
    await stack.stop()


def _announce(stack: LocalStack, seconds: float) -> None:
    _say(f"Sendalong is ready ({seconds:.1f} s)")
    _say(f"  API       {stack.api_url}")
    _say(f"  API docs  {stack.options.docs_url}")
    if stack.ui_url is not None:
        _say(f"  Web UI    {stack.ui_url}")
    _say("  A person  .venv/bin/sendalong token --name Ada --role customer")
    _say("Press Ctrl-C to stop.")


def _say(line: str) -> None:
    with suppress(OSError):
        # The terminal or the pipe may be gone; the stack still needs its orderly stop.
        print(line, flush=True)
