"""The providers that are put through the suite; another one is another parameter."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_books import SandboxObject
from tests.infra.payments.conformance.contract import Moved, ProviderUnderTest, Scene, Tokens


@pytest.fixture(params=["sandbox"])
def under_test(request: pytest.FixtureRequest, engine: AsyncEngine) -> ProviderUnderTest:
    builders = {"sandbox": sandbox_under_test}
    return builders[request.param](engine)


def sandbox_under_test(engine: AsyncEngine) -> ProviderUnderTest:
    """Return the sandbox with the tokens that set each scene."""
    provider = SandboxProvider(engine)

    async def moved(prefix: str) -> list[Moved]:
        return [_moved(entry) for entry in await provider.objects(prefix) if _has_moved(entry)]

    return ProviderUnderTest(provider, SANDBOX_TOKENS, provider, moved)


def _fault(script: str) -> Tokens:
    return Tokens(
        method=f"pm_sandbox_{script}",
        method_of_refund=f"pm_sandbox_ok_refund_{script}",
        account_of_transfer=f"acct_sandbox_conformance_{script}",
        account_of_payout=f"acct_sandbox_conformance_payout_{script}",
    )


def _charge_only(script: str) -> Tokens:
    return Tokens(f"pm_sandbox_{script}", "", "", "")


SANDBOX_TOKENS = {
    Scene.GOES_WELL: Tokens(
        "pm_sandbox_ok", "pm_sandbox_ok", "acct_sandbox_conformance", "acct_sandbox_conformance"
    ),
    Scene.ANSWER_IS_LOST: _fault("timeout_after_success"),
    Scene.UNAVAILABLE_ONCE: _fault("unavailable"),
    Scene.REFUSES: _fault("refused"),
    Scene.DECLINES: _charge_only("declined_insufficient_funds"),
    Scene.ASKS_THE_CUSTOMER: _charge_only("requires_action"),
    Scene.TAKES_TIME: _charge_only("pending"),
}


def _has_moved(entry: SandboxObject) -> bool:
    return entry.outcome is PaymentOutcome.SUCCEEDED and entry.amount_minor > 0


def _moved(entry: SandboxObject) -> Moved:
    kind = OperationKind.REFUND if entry.kind is OperationKind.VOID else entry.kind
    return Moved(kind, entry.amount_minor, entry.currency, entry.provider_id)
