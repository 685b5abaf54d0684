"""The order in which the stack comes up: each step waits for what it needs and for nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
from pydantic import ValidationError
from temporalio.client import Client
from temporalio.service import RPCError

from infra import temporal
from infra.database.roles import application_url
from infra.encryption.settings import KEY_VARIABLES
from infra.local_stack import programs
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder
from infra.local_stack.migration import migrate_database
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import HOST, require_free
from infra.local_stack.postgres import EmbeddedPostgres, closed_folders
from infra.local_stack.program import Child, Part, end_leftover
from infra.local_stack.supervisor import Supervisor, in_thread
from infra.settings import Settings, load_settings

PROBE_S_MAX = 2.0
"""Longest wait for one answer of a readiness probe: the next one follows at once."""


class Assembly:
    """Puts one stack together."""

    def __init__(
        self,
        options: StackOptions,
        folder: StackFolder,
        supervisor: Supervisor,
        report: Callable[[str], None],
    ) -> None:
        self.options = options
        self.folder = folder
        self.settings: Settings | None = None
        self.owner_url: str | None = None
        """Address of the database for its owner, once it is known."""
        self._client: Client | None = None
        self._supervisor = supervisor
        self._report = report

    @property
    def client(self) -> Client:
        """A client of the stack's Temporal; it connects at its first call."""
        assert self._client is not None
        return self._client

    async def put_together(self) -> Settings:
        """Start everything and wait until it works; return where database and Temporal are.

        Raises:
            StackError: a step cannot be done.
        """
        end_leftovers(self.folder, self._report)
        self.folder.roll_logs()
        require_free(self.options.ports, self.options.ports_needed)
        if self.options.embedded_temporal:
            # It comes up while the database is prepared.
            await self._spawn_temporal()
        settings = self._load_settings(await self._prepare_database())
        self._client = await temporal.connect(settings, lazy=True)
        await self._prepare_temporal()
        await self._start_services(settings)
        return settings

    async def _spawn_temporal(self) -> None:
        server = programs.temporal_server(self.folder, self.options.ports, self._temporal_answers)
        await self._supervisor.start(Child(server))

    async def _prepare_database(self) -> str:
        """Migrate as the owner; return the address for the application, which is somebody else."""
        url = self.options.database_url
        self.owner_url = self.options.database_owner_url or url or await self._start_postgres()
        began = time.monotonic()
        await in_thread(partial(migrate_database, self.owner_url))
        self._report(f"Database is up to date ({time.monotonic() - began:.1f} s)")
        return url or application_url(self.owner_url)

    async def _start_postgres(self) -> str:
        began = time.monotonic()
        for folder in closed_folders(self.folder.postgres):
            self._report(f"Opening {folder} for reading: PostgreSQL refuses to run as root")
        postgres = EmbeddedPostgres(self.folder.postgres, self.folder.postgres_draft)
        await self._supervisor.start(postgres)
        await self._until_ready(Part.POSTGRES, began)
        return postgres.url

    def _load_settings(self, database_url: str) -> Settings:
        found: dict[str, Any] = {"database_url": database_url}
        if not os.environ.get("SENDALONG_HANDOVER_KEY"):
            found["handover_key"] = self.folder.handover_key()
        if not os.environ.get("SENDALONG_SIGNING_KEYS"):
            found["signing_keys"] = self.folder.signing_key()
        if not os.environ.get("SENDALONG_AUDIT_SIGNING_KEY"):
            found["audit_signing_key"] = self.folder.audit_key()
        if not os.environ.get("SENDALONG_PROOF_SIGNING_KEYS"):
            found["proof_signing_keys"] = self.folder.proof_key()
        found |= self._encryption()
        if self.options.embedded_temporal:
            found["temporal_address"] = f"{HOST}:{self.options.ports.temporal}"
        if not os.environ.get("SENDALONG_PUBLIC_URL"):
            found["public_url"] = self.options.api_url
        try:
            return load_settings(**found)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            name = ".".join(str(part) for part in wrong["loc"])
            what = f"Setting {name}" if name else "This choice of settings"
            reason = wrong["msg"].removeprefix("Value error, ")
            raise StackError(f"{what} cannot be used: {reason}.") from error

    def _encryption(self) -> dict[str, Any]:
        """Return the folder's own keys as far as the environment names none."""
        found: dict[str, Any] = {}
        if not any(os.environ.get(name) for name in KEY_VARIABLES):
            found["encryption_keys_file"] = self.folder.encryption_keys()
        if not os.environ.get("SENDALONG_INDEX_KEY"):
            found["index_key"] = self.folder.index_key()
        return found

    async def _prepare_temporal(self) -> None:
        address = self.client.service_client.config.target_host
        if self.options.embedded_temporal:
            await self._until_ready(Part.TEMPORAL, time.monotonic())
        elif not await temporal.is_serving(self.client):
            raise StackError(f"Temporal at {address} does not answer.")
        try:
            await temporal.prepare_namespace(self.client)
        except (RPCError, temporal.AttributeHasOtherType) as error:
            raise StackError(f"Temporal at {address} cannot be prepared: {error}.") from error

    async def _start_services(self, settings: Settings) -> None:
        began = time.monotonic()
        environment = self._service_environment(settings)
        polls = partial(temporal.is_polling, self.client)
        worker = programs.worker(self.folder, environment, polls)
        api = programs.api(self.folder, environment, self.options.ports, self._api_answers)
        await self._supervisor.start(Child(worker))
        await self._supervisor.start(Child(api))
        if self.options.embedded_temporal:
            ports, answers = self.options.ports, self._codec_answers
            codec = programs.codec(self.folder, environment, ports, answers)
            await self._supervisor.start(Child(codec))
            await self._until_ready(Part.CODEC, began)
        await self._until_ready(Part.WORKER, began)
        await self._until_ready(Part.API, began)

    def _service_environment(self, settings: Settings) -> dict[str, str]:
        environment = {
            "DATABASE_URL": settings.database_url,
            "SENDALONG_HANDOVER_KEY": settings.handover_key.get_secret_value(),
            "SENDALONG_SIGNING_KEYS": settings.signing_keys.get_secret_value(),
            "SENDALONG_AUDIT_SIGNING_KEY": settings.audit_signing_key.get_secret_value(),
            "SENDALONG_PROOF_SIGNING_KEYS": settings.proof_signing_keys.get_secret_value(),
            "SENDALONG_PUBLIC_URL": settings.public_url,
            "SENDALONG_INDEX_KEY": settings.index_key.get_secret_value(),
        }
        if settings.encryption_keys_file is not None:
            environment["SENDALONG_ENCRYPTION_KEYS_FILE"] = str(settings.encryption_keys_file)
        if self.options.embedded_temporal:
            environment["TEMPORAL_ADDRESS"] = settings.temporal_address
        return {**environment, **self.options.environment}

    async def _until_ready(self, part: Part, began: float) -> None:
        await self._supervisor.until_ready(part)
        self._report(f"{part.label} is ready ({time.monotonic() - began:.1f} s)")

    async def _temporal_answers(self, _process_id: int) -> bool:
        return await temporal.is_serving(self.client)

    async def _api_answers(self, _process_id: int) -> bool:
        return await _succeeds(f"{self.options.api_url}/readyz")

    async def _codec_answers(self, _process_id: int) -> bool:
        return await _succeeds(f"http://{HOST}:{self.options.ports.codec}/healthz")


async def _succeeds(url: str) -> bool:
    async with httpx.AsyncClient(timeout=PROBE_S_MAX) as client:
        with suppress(httpx.TransportError):
            return (await client.get(url)).is_success
    return False


def end_leftovers(folder: StackFolder, report: Callable[[str], None]) -> None:
    """End the programs of a run that was killed; PostgreSQL is adopted instead."""
    for name, (process_id, began) in folder.noted_children().items():
        if name != Part.POSTGRES and end_leftover(process_id, began):
            report(f"{Part(name).label} was left by a run that was killed; it is ended now")
