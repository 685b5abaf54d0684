"""What a local stack is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra import temporal
from infra.database.roles import OWNER_VARIABLE
from infra.local_stack.folder import default_folder
from infra.local_stack.ports import HOST, Ports


def _database_of_environment() -> str | None:
    return os.environ.get("DATABASE_URL") or None


def _owned_database_of_environment() -> str | None:
    return os.environ.get(OWNER_VARIABLE) if _database_of_environment() else None


def _no_temporal_in_environment() -> bool:
    return not temporal.is_external(os.environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """What a stack is made of; the defaults are those of `make up`."""

    folder: Path = field(default_factory=default_folder)
    """The data folder; everything is kept in it, and it is locked while the stack runs."""
    ports: Ports = field(default_factory=Ports)
    """Where API, Temporal and Web UI listen."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for worker and API that win over all others."""
    database_url: str | None = field(default_factory=_database_of_environment)
    """A real PostgreSQL; none starts the embedded one."""
    database_owner_url: str | None = field(default_factory=_owned_database_of_environment)
    """The same for its owner, who migrates; none where the application is the owner itself."""
    embedded_temporal: bool = field(default_factory=_no_temporal_in_environment)
    """Whether Temporal's development server is started; otherwise the environment names a server."""

    @property
    def api_url(self) -> str:
        """Address of the REST API."""
        return f"http://{HOST}:{self.ports.api}"

    @property
    def docs_url(self) -> str:
        """Address of the documentation of the REST API."""
        return f"http://{HOST}:{self.ports.internal}/docs"

    @property
    def ui_url(self) -> str | None:
        """Address of the Web UI; none when Temporal is a server of its own."""
        return f"http://{HOST}:{self.ports.ui}" if self.embedded_temporal else None

    @property
    def ports_needed(self) -> frozenset[str]:
        """The ports that must be free."""
        return frozenset({"api", "internal"}) | (
            {"temporal", "ui", "codec"} if self.embedded_temporal else set()
        )
