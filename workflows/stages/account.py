"""Waiting for a traveler whose account at the provider cannot be sent money yet."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from workflows.stages.base import DeliveryStage
from workflows.steps import Step

with workflow.unsafe.imports_passed_through():
    from activities.payment_errors import ACCOUNT_NOT_READY
    from domain.contracts import PLATFORM, DeliveryOrder
    from domain.deadlines import DeadlineKind
    from domain.money import Money
    from domain.transitions import EventKind

NEWS_MAX = 50
"""How often news of the account leads to another try at once; after that only the clock does. An
account has as much news as its owner has second thoughts, and every try costs history."""


class AccountStage(DeliveryStage):
    """From a release that finds no account to one that does."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.reminders = 0
        self.tries_by_news = 0

    def is_waited_for(self, step: Step, reason: str) -> bool:
        """Wait for an account only as long as the policy allows; then a person looks."""
        if reason == ACCOUNT_NOT_READY and self._seconds_left() <= 0:
            return False
        return super().is_waited_for(step, reason)

    async def await_account(
        self, share: Money, news_seen: int, facts: dict[str, str] | None = None
    ) -> None:
        """Remind the traveler when it is time, then wait for news of the account or the next time.

        `news_seen` is how much news there was before the provider was asked in vain.
        """
        due_at = self.standing.deadline_at
        is_armed = self.standing.deadline_kind == DeadlineKind.ACCOUNT
        if not is_armed or due_at is None or workflow.now() >= due_at:
            await self._remind({"amount": str(share), **(facts or {})})
        await self.wait_until_due(lambda: self._has_news(news_seen))
        if self._has_news(news_seen):
            self.tries_by_news += 1

    def _has_news(self, seen: int) -> bool:
        return self.account_news > seen and self.tries_by_news < NEWS_MAX

    def _seconds_left(self) -> float:
        windows = self.policies.windows
        held_at = self.held_at or workflow.now()
        return (held_at + timedelta(seconds=windows.account_s_max) - workflow.now()).total_seconds()

    async def _remind(self, facts: dict[str, str]) -> None:
        self.reminders += 1
        wait_s = min(self.policies.windows.account_reminder_s, int(self._seconds_left()) + 1)
        async with self.turn:
            await self.record(
                self.transition(
                    EventKind.ACCOUNT_AWAITED,
                    f"account_awaited:{self.reminders}",
                    PLATFORM,
                    self.armed(self.status, DeadlineKind.ACCOUNT, self.due_in(wait_s)),
                    facts=facts,
                )
            )
