"""Every kind of item comes with advice, and an item may know better."""

from __future__ import annotations

from domain.attention import SUGGESTED_REPAIRS, AttentionItem, AttentionKind


def test_every_kind_comes_with_advice() -> None:
    assert set(SUGGESTED_REPAIRS) == set(AttentionKind)
    assert all(advice.endswith(".") for advice in SUGGESTED_REPAIRS.values())


def test_an_item_advises_what_its_kind_does_unless_it_knows_better() -> None:
    item = AttentionItem("stuck:1", AttentionKind.OPERATION_STUCK, "operation 1", "It is stuck.")
    assert item.repair == SUGGESTED_REPAIRS[AttentionKind.OPERATION_STUCK]
    knowing = AttentionItem("1", AttentionKind.CHARGEBACK, "1", "It waits.", None, "Send it again.")
    assert knowing.repair == "Send it again."
