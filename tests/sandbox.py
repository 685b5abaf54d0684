"""Workers without the workflow sandbox, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import worker


@contextmanager
def unsandboxed() -> Iterator[None]:
    """Have `worker.workers` make workers without the sandbox.

    It imports all modules of a workflow anew for each run, which takes longer than most runs. What it
    forbids is seen where each kept history is replayed, and in the tests of whole processes.
    """
    with pytest.MonkeyPatch.context() as patch:
        runner = UnsandboxedWorkflowRunner()
        patch.setattr(worker, "Worker", partial(Worker, workflow_runner=runner))
        yield
