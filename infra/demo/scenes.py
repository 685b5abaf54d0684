"""What happens in the deliveries: one happy, one cancelled, one disputed and split, one charged back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.demo.banks import Bank
from infra.demo.people import People

BERLIN = {"address": "Kastanienallee 1, 10435 Berlin", "latitude": 52.5401, "longitude": 13.4105}
MUNICH = {"address": "Sendlinger Strasse 8, 80331 Munich", "latitude": 48.1353, "longitude": 11.569}
POSITIONS = 200
"""Positions on the way from Berlin to Munich."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Scene:
    """One delivery to play."""

    title: str
    closes: str
    """The status in which it must end."""
    play: Callable[[People, str, Tell], Awaitable[None]]
    """Plays it from the accepted offer on."""
    after: Callable[[People, str, Bank, Tell], Awaitable[None]] | None = None
    """Plays what comes after the close."""


async def request(people: People, description: str) -> str:
    """Open a request and return the delivery's id."""
    body = {
        "description": description,
        "weight_grams": 6_500,
        "currency": "EUR",
        "declared_value_minor": 90_000,
        "pickup": BERLIN,
        "destination": MUNICH,
        "recipient": {"name": "Mara Lindt", "phone": people.phone.number},
    }
    opened = await people.customer.post("/v1/deliveries", body)
    return str(opened["delivery_id"])


async def agree(people: People, delivery_id: str, tell: Tell, method: str = "") -> None:
    """Bring the delivery to a held payment, by a method that works unless another one is named."""
    path = f"/v1/deliveries/{delivery_id}"
    offer = await people.traveler.post(f"{path}/offers", {"price_minor": 4_200})
    await people.rival.post(f"{path}/offers", {"price_minor": 4_900})
    tell("two travelers offer: EUR 42.00 and EUR 49.00")
    accepted = {"payment_method": method or people.wallet.works, "price_minor": 4_200}
    await people.customer.post(f"{path}/offers/{offer['offer_id']}/accept", accepted)
    await people.customer.until(delivery_id, "awaiting_pickup")
    tell("the customer accepts EUR 42.00; the payment is held")


async def carry(people: People, delivery_id: str, tell: Tell) -> None:
    """Bring the parcel from its sender to its recipient."""
    path = f"/v1/deliveries/{delivery_id}"
    code = await people.customer.get(f"{path}/codes/pickup")
    await people.traveler.post(f"{path}/pickup", {"code": code["code"]})
    tell("the sender shows the pickup code, the traveler scans it")
    await people.traveler.post(f"{path}/positions", {"positions": _way()})
    await people.customer.until(delivery_id, "arrived")
    tell(f"{POSITIONS} positions later the traveler has arrived")
    shown = await people.phone.handover_code()
    await people.traveler.post(f"{path}/handover", {"code": shown})
    tell("the recipient opens the link that was sent and shows the code; the traveler scans it")


async def _happy(people: People, delivery_id: str, tell: Tell) -> None:
    await carry(people, delivery_id, tell)
    tell("nobody disputes: the window closes by itself and the traveler is paid")


async def _cancelled(people: People, delivery_id: str, tell: Tell) -> None:
    await people.customer.post(f"/v1/deliveries/{delivery_id}/cancel")
    tell("the customer cancels before pickup: the payment goes back in full")


async def _disputed(people: People, delivery_id: str, tell: Tell) -> None:
    await carry(people, delivery_id, tell)
    opened = await people.customer.post(
        f"/v1/deliveries/{delivery_id}/dispute", {"reason": "damaged"}
    )
    path = f"/v1/disputes/{opened['dispute_id']}"
    tell("the customer disputes: the parcel is damaged")
    crack = {"kind": "photo", "description": "The case is cracked on one side."}
    await people.customer.post(f"{path}/evidence", crack)
    reply = {"text": "It was cracked at pickup already."}
    await people.traveler.post(f"{path}/messages", reply)
    await people.traveler.post(f"{path}/answer", {"accepts": False})
    tell("both sides say their part, and the traveler contests the refund")
    verdict = {"outcome": "split", "refund_minor": 1_500, "note": "Damaged, but usable."}
    shown = await people.agent.post(f"{path}/verdict?preview=true", verdict)
    net, fee = shown["traveler_net"]["display"], shown["platform_fee"]["display"]
    tell(f"a preview shows an agent what a split means: {net} for the traveler, {fee} our fee")
    await people.agent.post(f"{path}/verdict", verdict)
    tell("an agent decides: EUR 15.00 back to the customer, the rest to the traveler")


async def _charged_back(people: People, delivery_id: str, bank: Bank, tell: Tell) -> None:
    await bank.charge_back(delivery_id)
    tell("weeks later the customer's bank takes the payment back, although the parcel arrived")
    path = f"/v1/deliveries/{delivery_id}/chargebacks"
    chargeback = await people.agent.until_first(path, "chargebacks", _awaits_evidence)
    taken = chargeback["taken_back"]
    if taken["amount_minor"]:
        tell(f"{taken['display']} are called back from the traveler until the bank decides")
    else:
        tell("the traveler's money has left for the bank: it is frozen nowhere, and may be owed")
    await people.agent.post(f"/v1/chargebacks/{chargeback['chargeback_id']}/evidence")
    tell("an agent hands the bank both scans, the way and the terms as evidence")


def _awaits_evidence(chargeback: dict[str, Any]) -> bool:
    return bool(chargeback["deadline"] and chargeback["deadline"]["kind"] == "evidence")


SCENES: tuple[Scene, ...] = (
    Scene("A guitar reaches Munich", "completed", _happy),
    Scene("A box of books stays at home", "cancelled", _cancelled),
    Scene("A lamp arrives with a crack", "settled", _disputed),
    Scene("A radio is charged back", "completed", _happy, after=_charged_back),
)
"""The deliveries, in the order in which they are played."""


def _way() -> list[dict[str, Any]]:
    start = datetime.now(UTC) - timedelta(minutes=POSITIONS)
    return [
        {
            "latitude": _between("latitude", step),
            "longitude": _between("longitude", step),
            "accuracy_m": 12.0,
            "taken_at": (start + timedelta(minutes=step)).isoformat(),
        }
        for step in range(1, POSITIONS + 1)
    ]


def _between(axis: str, step: int) -> float:
    start, end = float(str(BERLIN[axis])), float(str(MUNICH[axis]))
    return start + (end - start) * step / POSITIONS
