"""Links between the pages of workflows."""

from __future__ import annotations

from domain.page_links import linked


def test_a_workflow_id_leads_to_its_page() -> None:
    row = "| **Dispute** | open: `dispute:0199-d15e` |"
    link = "[dispute:0199-d15e](/namespaces/my%20space/workflows/dispute%3A0199-d15e)"
    assert linked(row, "my space") == f"| **Dispute** | open: {link} |"


def test_what_is_no_workflow_is_left_alone() -> None:
    text = 'by `0199-a1b2`: send `resolve_attention`: `{"action": "retry"}` about disputes: none'
    assert linked(text, "default") == text
