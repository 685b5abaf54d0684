"""What a delivery should cost and how its price is shared."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, ceil, cos, radians, sin, sqrt

from domain.errors import Refusal, RefusalCode
from domain.money import AMOUNT_MINOR_MAX, MINOR_DIGITS, Money
from domain.policies import FeePolicy, PricePolicy

EARTH_RADIUS_M = 6_371_008.8
"""Mean earth radius in metres. Source: IUGG 1980."""
MAJOR_PER_EURO: dict[str, int] = {
    "CZK": 25, "DKK": 7, "JPY": 160, "KRW": 1_500, "NOK": 12, "PLN": 4, "SEK": 11, "TND": 3,
}  # fmt: skip
"""Major units that buy about what a euro buys; one where none is named. Coarse on purpose: it sets
sensible limits and a first suggestion, and converts nobody's money."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth."""

    latitude: float
    """Degrees north, −90 to 90 (WGS 84)."""
    longitude: float
    """Degrees east, −180 to 180 (WGS 84)."""


@dataclass(frozen=True, slots=True)
class PriceShares:
    """How a captured price is shared at release; the parts sum to the price."""

    traveler: Money
    """What the traveler is paid."""
    fee: Money
    """What the platform earns."""


def distance_m(start: Place, end: Place) -> float:
    """Return the great-circle distance in metres by the haversine formula."""
    lat_a, lat_b = radians(start.latitude), radians(end.latitude)
    half_lat = (lat_b - lat_a) / 2
    half_lon = radians(end.longitude - start.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def suggested_price(
    policy: PricePolicy, currency: str, distance: float, weight_grams: int
) -> Money:
    """Return the price the platform suggests for a parcel.

    Units: `distance` in metres, `weight_grams` in grams. The policy's rates are euro cents, scaled
    to what the currency buys and to its own exponent.
    """
    euro_cents = (
        policy.base_minor
        + policy.per_km_minor * ceil(distance / 1_000)
        + policy.per_kg_minor * ceil(weight_grams / 1_000)
    )
    step = Money(1, currency).step_minor
    return Money(max(step, -(-_scaled(euro_cents, currency) // step) * step), currency)


def require_offer_price(policy: PricePolicy, price: Money) -> None:
    """Check that an offered price lies within the policy's limits and can be charged at all.

    Raises:
        Refusal: `price_out_of_range`.
    """
    if not price.is_movable:
        raise Refusal(
            RefusalCode.PRICE_OUT_OF_RANGE,
            f"A price in {price.currency} must be a multiple of "
            f"{Money(price.step_minor, price.currency)}: card networks settle two decimals.",
        )
    low = max(1, _scaled(policy.offer_minor_min, price.currency))
    high = _scaled(policy.offer_minor_max, price.currency)
    high -= high % price.step_minor
    if not low <= price.amount_minor <= high:
        raise Refusal(
            RefusalCode.PRICE_OUT_OF_RANGE,
            f"The price must be between {Money(low, price.currency)} and "
            f"{Money(high, price.currency)}.",
        )


def price_shares(policy: FeePolicy, price: Money) -> PriceShares:
    """Share a price between the traveler and the platform; the parts sum to it exactly.

    The traveler always gets something: a provider transfers no empty amount.
    """
    least = _scaled(policy.platform_fee_minor_min, price.currency)
    step = price.step_minor if price.is_movable else 1
    least = -(-least // step) * step
    share = price.share(policy.platform_fee_basis_points).amount_minor
    fee = Money(min(max(share, least), max(price.amount_minor - step, 0)), price.currency)
    return PriceShares(traveler=price - fee, fee=fee)


def worth(euro_cents: int, currency: str) -> Money:
    """Return what euro cents are about worth in a currency; for limits, not for anybody's money."""
    return Money(_scaled(euro_cents, currency), currency)


def _scaled(euro_cents: int, currency: str) -> int:
    scale = MAJOR_PER_EURO.get(currency, 1) * 10 ** MINOR_DIGITS[currency]
    return min(int(euro_cents * scale) // 100, AMOUNT_MINOR_MAX)
