"""Settings of the workers on which faults are played."""

from __future__ import annotations

from tests.workflows.conftest import settings

__all__ = ["settings"]
