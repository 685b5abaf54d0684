"""What ops staff read on a workflow's page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.contracts import DisputeOrder, DisputeReason
from domain.deadlines import RULES, DeadlineKind
from domain.details import delivery_details, delivery_summary, dispute_details
from domain.status import DeliveryStatus
from tests.domain.builders import CUSTOMER, DELIVERY, DISPUTE, NOW, ORDER, PRICE, standing_at


def cells(table: str) -> dict[str, str]:
    """Return the rows of a markdown table, checking its shape."""
    head, rule, *rows = table.splitlines()
    assert (head, rule) == ("| | |", "|---|---|")
    parts = [row.strip("| ").split(" | ") for row in rows]
    assert all(len(part) == 2 for part in parts), table
    return {part[0]: part[1] for part in parts}


@pytest.mark.parametrize("status", DeliveryStatus)
def test_details_are_a_table_at_every_status(status: DeliveryStatus) -> None:
    shown = cells(delivery_details(ORDER, standing_at(status)))
    assert shown["Where it stands"] == f"**{status}**"
    assert shown["Who must act"] == "nobody"
    assert shown["Customer"] == ORDER.customer_id


@pytest.mark.parametrize("kind", DeadlineKind)
def test_an_armed_clock_says_who_by_when_and_otherwise(kind: DeadlineKind) -> None:
    standing = replace(standing_at(DeliveryStatus.DELIVERED), deadline_kind=kind, deadline_at=NOW)
    shown = cells(delivery_details(ORDER, standing))
    assert shown["Who must act"] == f"the {RULES[kind].owner}: {RULES[kind].action}"
    assert shown["By when"] == "2026-10-07 12:00:00 UTC"
    assert shown["Otherwise"] == f"{RULES[kind].default}; money: {RULES[kind].money_effect}"


def test_money_traveler_and_dispute_are_shown_once_known() -> None:
    early = cells(delivery_details(ORDER, standing_at(DeliveryStatus.REQUESTED)))
    assert (early["Held payment"], early["Traveler"]) == ("none", "none yet")
    disputed = replace(standing_at(DeliveryStatus.DISPUTED), dispute_id=DISPUTE)
    shown = cells(delivery_details(ORDER, disputed))
    assert (shown["Held payment"], shown["Traveler"]) == ("held, EUR 42.00", "traveler")
    assert shown["Dispute"] == f"open: `dispute:{DISPUTE}`"


def test_a_parked_step_says_how_to_resolve_it() -> None:
    standing = replace(standing_at(DeliveryStatus.REFUNDING), attention="refund_funds")
    shown = cells(delivery_details(ORDER, standing))
    assert shown["Needs attention"].startswith("**refund_funds** is parked")
    assert "resolve_attention" in shown["Needs attention"]


@pytest.mark.parametrize(("proven", "words"), [(True, "yes"), (False, "no")])
def test_a_dispute_shows_its_reason_money_and_delivery(proven: bool, words: str) -> None:
    standing = standing_at(DeliveryStatus.DISPUTED)
    order = DisputeOrder(
        DELIVERY, DISPUTE, CUSTOMER, DisputeReason.DAMAGED, PRICE, proven, standing, ORDER
    )
    shown = cells(dispute_details(order, standing))
    assert shown["Dispute"] == "**open**, about damaged, opened by the customer"
    assert (shown["Held payment"], shown["Handover proven"]) == ("EUR 42.00", words)
    assert shown["Delivery"] == f"`delivery:{DELIVERY}`"


def test_the_summary_is_one_line_without_personal_details() -> None:
    assert delivery_summary(ORDER) == "Delivery in EUR for customer customer"
