"""The activity that signs how all chains stand."""

from __future__ import annotations

from temporalio import activity

from activities.auditing_ports import Roots
from activities.heartbeats import alive
from domain.auditing.roots import SignedRoot


class AuditActivities:
    """Signs the roots of the audit.

    Idempotency: a repetition makes one more root, which does no harm.
    """

    def __init__(self, roots: Roots) -> None:
        self._roots = roots

    @activity.defn
    async def sign_heads(self) -> SignedRoot:
        """Sign the heads of all chains, and keep the root."""
        async with alive():
            return await self._roots.sign()
