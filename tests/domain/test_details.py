"""What ops staff read on a workflow's page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.contracts import DisputeOrder, DisputeReason
from domain.deadlines import RULES, DeadlineKind
from domain.details import clock_summary, delivery_details, delivery_summary, dispute_details
from domain.lifecycle import VERDICT_OVERDUE
from domain.status import DeliveryStatus
from tests.domain.builders import CUSTOMER, DELIVERY, DISPUTE, NOW, ORDER, PRICE, standing_at


def cells(table: str) -> dict[str, str]:
    """Return the rows of a markdown table, checking its shape."""
    head, rule, *rows = table.splitlines()
    assert (head, rule) == ("| | |", "|---|---|")
    parts = [row.strip("| ").split(" | ") for row in rows]
    assert all(len(part) == 2 for part in parts), table
    return {part[0].strip("*"): part[1] for part in parts}


@pytest.mark.parametrize("status", DeliveryStatus)
def test_details_are_a_table_at_every_status(status: DeliveryStatus) -> None:
    shown = cells(delivery_details(ORDER, standing_at(status)))
    assert shown["Where it stands"] == status.replace("_", " ")
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
    assert (early["Held payment"], early["Traveler"]) == ("nothing", "none yet")
    disputed = replace(standing_at(DeliveryStatus.DISPUTED), dispute_id=DISPUTE)
    shown = cells(delivery_details(ORDER, disputed))
    assert (shown["Held payment"], shown["Traveler"]) == ("EUR 42.00, held", "traveler")
    assert shown["Dispute"] == f"open: `dispute:{DISPUTE}`"


def test_a_parked_step_says_how_to_resolve_it() -> None:
    standing = replace(standing_at(DeliveryStatus.REFUNDING), attention="refund_funds")
    shown = cells(delivery_details(ORDER, standing, "provider_refused"))
    assert shown["Needs attention"].startswith("**refund_funds** is parked: provider refused")
    assert "resolve_attention" in shown["Needs attention"]
    assert '"retry"' in shown["Retry, always safe"]
    assert '"done_by_hand"' in shown["Done at the provider"]
    assert "Skip, it stays owed" not in shown
    payout = replace(standing, attention="pay_out")
    assert '"skip"' in cells(delivery_details(ORDER, payout))["Skip, it stays owed"]


def test_an_overdue_verdict_is_said_without_ways_to_resolve_a_step() -> None:
    standing = replace(standing_at(DeliveryStatus.DISPUTED), attention=VERDICT_OVERDUE)
    shown = cells(delivery_details(ORDER, standing))
    assert shown["Needs attention"] == "no agent has decided the dispute in time"
    assert "Retry, always safe" not in shown


def test_an_agreed_price_that_is_not_held_is_said_so() -> None:
    standing = replace(standing_at(DeliveryStatus.PAYMENT_DUE), escrow="none", price=PRICE)
    shown = cells(delivery_details(ORDER, standing))
    assert shown["Held payment"] == "nothing; the agreed price is EUR 42.00"


def test_a_timer_says_who_by_when_and_otherwise() -> None:
    assert clock_summary(DeadlineKind.PICKUP, NOW) == (
        "The traveler must collect the parcel and scan the sender's code by "
        "2026-10-07 12:00:00 UTC; otherwise the delivery is cancelled"
    )


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
    assert delivery_summary(ORDER) == f"Delivery {DELIVERY[-6:].upper()} in EUR"
