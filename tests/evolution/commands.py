"""What the present workflows ask for when a history is replayed through them, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
)

from domain.deadlines import RULES

Commands = Mapping[str, Sequence[str]]
"""What was asked for, one line each, by the id of the workflow."""

_NAMED: Mapping[str, Callable[[Any], str]] = {
    "schedule_activity": lambda command: f"activity {command.activity_type}",
    "schedule_local_activity": lambda command: f"local activity {command.activity_type}",
    "start_child_workflow_execution": lambda command: f"child {command.workflow_type}",
    "signal_external_workflow_execution": lambda command: f"signal {command.signal_name}",
    "set_patch_marker": lambda command: f"patch {command.patch_id}",
}
_ANSWERS = frozenset({"update_response", "respond_to_query"})
"""Not commands of the saga: they answer somebody who asked."""


class Recording:
    """Runs workflows as always and notes what they ask for."""

    def __init__(self) -> None:
        self.noted: dict[str, list[str]] = defaultdict(list)

    def runner(self) -> UnsandboxedWorkflowRunner:
        """Return a runner that notes the commands of each of its workflows."""
        noted = self.noted

        class Runner(UnsandboxedWorkflowRunner):
            def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
                instance = super().create_instance(det)
                activate, own = instance.activate, noted[det.info.workflow_id]

                def note(act: Any) -> Any:
                    completion = activate(act)
                    own.extend(filter(None, map(_line, completion.successful.commands)))
                    return completion

                instance.activate = note  # type: ignore[method-assign]
                return instance

        return Runner()


async def replayed(
    workflows: Sequence[type], histories: Iterable[WorkflowHistory]
) -> tuple[Commands, Mapping[str, str]]:
    """Replay histories; return what was asked for in each, and what Temporal says of those that failed."""
    recording, failures = Recording(), {}

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    replayer = Replayer(workflows=workflows, workflow_runner=recording.runner())
    async with replayer.workflow_replay_iterator(each()) as results:
        async for result in results:
            if result.replay_failure is not None:
                failures[result.history.workflow_id] = str(result.replay_failure)
    return recording.noted, failures


def explain(name: str, kept: Sequence[str], asked: Sequence[str]) -> str:
    """Return what differs first between the kept order and the present one; nothing if they agree."""
    longest = max(len(kept), len(asked))
    for number in range(longest):
        was, now = _at(kept, number), _at(asked, number)
        if not _agree(was, now):
            return (
                f"the commands of exit {name} changed at position {number + 1}: it was "
                f"`{was}` and is `{now}`. Deliveries under way would stop there: wrap the change in "
                "workflow.patched, as docs/adr says; or, if no delivery can ever have run the old "
                f"way, delete {name}.json with {name}.commands and run make histories."
            )
    return ""


def _at(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else "nothing more"


def _agree(was: str, now: str) -> bool:
    """Tell whether two lines mean the same; a timer without a kind may be any of them."""
    are_timers = {was.partition(" ")[0], now.partition(" ")[0]} == {"timer"}
    return was == now or (are_timers and "timer" in (was, now))


def _line(command: WorkflowCommand) -> str:
    """Return a command in one line; nothing for what is no command of the saga."""
    kind = cast("str", command.WhichOneof("variant"))
    if kind in _ANSWERS:
        return ""
    if kind == "start_timer":
        return f"timer {_deadline(command)}".rstrip()
    name = _NAMED.get(kind)
    return name(getattr(command, kind)) if name else kind.replace("_", " ")


def _deadline(command: WorkflowCommand) -> str:
    """Return which deadline a timer keeps, by its summary; nothing when it is none."""
    if not command.user_metadata.HasField("summary"):
        return ""
    summary = DataConverter.default.payload_converter.from_payload(command.user_metadata.summary)
    for kind, rule in RULES.items():
        begins = f"The {rule.owner} must {rule.action} by "
        if summary.startswith(begins) and summary.endswith(f"otherwise {rule.default}"):
            return str(kind)
    return ""
