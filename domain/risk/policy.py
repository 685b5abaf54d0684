"""How many points each signal of risk gives, and what follows from their sum."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grade:
    """From a measure on, a rule gives these points; of all grades reached the greatest counts."""

    measure_min: int
    """Least measure: a count, or kilometres per hour."""
    risk_points: int
    """Points."""


@dataclass(frozen=True, slots=True)
class Youth:
    """Below an age, a rule gives these points; of all that apply the greatest counts."""

    below_s: int
    """Age in seconds that gives them no more."""
    risk_points: int
    """Points."""


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """The rules' points and the thresholds. Units: points from 0 to 100, whole seconds, metres.

    A rule without a grade gives no points; a threshold of zero is never reached.
    """

    device_age: tuple[Youth, ...] = (Youth(3_600, 10),)
    """A device that was registered within the hour may be a thief's; most are just somebody's first."""
    device_since_deal_points: int = 10
    """For a device that was registered after the deal: few people change their phone in between."""
    jump: tuple[Grade, ...] = (Grade(400, 15), Grade(1_000, 60))
    """By implied kilometres per hour: faster than any train is a plane, faster than a plane is a lie."""
    mocked_points: int = 60
    """For a position that the phone calls made up: nobody does that by accident."""
    attempts: tuple[Grade, ...] = (Grade(200, 10), Grade(600, 25))
    """By tries of the person or the delivery in an hour: nobody hands over two hundred parcels."""
    refusals: tuple[Grade, ...] = (Grade(15, 10), Grade(50, 30))
    """By wrong tries in an hour: a camera and cold fingers fail a few times."""
    refusals_of_day: tuple[Grade, ...] = (Grade(40, 10), Grade(120, 30))
    """By wrong tries in a day: who goes on slowly is seen as well."""
    shared_devices: tuple[Grade, ...] = (Grade(1, 60),)
    """One phone for both sides: one person deals with oneself, or a family does."""
    shared_cards: tuple[Grade, ...] = (Grade(1, 50),)
    """One payment method for both sides: the same, and a stolen card is turned into a payout so."""
    shared_contacts: tuple[Grade, ...] = (Grade(1, 50),)
    """One e-mail address or phone number for both sides: the same."""
    shared_addresses: tuple[Grade, ...] = (Grade(1, 15), Grade(3, 25))
    """By own parcels of the traveler at the same place: neighbours share a house, too."""
    disputes_opened: tuple[Grade, ...] = (Grade(3, 5), Grade(8, 15))
    """By disputes opened by either side: a few are bad luck."""
    disputes_lost: tuple[Grade, ...] = (Grade(1, 5), Grade(3, 20))
    """By disputes decided against either side."""
    chargebacks: tuple[Grade, ...] = (Grade(1, 15), Grade(3, 40))
    """By payments of the customer that a bank took back, and not for an error of ours."""
    account_age: tuple[Youth, ...] = (Youth(86_400, 10), Youth(7 * 86_400, 5))
    """Age of the younger account: fraud is young, and so is every first delivery."""
    strikes: tuple[Grade, ...] = (Grade(1, 5), Grade(3, 20))
    """By strikes of either side: no-shows and late cancellations."""
    lookback_s: int = 365 * 86_400
    """How far back disputes, chargebacks and strikes count: people change."""
    same_place_m: int = 30
    """Distance within which two addresses are the same place: one house."""
    step_up_points: int = 40
    """From this score on, whoever scans has to prove once more who they are."""
    hold_points: int = 60
    """From this score on, staff look before anything moves."""
    refuse_points: int = 90
    """From this score on, it is refused: three strong signs at once are no coincidence."""
    maximum_hold_points: int = 40
    """At the maximum level staff look from this score on: it is what an insured courier is for."""

    @property
    def is_scored(self) -> bool:
        """Whether any score has a consequence; without one, no signal is read."""
        thresholds = (self.step_up_points, self.hold_points, self.refuse_points)
        return any((*thresholds, self.maximum_hold_points))


UNSCORED = RiskPolicy(
    device_age=(),
    device_since_deal_points=0,
    jump=(),
    mocked_points=0,
    attempts=(),
    refusals=(),
    refusals_of_day=(),
    shared_devices=(),
    shared_cards=(),
    shared_contacts=(),
    shared_addresses=(),
    disputes_opened=(),
    disputes_lost=(),
    chargebacks=(),
    account_age=(),
    strikes=(),
    step_up_points=0,
    hold_points=0,
    refuse_points=0,
    maximum_hold_points=0,
)
"""What the oldest deliveries were opened under: nothing is scored."""
