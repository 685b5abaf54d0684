"""Why something is risky: a closed list of codes, with the words that staff read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RiskReason(StrEnum):
    """Stable code of one reason: stored with each decision, never renamed. It names nobody."""

    DEVICE_NEW = "device_new"
    DEVICE_CHANGED = "device_changed"
    PLACE_JUMP = "place_jump"
    PLACE_MOCKED = "place_mocked"
    ATTEMPTS_MANY = "attempts_many"
    REFUSALS_MANY = "refusals_many"
    SHARED_DEVICE = "shared_device"
    SHARED_CARD = "shared_card"
    SHARED_CONTACT = "shared_contact"
    SHARED_ADDRESS = "shared_address"
    DISPUTES_OPENED = "disputes_opened"
    DISPUTES_LOST = "disputes_lost"
    CHARGEBACKS = "chargebacks"
    ACCOUNT_NEW = "account_new"
    STRIKES = "strikes"


WORDS: Mapping[RiskReason, str] = {
    RiskReason.DEVICE_NEW: "The device was registered a short while ago.",
    RiskReason.DEVICE_CHANGED: "The device was registered after the deal was made.",
    RiskReason.PLACE_JUMP: "The way from the last known position was faster than people travel.",
    RiskReason.PLACE_MOCKED: "The phone says that its position is made up.",
    RiskReason.ATTEMPTS_MANY: "The person or the delivery has tried very often within an hour.",
    RiskReason.REFUSALS_MANY: "Many tries of the person or of the delivery were wrong.",
    RiskReason.SHARED_DEVICE: "Both sides of the delivery use the same device.",
    RiskReason.SHARED_CARD: "Both sides of the delivery have paid with the same payment method.",
    RiskReason.SHARED_CONTACT: "Both sides of the delivery have the same e-mail address or phone.",
    RiskReason.SHARED_ADDRESS: "The traveler has sent own parcels from or to the same place.",
    RiskReason.DISPUTES_OPENED: "One of the two sides has opened many disputes.",
    RiskReason.DISPUTES_LOST: "One of the two sides has lost disputes.",
    RiskReason.CHARGEBACKS: "The customer's bank has taken payments back.",
    RiskReason.ACCOUNT_NEW: "The account of one of the two sides is new.",
    RiskReason.STRIKES: "One of the two sides has strikes.",
}
"""What staff read. People learn that their request is looked at, and never why: who cheats would learn
what to change."""
