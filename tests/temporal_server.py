"""A real Temporal server for the tests, with a virtual clock per workflow."""

from __future__ import annotations

from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from domain.visibility import ATTRIBUTE_TYPES
from infra.local_stack.programs import MOVABLE_CLOCKS, temporal_binary


async def start_temporal() -> WorkflowEnvironment:
    """Start a server whose clocks run normally until a test moves one on."""
    attributes = [
        argument
        for name, kind in ATTRIBUTE_TYPES.items()
        for argument in ("--search-attribute", f"{name}={kind}")
    ]
    settings = [
        argument for setting in MOVABLE_CLOCKS for argument in ("--dynamic-config-value", setting)
    ]
    return await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=[*attributes, *settings],
        dev_server_log_level="error",
        ts_config=TimeSkippingConfig(enabled=False),
    )
