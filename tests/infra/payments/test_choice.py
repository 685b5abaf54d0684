"""The provider is what the settings say, and Stripe's SDK is loaded only where it is chosen."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

import worker
from infra.payments.parts import payment_parts
from infra.payments.sandbox import SandboxProvider
from infra.payments.stripe_provider import StripeProvider
from infra.settings import Settings
from tests.infra.payments.conformance.contract import CHARGED, charge_of, new_delivery
from tests.infra.payments.conftest import Stripe

ROOT = Path(worker.__file__).parent


def settings(**choice: object) -> Settings:
    key = b64encode(b"k" * 32).decode()
    return Settings(database_url="postgresql://nobody@nowhere/x", handover_key=key, **choice)  # type: ignore[arg-type]


async def test_the_settings_choose_the_provider(engine: AsyncEngine, at_stripe: Stripe) -> None:
    assert isinstance(payment_parts(engine, settings()).provider, SandboxProvider)
    chosen = settings(
        payments="stripe", stripe_secret_key="sk_test_1", stripe_url=at_stripe.stand_in.url
    )
    parts = payment_parts(engine, chosen)
    assert isinstance(parts.provider, StripeProvider)
    answer = await parts.provider.charge(charge_of(new_delivery()), CHARGED, "pm_card_visa")
    assert answer.provider_id.startswith("pi_")
    await parts.close()


def test_the_sdk_is_not_loaded_where_it_is_not_chosen() -> None:
    question = "import sys, worker; sys.exit('stripe' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", question], cwd=ROOT, check=False)
    assert asked.returncode == 0
