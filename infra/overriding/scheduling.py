"""Has the overrides of each week reported."""

from __future__ import annotations

from temporalio.client import Client

from domain.ids import OVERRIDE_REPORT_ID
from domain.overriding.policy import OverridePolicy
from infra.schedules import Round, keep_schedule

_RUN_S_MAX = 3_600
_CATCH_UP_S = 3 * 86_400
"""A report that was missed over a long weekend is made up for."""


async def schedule_override_report(client: Client) -> None:
    """Have the overrides reported once a week."""
    reporting = Round(
        workflow="override-report",
        round_id=OVERRIDE_REPORT_ID,
        summary="Reports the emergency overrides of the last week",
        every_s=OverridePolicy().report_s,
        catch_up_s=_CATCH_UP_S,
        run_s_max=_RUN_S_MAX,
    )
    await keep_schedule(client, reporting)
