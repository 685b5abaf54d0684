"""The whole system on one machine, as one thing that is started and stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import quote

from temporalio.client import Client

from infra.local_stack.assembly import Assembly, end_leftovers
from infra.local_stack.errors import ChildDied
from infra.local_stack.folder import RunningStack, StackFolder
from infra.local_stack.options import StackOptions
from infra.local_stack.postgres import EmbeddedPostgres
from infra.local_stack.program import Part, start_time
from infra.local_stack.supervisor import Supervisor, in_thread
from infra.settings import Settings


class LocalStack:
    """Databases, workflow engine, worker and API; use it as an async context manager.

    Every part is a process of its own and can be killed and started again by name.
    """

    def __init__(
        self, options: StackOptions | None = None, report: Callable[[str], None] | None = None
    ) -> None:
        """Describe a stack; `report` is told each step in one line."""
        self.options = options or StackOptions()
        self.folder = StackFolder(self.options.folder)
        self._report = report or _be_silent
        self._supervisor: Supervisor | None = None
        self._assembly: Assembly | None = None
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The settings of this stack: where its database and its Temporal are."""
        assert self._settings is not None
        return self._settings

    @property
    def client(self) -> Client:
        """A client of the stack's Temporal."""
        assert self._assembly is not None
        return self._assembly.client

    @property
    def api_url(self) -> str:
        """Address of the REST API."""
        return self.options.api_url

    @property
    def ui_url(self) -> str | None:
        """Address of the Web UI; none when Temporal is a server of its own."""
        return self.options.ui_url

    def workflow_url(self, workflow_id: str) -> str | None:
        """Return where the Web UI shows a workflow."""
        if self.ui_url is None:
            return None
        namespace = self.settings.temporal_namespace
        return f"{self.ui_url}/namespaces/{namespace}/workflows/{quote(workflow_id, safe='')}"

    async def __aenter__(self) -> Self:
        """Start everything and wait until it works."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything in order."""
        await self.stop()

    async def start(self) -> None:
        """Start everything and wait until it works; what the data folder holds is resumed.

        Raises:
            StackError: a part cannot be started; whatever had been started is stopped again.
        """
        self.folder.take()
        try:
            self._supervisor = Supervisor(self._note_children)
            self._assembly = Assembly(self.options, self.folder, self._supervisor, self._report)
            self._settings = await self._assembly.put_together()
            self._note_running()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop API, worker, Temporal and PostgreSQL, in this order, each within its time limit."""
        if self._supervisor is not None:
            await self._supervisor.stop_all(self._report_stopped)
            self._supervisor = None
        self.folder.leave()

    async def first_death(self) -> ChildDied:
        """Wait until a part ends that nobody asked to end, and return the line about it."""
        return await self._running.first_death()

    def process_id(self, part: Part | str) -> int:
        """Return the process id of a part."""
        return self._running.process_id(Part(part))

    async def kill(self, part: Part | str) -> None:
        """Kill a part with SIGKILL, as a crash would; the rest goes on."""
        await self._running.kill(Part(part))

    async def stop_child(self, part: Part | str) -> None:
        """Stop a part in order; the rest goes on."""
        await self._running.stop(Part(part))

    async def start_child(self, part: Part | str) -> None:
        """Start a part that was killed or stopped, and wait until it works again.

        Raises:
            StackError: it does not come up.
        """
        await self._running.start_again(Part(part))
        await self._running.until_ready(Part(part))

    def kill_programs_now(self) -> None:
        """Cut the grace of every part short; a following stop is quick."""
        if self._supervisor is not None:
            self._supervisor.kill_all_now()

    @property
    def _running(self) -> Supervisor:
        assert self._supervisor is not None
        return self._supervisor

    def _note_children(self, children: Mapping[Part, int]) -> None:
        began = {part: (pid, start_time(pid)) for part, pid in children.items()}
        self.folder.note_children(
            {part: (pid, moment) for part, (pid, moment) in began.items() if moment is not None}
        )

    def _note_running(self) -> None:
        assert self._assembly is not None
        embedded = self.options.database_url is None
        self.folder.note_running(
            RunningStack(
                supervisor=os.getpid(),
                database_url=self.settings.database_url if embedded else None,
                database_owner_url=self._assembly.owner_url if embedded else None,
                temporal_address=self.client.service_client.config.target_host,
                api_url=self.api_url,
                ui_url=self.ui_url,
            )
        )

    def _report_stopped(self, part: Part, seconds: float) -> None:
        self._report(f"{part.label} has stopped ({seconds:.1f} s)")


async def empty_folder(folder: StackFolder) -> None:
    """Remove everything that a stack keeps.

    Raises:
        StackError: a stack uses the folder now.
    """
    folder.take()
    try:
        end_leftovers(folder, _be_silent)
        postgres = EmbeddedPostgres(folder.postgres, folder.postgres_draft)
        if await in_thread(postgres.adopt):
            await postgres.stop()
        folder.empty()
    finally:
        folder.leave()


def _be_silent(_line: str) -> None:
    """Report to nobody."""
