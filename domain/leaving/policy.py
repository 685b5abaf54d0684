"""What a cancellation, a withdrawal or a no-show costs: figures only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CancellationTier:
    """What a customer who cancels pays, by how near the pickup is."""

    before_s: int
    """The tier holds from so many seconds before the end of the agreed pickup on."""
    compensation_basis_points: int
    """Share of the price for the traveler, in ten-thousandths."""
    fee_basis_points: int
    """Share of the price for the platform, in ten-thousandths; kept only with a compensation."""


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """Who pays what when a parcel is not picked up. Units: whole seconds, basis points, metres."""

    grace_s: int = 3_600
    """Time after the acceptance in which the customer cancels for free: an hour to find a mistake,
    before a traveler plans by it."""
    tiers: tuple[CancellationTier, ...] = (
        CancellationTier(
            before_s=48 * 3_600, compensation_basis_points=1_000, fee_basis_points=250
        ),
        CancellationTier(
            before_s=24 * 3_600, compensation_basis_points=2_000, fee_basis_points=500
        ),
        CancellationTier(before_s=2 * 3_600, compensation_basis_points=5_000, fee_basis_points=500),
    )
    """Earlier is free: with two days left the traveler finds another parcel. On the last day most do
    not, and in the last two hours they are on their way."""
    no_show_compensation_basis_points: int = 5_000
    """Share of the price for a traveler who came in vain: as for the latest cancellation."""
    no_show_fee_basis_points: int = 500
    """Share of the price for the platform after the sender's no-show."""
    no_show_wait_s: int = 2 * 3_600
    """How long the one who is there waits after the report: time to read a message and to come."""
    no_show_ahead_s: int = 2 * 3_600
    """How long before the end of the pickup the sender may say that nobody has come: before that, the
    traveler has all the time that was agreed."""
    no_show_arrival_ahead_s: int = 24 * 3_600
    """How long before the end of the pickup the traveler may say that nobody is there: only the last
    day is one on which the sender has to expect a visit."""
    no_show_radius_m: int = 300
    """Distance from the pickup place that counts as being there: city positions are off by 100 m, and
    a court or a station has several doors."""
    reopenings_max: int = 3
    """How often a delivery is opened again to other travelers: each time costs history, and after
    three a new request says better what is wanted."""


FREE_CANCELLATION = CancellationPolicy(
    grace_s=0, tiers=(), no_show_compensation_basis_points=0, no_show_fee_basis_points=0
)
"""What deliveries were opened under before there were tiers: nobody pays anything."""
