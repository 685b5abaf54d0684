"""The programs of the stack: Temporal's development server, the worker and the API."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from domain.visibility import ATTRIBUTE_TYPES
from infra.local_stack.errors import StackError
from infra.local_stack.folder import PROJECT, StackFolder
from infra.local_stack.ports import HOST, Ports
from infra.local_stack.program import Part, Program

TEMPORAL_STOP_S_MAX = 10.0
WORKER_STOP_S_MAX = 30.0
"""Longer than the worker's own grace for running activities."""
API_STOP_S_MAX = 10.0
API_GRACE_S = 5
"""Time for open requests to be answered."""
API_PROTOCOL = "api.edge.bounded_http:BoundedHttp"
"""Bounds the size and time of a request's head, which the server itself does not."""
API_CONNECTIONS_MAX = 500
"""Connections at once, above which requests are turned away: half of the usual 1,024 open files."""
CODEC_CONNECTIONS_MAX = 50
"""Connections at once to the codec server: one Web UI opens six."""
Ready = Callable[[int], Awaitable[bool]]
"""Tells whether the process with this id does its work."""
NO_NEWS = "--ui-disable-news-fetch"
"""Keeps the Web UI from asking another machine for news; older versions do not know it."""
MOVABLE_CLOCKS = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="10ms"',
    "history.timerProcessorMaxPollRPS=1000",
)
"""Lets sandbox mode move a workflow's clock on; timers are then looked for at once, since each jump
would otherwise take the second after which they are looked for by default."""


def temporal_server(folder: StackFolder, ports: Ports, is_ready: Ready) -> Program:
    """Return Temporal's development server with its Web UI, file-backed and on 127.0.0.1 only.

    Raises:
        StackError: the program `temporal` is nowhere.
    """
    binary = temporal_binary()
    attributes = [
        part
        for name, kind in ATTRIBUTE_TYPES.items()
        for part in ("--search-attribute", f"{name}={kind}")
    ]
    database = folder.temporal / "temporal.db"
    command = [binary, "server", "start-dev", "--db-filename", str(database)]
    command += ["--ip", HOST, "--port", str(ports.temporal)]
    command += ["--ui-ip", HOST, "--ui-port", str(ports.ui), "--log-level", "warn"]
    command += [*attributes, *_supported(binary, NO_NEWS)]
    # The Web UI puts its own word behind this address; the token in it lets nobody else ask.
    command += ["--ui-codec-endpoint", f"http://{HOST}:{ports.codec}/{folder.codec_token()}"]
    command += [part for setting in MOVABLE_CLOCKS for part in ("--dynamic-config-value", setting)]
    return Program(
        part=Part.TEMPORAL,
        command=tuple(command),
        environment={"TEMPORAL_VERSION_CHECK_DISABLED": "1"},
        folder=folder.temporal,
        log=folder.logs / "temporal.log",
        stop_s_max=TEMPORAL_STOP_S_MAX,
        is_ready=is_ready,
    )


def worker(folder: StackFolder, environment: Mapping[str, str], is_ready: Ready) -> Program:
    """Return the worker of all task queues."""
    return Program(
        part=Part.WORKER,
        command=(sys.executable, "worker.py"),
        environment=environment,
        folder=PROJECT,
        log=folder.logs / "worker.log",
        stop_s_max=WORKER_STOP_S_MAX,
        is_ready=is_ready,
    )


def api(
    folder: StackFolder, environment: Mapping[str, str], ports: Ports, is_ready: Ready
) -> Program:
    """Return the REST API."""
    return Program(
        part=Part.API,
        command=(
            *(sys.executable, "-m", "uvicorn", "api.main:app"),
            *("--host", HOST, "--port", str(ports.api)),
            # Which proxies are believed is a setting of ours: see infra/client_addresses.py.
            *("--http", API_PROTOCOL, "--ws", "none", "--no-proxy-headers"),
            *("--limit-concurrency", str(API_CONNECTIONS_MAX)),
            *("--timeout-graceful-shutdown", str(API_GRACE_S), "--no-server-header"),
            *("--log-config", str(PROJECT / "infra/api_logs.json")),
        ),
        environment={
            "SENDALONG_INTERNAL_LISTENER": f"{HOST}:{ports.internal}",
            **environment,
        },
        folder=PROJECT,
        log=folder.logs / "api.log",
        stop_s_max=API_STOP_S_MAX,
        is_ready=is_ready,
    )


def codec(
    folder: StackFolder, environment: Mapping[str, str], ports: Ports, is_ready: Ready
) -> Program:
    """Return the codec server of the Web UI."""
    return Program(
        part=Part.CODEC,
        command=(
            *(sys.executable, "-m", "uvicorn", "infra.codec.main:app"),
            *("--host", HOST, "--port", str(ports.codec), "--ws", "none", "--no-access-log"),
            *("--timeout-graceful-shutdown", str(API_GRACE_S), "--no-server-header"),
            *("--no-proxy-headers", "--limit-concurrency", str(CODEC_CONNECTIONS_MAX)),
        ),
        environment={
            **environment,
            "SENDALONG_CODEC_TOKEN": folder.codec_token(),
            "SENDALONG_CODEC_ORIGINS": f"http://{HOST}:{ports.ui}",
        },
        folder=PROJECT,
        log=folder.logs / "codec.log",
        stop_s_max=API_STOP_S_MAX,
        is_ready=is_ready,
    )


def temporal_binary() -> str:
    """Return the `temporal` on PATH, else the one installed beside this interpreter.

    Raises:
        StackError: there is neither.
    """
    beside = Path(sys.executable).parent / "temporal"
    binary = shutil.which("temporal") or shutil.which(str(beside))
    if binary is None:
        raise StackError(
            "The program `temporal` is missing: it is neither on PATH nor in "
            f"{beside.parent}. Run `make setup`, or set TEMPORAL_ADDRESS to a running server."
        )
    return binary


def _supported(binary: str, option: str) -> list[str]:
    """Return the option if this version of `temporal` knows it."""
    told = subprocess.run(  # noqa: S603
        [binary, "server", "start-dev", "--help"], capture_output=True, text=True, check=False
    )
    return [option] if option in told.stdout else []
