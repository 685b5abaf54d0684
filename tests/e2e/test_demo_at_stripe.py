"""`make demo` with Stripe as the payment provider: the stand-in answers in Stripe's place."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

from infra.demo.scenes import SCENES
from tests.stripe_stand_in import API_KEY, SECRET, Json, StripeStandIn, Terms

ROOT = Path(__file__).parents[2]
PRICE, SHARE = 4_200, 3_780
SPLIT_REFUND, SPLIT_SHARE = 1_500, 2_430
"""EUR 15.00 back to the customer; of the other EUR 27.00, a tenth is the platform's."""


async def play_demo(folder: Path, stand_in: StripeStandIn) -> tuple[int, str]:
    """Run the command of the demo and return its exit code and what it printed."""
    environment = {
        **os.environ,
        "SENDALONG_DATA": str(folder),
        "PAYMENTS": "stripe",
        "SENDALONG_STRIPE_SECRET_KEY": API_KEY,
        "SENDALONG_STRIPE_WEBHOOK_SECRET": SECRET,
        "SENDALONG_STRIPE_URL": stand_in.url,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.cli", "demo"),
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


def amounts(objects: list[Json]) -> Counter[int]:
    return Counter(made["amount"] for made in objects)


async def test_the_deliveries_of_the_demo_are_paid_at_stripe(folder: Path) -> None:
    terms = Terms(onboards_itself=True, disputes_after_transfer=True)
    async with StripeStandIn(terms=terms) as stand_in:
        code, printed = await play_demo(folder / "stack", stand_in)
        assert code == 0, printed
        for scene in SCENES:
            assert f"{scene.title}: closed: {scene.closes}" in printed
        view = stand_in.view
        assert amounts(view.objects("transfer")) == Counter([SHARE, SHARE, SPLIT_SHARE])
        held = [made for made in view.objects("charge") if made["captured"]]
        left = Counter(made["amount_captured"] - made["amount_refunded"] for made in held)
        del left[0]
        assert left == Counter([PRICE, PRICE, PRICE - SPLIT_REFUND])
        (dispute,) = view.objects("dispute")
        assert dispute["evidence_details"]["submission_count"] == 1
        called_back = [made["amount_reversed"] for made in view.objects("transfer")]
        assert sorted(called_back) == [0, 0, SHARE]
        assert "I4 holds" in printed
        assert stand_in.drift == []
