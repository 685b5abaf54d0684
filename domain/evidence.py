"""What a bank is told about a delivery when its payment is disputed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from domain.contracts import CodePurpose
from domain.ids import DeliveryId
from domain.money import Money
from domain.policies import Policies

TEXT_LENGTH_MAX = 20_000
"""Characters of one text of evidence: no provider takes many times more of all of them together."""


@dataclass(frozen=True, slots=True)
class DisputeEvidence:
    """What the platform knows about a delivery, in the fields that banks read."""

    product_description: str = ""
    """What was carried for whom."""
    service_date: str = ""
    """When it was handed over, as an ISO date."""
    service_documentation: str = ""
    """The provider's id of an uploaded file that proves the service."""
    shipping_carrier: str = ""
    """Who carried it; no name of a person is needed."""
    shipping_tracking_number: str = ""
    """The delivery's id."""
    shipping_date: str = ""
    """When it was picked up, as an ISO date."""
    shipping_documentation: str = ""
    """The provider's id of an uploaded file that proves the handover."""
    cancellation_policy_disclosure: str = ""
    """How the customer was told of the terms."""
    uncategorized_text: str = ""
    """Everything else: scans, positions, messages."""


@dataclass(frozen=True, slots=True)
class ProvenScan:
    """A handover code that was accepted; each one is accepted once."""

    purpose: str
    """A `CodePurpose`."""
    at: datetime
    """In UTC."""
    method: str
    """`code` when it was scanned, `pin` when it was typed; empty where that was not noted."""


@dataclass(frozen=True, slots=True)
class PositionsSeen:
    """What the traveler's phone reported on the way."""

    count: int
    first_at: datetime | None = None
    """In UTC."""
    last_at: datetime | None = None
    """In UTC."""
    closest_m: int | None = None
    """Least distance to the destination, in metres."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One thing that a party showed in a dispute."""

    at: datetime
    """In UTC."""
    author: str
    """In which capacity: a `Role`."""
    kind: str
    """For example `photo`."""
    description: str
    """In the party's own words."""
    sha256: str
    """Of the file, where there is one."""


@dataclass(frozen=True, slots=True)
class StatementMade:
    """One message of a party in a dispute; its words stay with the platform."""

    at: datetime
    """In UTC."""
    author: str
    """In which capacity: a `Role`."""
    sha256: str
    """Of its words."""


@dataclass(frozen=True, slots=True)
class DeliveryProof:
    """Everything that the platform's records prove about one delivery."""

    delivery_id: DeliveryId
    opened_at: datetime
    """When the customer asked for it, in UTC."""
    price: Money | None
    """The agreed price."""
    weight_grams: int
    distance_m: int
    """From pickup to destination as the crow flies, in metres."""
    policies: Policies
    """The terms that it was opened under."""
    scans: tuple[ProvenScan, ...]
    """Oldest first."""
    positions: PositionsSeen
    exhibits: tuple[Exhibit, ...]
    """Oldest first."""
    statements: tuple[StatementMade, ...]
    """Oldest first."""
    verdict: str
    """How the platform's own dispute ended: a `VerdictOutcome`; empty when there was none."""
    timeline: tuple[tuple[datetime, str], ...]
    """What happened when, oldest first."""


_SHOWN_BY = {
    CodePurpose.PICKUP: "sender",
    CodePurpose.HANDOVER: "recipient",
    CodePurpose.RETURN: "sender",
    CodePurpose.RELAY: "first traveler",
}
_METHODS = {"code": ", as a scanned code", "pin": ", as a typed PIN"}
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|\+?\d(?:[\s().-]?\d){5,}")
"""Mail addresses, links, and numbers of six digits or more: none of them helps a bank."""


def evidence_of(proof: DeliveryProof) -> DisputeEvidence:
    """Return what a bank is told, in its fields; the same records give the same texts.

    Shape: no name, address or position; people are named by what they did.
    """
    picked_up, handed_over = (
        next((scan for scan in proof.scans if scan.purpose == purpose), None)
        for purpose in (CodePurpose.PICKUP, CodePurpose.HANDOVER)
    )
    return DisputeEvidence(
        product_description=_product(proof),
        service_date=f"{handed_over.at:%Y-%m-%d}" if handed_over else "",
        shipping_carrier="Sendalong, by a traveler who was going there",
        shipping_tracking_number=proof.delivery_id,
        shipping_date=f"{picked_up.at:%Y-%m-%d}" if picked_up else "",
        cancellation_policy_disclosure=_terms(proof),
        uncategorized_text=_everything_else(proof)[:TEXT_LENGTH_MAX],
    )


def without_contacts(text: str) -> str:
    """Return a party's own words without what somebody could be reached or charged by."""
    return _CONTACT.sub("(removed)", text)


def _product(proof: DeliveryProof) -> str:
    price = f" for {proof.price}" if proof.price else ""
    return (
        f"Carriage of one parcel of {proof.weight_grams / 1_000:.1f} kg over"
        f" {proof.distance_m / 1_000:.0f} km by a traveler{price}, as the customer ordered on"
        f" {_moment(proof.opened_at)}."
    )


def _terms(proof: DeliveryProof) -> str:
    windows, fees = proof.policies.windows, proof.policies.fees
    return (
        f"Terms in force since the order of {_moment(proof.opened_at)}: the payment is held and"
        " released to the traveler only after the recipient's code was accepted; until the pickup"
        " the customer may cancel; for"
        f" {windows.inspection_s // 3_600} hours after the handover the customer may open a dispute,"
        " which a support agent decides; without one the delivery counts as confirmed. The"
        f" platform's fee is {fees.platform_fee_basis_points / 100:.2f} % of the price, taken from"
        " the traveler's side."
    )


def _everything_else(proof: DeliveryProof) -> str:
    sections = (
        ("Proof of custody", [_scan(scan) for scan in proof.scans]),
        ("Positions of the traveler", _positions(proof.positions)),
        ("Shown in the platform's dispute", [_exhibit(each) for each in proof.exhibits]),
        ("Said in the platform's dispute", [_statement(each) for each in proof.statements]),
        ("Decision of the platform's dispute", [proof.verdict] if proof.verdict else []),
        ("Timeline", [f"{_moment(at)} {what.replace('_', ' ')}" for at, what in proof.timeline]),
    )
    return "\n\n".join("\n".join([f"{title}:", *lines]) for title, lines in sections if lines)


def _scan(scan: ProvenScan) -> str:
    shown_by = _SHOWN_BY[CodePurpose(scan.purpose)]
    how = _METHODS.get(scan.method, "")
    return (
        f"{_moment(scan.at)} the {shown_by} showed the one-time {scan.purpose} code and the traveler"
        f" entered it{how}; it was accepted."
    )


def _positions(seen: PositionsSeen) -> list[str]:
    if seen.first_at is None or seen.last_at is None:
        return []
    closest = (
        ""
        if seen.closest_m is None
        else f"; the closest was {seen.closest_m} m from the destination"
    )
    return [f"{seen.count} from {_moment(seen.first_at)} to {_moment(seen.last_at)}{closest}."]


def _exhibit(shown: Exhibit) -> str:
    digest = f", SHA-256 {shown.sha256}" if shown.sha256 else ""
    words = without_contacts(shown.description)
    return f"{_moment(shown.at)} {shown.kind} by the {shown.author}: {words}{digest}"


def _statement(made: StatementMade) -> str:
    return f"{_moment(made.at)} message of the {made.author}, SHA-256 {made.sha256}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
