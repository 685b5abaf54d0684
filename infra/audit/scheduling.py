"""Has the hourly root signed by a schedule of Temporal."""

from __future__ import annotations

from temporalio.client import Client

from domain.auditing.roots import RootPolicy
from domain.ids import AUDIT_ROOT_ID
from infra.schedules import Round, keep_schedule


async def schedule_roots(client: Client) -> None:
    """Have the heads of all chains of the audit signed at every hour."""
    policy = RootPolicy()
    signing = Round(
        workflow="audit_root",
        round_id=AUDIT_ROOT_ID,
        summary="Signs how all chains of the audit stand",
        every_s=policy.every_s,
        catch_up_s=policy.catch_up_s,
        run_s_max=policy.run_s_max,
    )
    await keep_schedule(client, signing)
