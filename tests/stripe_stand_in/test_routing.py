"""Every route uses the type that the SDK's own client uses for the same address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import stripe
from stripe.params import RefundCreateParams

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.routing import Route

_METHOD = re.compile(
    r"async def \w+_async\(.*?params: (?:Optional\[)?\"(?P<params>\w+)\".*?"
    r"_request_async\(\s*\"(?P<verb>get|post|delete)\",\s*\"(?P<path>/v1/[^\"]+)\"",
    re.DOTALL,
)


def addresses_of_the_sdk() -> dict[tuple[str, str], str]:
    """Return the name of the params type of every address that the SDK's services call."""
    found = {}
    for module in Path(stripe.__file__).parent.glob("_*_service.py"):
        for match in _METHOD.finditer(module.read_text()):
            found[(match["verb"].upper(), _plain(match["path"]))] = match["params"]
    return found


def _plain(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_route_has_the_sdks_own_type() -> None:
    sdk = addresses_of_the_sdk()
    for route in StripeStandIn().routes:
        assert sdk[(route.method, _plain(route.pattern))] == route.parameters.__name__, route.name


def test_a_route_cannot_claim_parameters_that_the_sdk_does_not_have() -> None:
    with pytest.raises(ValueError, match="colour"):
        Route(
            "POST /v1/refunds",
            RefundCreateParams,
            lambda call: call.parameters,
            "refund",
            frozenset({"colour"}),
        )
