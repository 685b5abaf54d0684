"""What ops staff read of a hold on a delivery's page."""

from __future__ import annotations

from domain.holds.rules import Hold, StoppedClock


def hold_details(hold: Hold | None, stopped: StoppedClock | None) -> str:
    """Return more rows for the table of a saga's present state; nothing when it is not on hold."""
    if hold is None:
        return ""
    by = hold.placed_by.person_id or f"an {hold.placed_by.role}"
    rows = [("**On hold**", f"since {hold.since:%Y-%m-%d %H:%M:%S} UTC, by `{by}`: {hold.reason}")]
    if stopped is not None and stopped.kind is not None and stopped.due_at is not None:
        left = stopped.due_at - stopped.since
        hours = max(int(left.total_seconds()) // 3_600, 0)
        rows.append(
            (
                "**Stands still**",
                f"the clock `{stopped.kind}`, with {hours} hours left; it goes on from there",
            )
        )
    rows.append(("**Go on**", 'send `resume`: `{"reason": "..."}`'))
    return "".join(f"\n| {name} | {value} |" for name, value in rows)
