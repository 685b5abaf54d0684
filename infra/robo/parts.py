"""What the platform can do besides where it moves play money only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from infra.robo.clocks import DeliveryClocks
from infra.robo.starting import RobotStarts
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class SandboxMode:
    """The parts of sandbox mode."""

    clocks: DeliveryClocks
    """Moves deliveries through time."""
    robots: RobotStarts
    """Starts robots that play."""


def sandbox_mode(engine: AsyncEngine, client: Client, settings: Settings) -> SandboxMode | None:
    """Return the parts of sandbox mode, or none where real money is moved."""
    if settings.payments != "sandbox":
        return None
    return SandboxMode(DeliveryClocks(engine, client), RobotStarts(engine, client))
