"""No workflow changes the order of its commands unnoticed: recorded ones are replayed and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from temporalio import workflow

from domain.contracts import DeliveryOrder
from domain.status import DeliveryStatus
from tests.evolution.commands import Commands, explain, replayed
from tests.evolution.orders import FOLDER, history, kept_order, names
from tests.histories.other_exits import OTHER_EXITS
from workflows.delivery import DeliveryWorkflow
from workflows.every import WORKFLOWS


@pytest.fixture(scope="module")
async def present() -> tuple[Commands, Mapping[str, str]]:
    """What the present workflows ask for, and which histories stop them."""
    return await replayed(WORKFLOWS, map(history, names()))


@pytest.mark.parametrize("name", names())
def test_an_exit_keeps_the_order_of_its_commands(
    present: tuple[Commands, Mapping[str, str]], name: str
) -> None:
    asked, failures = present
    kept = kept_order(name)
    assert kept, f"run make histories: the order of the commands of {name} is not kept yet"
    changed = explain(name, kept, asked[name])
    assert not changed, changed
    assert name not in failures, failures[name]


def test_every_order_is_that_of_a_history() -> None:
    kept = {path.stem for path in FOLDER.glob("*.commands")}
    assert kept <= set(names()), "delete these: their histories are gone"


def test_every_exit_beside_a_delivery_has_a_history() -> None:
    assert set(OTHER_EXITS) <= set(names()), "record it with: make histories"


def test_every_workflow_has_a_history() -> None:
    types = {workflow._Definition.must_from_class(each).name or "" for each in WORKFLOWS}
    missing = {each for each in types if not any(name.startswith(f"{each}-") for name in names())}
    assert not missing, "play an exit of each in tests/histories, then run make histories"


@workflow.defn(name="delivery")
class Hasty(DeliveryWorkflow):
    """A delivery changed without a thought of those under way: it thinks before it opens."""

    @workflow.init
    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: DeliveryOrder) -> DeliveryStatus:
        return await super().run(order)

    async def _open_request(self, order: DeliveryOrder) -> None:
        await workflow.sleep(1)
        await super()._open_request(order)


@workflow.defn(name="delivery")
class Careful(DeliveryWorkflow):
    """The same change, for new deliveries only."""

    @workflow.init
    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: DeliveryOrder) -> DeliveryStatus:
        return await super().run(order)

    async def _open_request(self, order: DeliveryOrder) -> None:
        if workflow.patched("think-first"):
            await workflow.sleep(1)
        await super()._open_request(order)


async def test_a_change_without_a_patch_is_told_with_what_to_do() -> None:
    name = "delivery-expired"
    asked, failures = await replayed([Hasty], [history(name)])
    told = explain(name, kept_order(name), asked[name])
    assert told.startswith(
        f"the commands of exit {name} changed at position 1: it was "
        "`local activity record_transition` and is `timer`."
    )
    assert "workflow.patched" in told
    assert "make histories" in told
    assert "ondeterminism" in failures[name]


async def test_a_change_behind_a_patch_leaves_recorded_deliveries_alone() -> None:
    name = "delivery-expired"
    asked, failures = await replayed([Careful], [history(name)])
    assert (explain(name, kept_order(name), asked[name]), dict(failures)) == ("", {})


@pytest.mark.parametrize(
    ("kept", "asked", "position"),
    [
        (["timer request", "activity a"], ["timer request", "activity b"], 2),
        (["timer request"], ["timer request", "activity b"], 2),
        (["timer request", "activity a"], ["timer request"], 2),
        (["timer request"], ["timer pickup"], 1),
        (["timer request"], ["timer"], None),
        (["activity a"], ["activity a"], None),
    ],
)
def test_the_first_difference_is_found(
    kept: Sequence[str], asked: Sequence[str], position: int | None
) -> None:
    told = explain("x", kept, asked)
    assert (f"at position {position}:" in told) if position else told == ""
