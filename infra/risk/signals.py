"""Reads every signal of a deal or a scan, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.handover.places import Fix
from domain.holds.risky import DECIDED, LOOKED_AT
from domain.ids import DeliveryId, PersonId
from domain.policies import Policies
from domain.pricing import Place
from domain.risk.deciding import Cleared, RiskDecision, RiskOutcome
from domain.risk.policy import RiskPolicy
from domain.risk.reasons import RiskReason
from domain.risk.signals import WRONG_TRIES, RiskSignals, implied_km_h
from infra.risk.signal_sql import CARRIED_MAX, PAST_DELIVERIES_MAX, READ

METERS_PER_DEGREE = 111_320
"""Length of a degree of latitude."""


DEAL: Final = "deal"
"""Occasion of an acceptance; that of a scan is the purpose of its code."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be judged."""

    delivery_id: DeliveryId
    carrier_id: PersonId
    """Whose scan or offer it is: the other side are all other people of the delivery."""
    request_id: str
    """Id of the acceptance or scan, the same on every try."""
    occasion: str = DEAL
    """`deal`, or the purpose of the code that is scanned."""
    method: str | None = None
    """The payment method that the customer wants to pay with now."""
    device_id: str | None = None
    """The device that signs the scan."""
    fix: Fix | None = None
    """Where the phone that scans is, by its own word."""


@dataclass(frozen=True, slots=True)
class ReadSignals:
    """What the database says about it."""

    signals: RiskSignals
    cleared: Cleared | None
    """What staff have let pass of this person here, unless something was added since."""
    allowed: RiskDecision | None
    """That an earlier try of the same request was let pass: it is the same request."""


async def read_signals(
    connection: AsyncConnection, judged: Judged, policy: RiskPolicy
) -> ReadSignals:
    """Return every signal, and what staff have let pass.

    Shape: one statement; nothing that it returns names a person.
    """
    fix = judged.fix
    values = {
        "fix_at": None if fix is None else fix.taken_at,
        "delivery_id": judged.delivery_id,
        "request_id": judged.request_id,
        "carrier_id": judged.carrier_id,
        "wrong_tries": sorted(WRONG_TRIES),
        "method": judged.method,
        "device_id": judged.device_id,
        "lookback_s": policy.lookback_s,
        "same_place_degrees": policy.same_place_m / METERS_PER_DEGREE,
        "past_max": PAST_DELIVERIES_MAX,
        "carried_max": CARRIED_MAX,
        "reasons_of_platform": list(Policies().chargebacks_of_platform),
        "fact_decided": DECIDED,
        "fact_looked_at": LOOKED_AT,
    }
    row = (await connection.execute(READ, values)).one()._asdict()
    return ReadSignals(_signals_in(row, fix), _cleared_in(row), _allowed_in(row))


def _signals_in(row: Mapping[str, Any], fix: Fix | None) -> RiskSignals:
    return RiskSignals(
        device_age_s=None if row["device_age_s"] is None else max(int(row["device_age_s"]), 0),
        devices_since_deal=int(bool(row["is_device_since_deal"])),
        attempts_of_hour=row["attempts_of_hour"],
        refusals_of_hour=row["refusals_of_hour"],
        refusals_of_day=row["refusals_of_day"],
        shared_devices=row["shared_devices"],
        jump_km_h=implied_km_h(_last_in(row), fix),
        mocked_positions=int(fix is not None and fix.is_mock),
        shared_cards=row["shared_cards"],
        shared_contacts=row["shared_contacts"],
        shared_addresses=row["shared_addresses"],
        disputes_opened=row["disputes_opened"],
        disputes_lost=row["disputes_lost"],
        chargebacks=row["chargebacks"],
        account_age_s=max(int(row["account_age_s"]), 0),
        strikes=row["strikes"],
    )


def _last_in(row: Mapping[str, Any]) -> Fix | None:
    if row["last_at"] is None:
        return None
    place = Place(row["last_latitude"], row["last_longitude"])
    return Fix(place, row["last_accuracy_m"], row["last_at"])


def _cleared_in(row: Mapping[str, Any]) -> Cleared | None:
    if row["cleared_score"] is None:
        return None
    return Cleared(row["cleared_score"], frozenset(points_in(row["cleared_points"])))


def _allowed_in(row: Mapping[str, Any]) -> RiskDecision | None:
    if row["allowed_score"] is None:
        return None
    points = points_in(row["allowed_points"])
    return RiskDecision(row["allowed_score"], RiskOutcome.ALLOW, points, row["allowed_by"])


def points_in(kept: Mapping[str, int]) -> dict[RiskReason, int]:
    """Return the reasons of a kept decision with their points, the weightiest first."""
    ordered = sorted(kept.items(), key=lambda item: (-item[1], item[0]))
    return {RiskReason(name): points for name, points in ordered}
