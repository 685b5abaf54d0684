"""Every kind of item comes with advice, and an item may know better."""

from __future__ import annotations

import ast
import inspect

import domain.attention as module
from domain.attention import SUGGESTED_REPAIRS, AttentionItem, AttentionKind
from tests.house.test_docstrings import is_docstring


def test_every_kind_says_what_it_means_and_what_to_do() -> None:
    assert set(SUGGESTED_REPAIRS) == set(AttentionKind)
    assert all(advice.endswith(".") for advice in SUGGESTED_REPAIRS.values())
    kinds = next(
        node
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef) and node.name == "AttentionKind"
    )
    for node, following in zip(kinds.body, [*kinds.body[1:], None], strict=True):
        if isinstance(node, ast.Assign):
            assert is_docstring(following), f"{ast.unparse(node.targets[0])} says nothing"


def test_an_item_advises_what_its_kind_does_unless_it_knows_better() -> None:
    item = AttentionItem("stuck:1", AttentionKind.OPERATION_STUCK, "operation 1", "It is stuck.")
    assert item.repair == SUGGESTED_REPAIRS[AttentionKind.OPERATION_STUCK]
    knowing = AttentionItem("1", AttentionKind.CHARGEBACK, "1", "It waits.", None, "Send it again.")
    assert knowing.repair == "Send it again."
