"""What ops staff read about a dispute's ladder on its workflow's page."""

from __future__ import annotations

from domain.disputing.ladder import Ladder, ProposalStatus


def ladder_rows(ladder: Ladder) -> list[tuple[str, str]]:
    """Return the rows about the ladder; the clock has rows of its own."""
    rows = [("Stage", f"**{ladder.stage}**, version {ladder.version}")]
    if ladder.desired is not None:
        amount = f" of {ladder.desired_refund_minor} minor" if ladder.desired_refund_minor else ""
        rows.append(("Asked for", f"{ladder.desired}{amount}"))
    proposals = [each for each in ladder.proposals if each.status is ProposalStatus.OPEN]
    for each in proposals:
        refund = f", refund {each.refund_minor} minor" if each.refund_minor else ""
        rows.append((f"The {each.by} proposes", f"{each.outcome}{refund}"))
    rows.append(("Agent", ladder.agent_id or "nobody yet"))
    if ladder.absent:
        rows.append(("Silent so far", " and ".join(ladder.absent)))
    if ladder.waiting_for is not None:
        rows.append(("Waits for", f"the {ladder.waiting_for}: {_in_a_cell(ladder.question)}"))
    if ladder.decision is not None:
        rows.append(("Verdict", f"{ladder.decision.outcome}: {_in_a_cell(ladder.decision.note)}"))
    if ladder.appealed_by is not None:
        rows.append(("Appealed by", f"the {ladder.appealed_by}"))
    return rows


def _in_a_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
