"""The page for operations staff names the attributes, statuses and updates that there are."""

from __future__ import annotations

import json
import re
from enum import StrEnum

import pytest
from temporalio.converter import value_to_type

from domain.chargebacks import MONEY_STEPS, RECOVERING_STEPS, SubmitEvidence
from domain.chargebacks import SKIPPABLE_STEPS as SKIPPABLE_IN_CHARGEBACKS
from domain.contracts import AttentionAction, ResolveAttention
from domain.correcting.again import AgainCommand, DoneByHand
from domain.correcting.rules import SKIPPABLE_IN_CORRECTIONS
from domain.lifecycle import SKIPPABLE_STEPS
from domain.status import CLOSED, DeliveryStatus, DisputeStatus, EscrowStatus
from domain.visibility import ATTRIBUTE_TYPES, Attribute
from tests.house.documents import FENCE
from tests.house.source import texts
from workflows.chargeback import ChargebackWorkflow
from workflows.chargebacks.money import STEPS as CHARGEBACK_STEPS
from workflows.correction import CorrectionWorkflow
from workflows.correction_steps import LATE_STEPS
from workflows.delivery import DeliveryWorkflow
from workflows.steps import STEPS
from workflows.undone import UndoneWorkflow

DOCUMENT = texts()["docs/operations.md"]
VALUES: dict[Attribute, type[StrEnum]] = {
    Attribute.DELIVERY_STATUS: DeliveryStatus,
    Attribute.ESCROW_STATUS: EscrowStatus,
    Attribute.DISPUTE_STATUS: DisputeStatus,
}
CORRECTIONS = "Corrections and what came undone"
CHARGEBACKS = "Chargebacks"
OF_TEMPORAL = {"ExecutionStatus", "WorkflowId", "WorkflowType"}


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    found = re.findall(r"^\| (`.*) \|$", section(title), re.MULTILINE)
    return [row.split(" | ") for row in found]


def blocks(title: str, language: str = "") -> list[str]:
    found = FENCE.findall(section(title))
    return [block.split("\n", 1)[1][:-4] for block in found if block.startswith(f"```{language}\n")]


def test_every_attribute_is_explained_with_its_type() -> None:
    told = {name.strip("`"): kind for name, kind, _ in rows("Search attributes")}
    assert told == {str(name): str(kind) for name, kind in ATTRIBUTE_TYPES.items()}


@pytest.mark.parametrize("attribute", VALUES)
def test_every_status_is_named(attribute: Attribute) -> None:
    (values,) = (row[2] for row in rows("Search attributes") if row[0] == f"`{attribute}`")
    assert re.findall(r"`(\w+)`", values) == [str(value) for value in VALUES[attribute]]


def test_filters_ask_for_what_there_is() -> None:
    (filters,) = blocks("Ready filters")
    asked = re.findall(r'(\w+) [=<>] (?:"([^"]*)"|\w+)', filters)
    assert {name for name, _ in asked} <= {*ATTRIBUTE_TYPES, *OF_TEMPORAL}
    assert {"NeedsAttention", "DeliveryStatus", "NextDeadline", "CustomerId"} <= dict(asked).keys()
    for name, value in asked:
        if name in VALUES:
            assert value in list(VALUES[Attribute(name)])


def test_every_way_to_resolve_a_parked_step_can_be_pasted() -> None:
    title = "Resolving a parked step"
    commands = [ResolveAttention(**json.loads(text)) for text in blocks(title, "json")]
    assert [command.action for command in commands] == list(AttentionAction)
    assert all(command.reason for command in commands)
    assert [bool(command.reference) for command in commands] == [False, False, True]


def test_the_steps_that_can_be_parked_are_named() -> None:
    text = section("Resolving a parked step")
    for step in STEPS:
        assert f"`{step.name}`" in text
    assert (
        f"Only {' and '.join(f'`{step}`' for step in sorted(SKIPPABLE_STEPS))} can be skipped"
        in text
    )
    assert hasattr(DeliveryWorkflow, "resolve_attention")


def test_a_request_to_cancel_is_explained_for_every_open_status() -> None:
    told = [re.findall(r"`(\w+)`", row[0]) for row in rows("Request Cancellation")]
    assert {status for some in told for status in some} == set(DeliveryStatus) - CLOSED


def test_every_way_to_give_again_what_came_undone_can_be_pasted() -> None:
    again, by_hand = (json.loads(text) for text in blocks(CORRECTIONS, "json"))
    assert value_to_type(AgainCommand, again).reason
    assert value_to_type(DoneByHand, by_hand).reference
    named = {"refund_again", "pay_out_again", "done_by_hand", "give_up"}
    assert named == {name for name in named if f"`{name}`" in section(CORRECTIONS)}
    assert all(hasattr(UndoneWorkflow, name) for name in named)


def test_the_steps_of_chargebacks_that_can_be_parked_are_named() -> None:
    text = section(CHARGEBACKS).replace("\n", " ")
    (named,) = re.findall(r"Its steps are (.*?)\. A parked one", text)
    (may,) = re.findall(r"Only (.*?) can be skipped", text)
    assert set(re.findall(r"`(\w+)`", named)) == MONEY_STEPS | RECOVERING_STEPS | {
        "write_chargeback"
    }
    assert set(re.findall(r"`(\w+)`", may)) == SKIPPABLE_IN_CHARGEBACKS
    assert {step.name for step in CHARGEBACK_STEPS} == MONEY_STEPS
    (submit,) = (json.loads(text) for text in blocks(CHARGEBACKS, "json"))
    assert value_to_type(SubmitEvidence, submit).actor
    assert hasattr(ChargebackWorkflow, "submit_evidence")
    assert hasattr(ChargebackWorkflow, "resolve_attention")


def test_the_steps_of_corrections_that_can_be_skipped_are_named() -> None:
    text = section(CORRECTIONS).replace("\n", " ")
    (may, never) = re.findall(r"Of its steps (.*?) can be skipped; (.*?) cannot", text)[0]
    of_corrections = {step.name for step in LATE_STEPS} - {"refund_again", "pay_out_again"}
    assert set(re.findall(r"`(\w+)`", may)) == SKIPPABLE_IN_CORRECTIONS
    assert set(re.findall(r"`(\w+)`", never)) == of_corrections - SKIPPABLE_IN_CORRECTIONS
    assert hasattr(CorrectionWorkflow, "resolve_attention")
