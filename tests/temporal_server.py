"""A real Temporal server for the tests, with a virtual clock per workflow."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from domain.visibility import ATTRIBUTE_TYPES


def temporal_binary() -> str:
    """Return the Temporal command: one on PATH wins, else the one installed beside Python."""
    return shutil.which("temporal") or str(Path(sys.executable).with_name("temporal"))


async def start_temporal() -> WorkflowEnvironment:
    """Start a server whose clocks run normally until a test moves one on."""
    attributes = [
        argument
        for name, kind in ATTRIBUTE_TYPES.items()
        for argument in ("--search-attribute", f"{name}={kind}")
    ]
    return await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=[
            "--dynamic-config-value",
            "frontend.WorkflowTimeSkippingEnabled=true",
            *attributes,
        ],
        dev_server_log_level="error",
        ts_config=TimeSkippingConfig(enabled=False),
    )
