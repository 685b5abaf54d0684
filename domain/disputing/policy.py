"""The clocks of a dispute's ladder: figures only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DisputePolicy:
    """The ladder of a dispute. Units: whole seconds and counts. An agent's own clocks are windows."""

    answer_s: int = 2 * 86_400
    """Time for the other side's answer, then an agent decides without it: two days span a flight.
    Zero leaves the dispute to an agent at once."""
    negotiation_s: int = 3 * 86_400
    """Time in which the sides may agree before an agent decides: a weekend. Zero for none."""
    reply_s: int = 2 * 86_400
    """Time for a reply to an agent's question; the agent's clock stands still meanwhile."""
    questions_max: int = 5
    """Questions of the agents in one dispute: each stops their clock, and money is held meanwhile."""
    appeal_s: int = 3 * 86_400
    """Time to appeal a verdict with new evidence; zero makes every verdict final at once."""
    review_s: int = 7 * 86_400
    """Time for a second agent's verdict after an appeal; then the first one stands."""
    proposals_max: int = 10
    """Proposals of one side: beyond it nobody is looking for an agreement any more."""
    first_reminder_s: int = 86_400
    """What is left of a clock when its owner is reminded: a day to act in."""
    last_reminder_s: int = 4 * 3_600
    """What is left of it at the last call: an evening."""

    @property
    def reminders_s(self) -> tuple[int, int]:
        """What is left of a clock at each reminder, the first one first."""
        return self.first_reminder_s, self.last_reminder_s


AGENT_ALONE = DisputePolicy(answer_s=0, negotiation_s=0, appeal_s=0)
"""What deliveries were opened under before there was a ladder: an agent decides, once and for all."""
