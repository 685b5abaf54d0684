"""What a waiting delivery owns as data: who must act, by when, and what happens otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DeadlineKind(StrEnum):
    """Which clock is running."""

    REQUEST = "request"
    PAYMENT = "payment"
    CHARGE = "charge"
    PICKUP = "pickup"
    SENDER_NO_SHOW = "sender_no_show"
    TRAVELER_NO_SHOW = "traveler_no_show"
    HANDOVER = "handover"
    SILENCE = "silence"
    CHECK_IN = "check_in"
    URGENT_CHECK_IN = "urgent_check_in"
    TRACE = "trace"
    REDELIVERY = "redelivery"
    LEAVING = "leaving"
    RELAY_CONSENT = "relay_consent"
    RELAY_ANSWER = "relay_answer"
    RELAY_MEETING = "relay_meeting"
    RETURN = "return"
    RETURN_INSPECTION = "return_inspection"
    INSPECTION = "inspection"
    VERDICT = "verdict"
    VERDICT_FINAL = "verdict_final"
    ANSWER_OF_CUSTOMER = "answer_of_customer"
    ANSWER_OF_TRAVELER = "answer_of_traveler"
    NEGOTIATION = "negotiation"
    REPLY_OF_CUSTOMER = "reply_of_customer"
    REPLY_OF_TRAVELER = "reply_of_traveler"
    APPEAL = "appeal"
    REVIEW = "review"
    ACCOUNT = "account"
    CHARGEBACK = "chargeback"
    PROVIDER = "provider"
    ATTENTION = "attention"
    HOLD = "hold"
    SOS = "sos"
    CLAIM_REVIEW = "claim_review"
    OVERRIDE = "override"
    EVIDENCE = "evidence"
    NETWORK = "network"
    TIP = "tip"
    EXTRA_COST = "extra_cost"
    EXTRA_COST_PAYMENT = "extra_cost_payment"
    REFUND_AGAIN = "refund_again"
    PAYOUT_AGAIN = "payout_again"


class Owner(StrEnum):
    """Who must act before the deadline."""

    CUSTOMER = "customer"
    TRAVELER = "traveler"
    RECIPIENT = "recipient"
    AGENT = "agent"
    OPERATOR = "operator"
    PLATFORM = "platform"
    BANK = "bank"
    SIDES = "customer and the traveler"
    SECOND_TRAVELER = "second traveler"
    TRAVELERS = "two travelers"
    SECOND_OF_STAFF = "second person of staff"


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """The fixed part of a deadline."""

    owner: Owner
    """Who must act."""
    action: str
    """What that person must do, as an instruction."""
    default: str
    """What happens by itself when nobody acts."""
    money_effect: str
    """What that default does to the money."""


_ANSWER = (
    "accept what the other side asks for, or contest it",
    "an agent decides without an answer",
    "the payment stays held until the verdict",
)
_REPLY = (
    "reply to the agent's question",
    "the agent decides without a reply",
    "the payment stays held until the verdict",
)

RULES: dict[DeadlineKind, DeadlineRule] = {
    DeadlineKind.ANSWER_OF_CUSTOMER: DeadlineRule(Owner.CUSTOMER, *_ANSWER),
    DeadlineKind.ANSWER_OF_TRAVELER: DeadlineRule(Owner.TRAVELER, *_ANSWER),
    DeadlineKind.REPLY_OF_CUSTOMER: DeadlineRule(Owner.CUSTOMER, *_REPLY),
    DeadlineKind.REPLY_OF_TRAVELER: DeadlineRule(Owner.TRAVELER, *_REPLY),
    DeadlineKind.NEGOTIATION: DeadlineRule(
        Owner.SIDES,
        "accept a proposal of the other side, or make one",
        "an agent decides",
        "the payment stays held until the verdict",
    ),
    DeadlineKind.APPEAL: DeadlineRule(
        Owner.SIDES,
        "appeal the verdict with new evidence, or waive the appeal",
        "the verdict is final",
        "the payment is shared out as the verdict says",
    ),
    DeadlineKind.REVIEW: DeadlineRule(
        Owner.AGENT,
        "review the verdict with the new evidence",
        "the first verdict stands",
        "the payment is shared out as the first verdict says",
    ),
    DeadlineKind.REQUEST: DeadlineRule(
        Owner.CUSTOMER,
        "accept an offer",
        "the request expires and open offers are refused",
        "nothing is held",
    ),
    DeadlineKind.PAYMENT: DeadlineRule(
        Owner.CUSTOMER,
        "approve the payment or give a method that works",
        "the delivery is cancelled and the traveler is told",
        "nothing is held; a payment that has not settled is given up",
    ),
    DeadlineKind.CHARGE: DeadlineRule(
        Owner.PLATFORM,
        "charge the payment method that the customer has saved",
        "it is charged then; when that fails, the customer is asked to pay",
        "nothing is held before; afterwards the payment is held",
    ),
    DeadlineKind.PICKUP: DeadlineRule(
        Owner.TRAVELER,
        "collect the parcel and scan the sender's code",
        "the delivery is cancelled",
        "the customer gets the whole payment back; one that is only reserved is never taken",
    ),
    DeadlineKind.SENDER_NO_SHOW: DeadlineRule(
        Owner.CUSTOMER,
        "see that the waiting traveler gets the parcel, or contest the report",
        "the delivery is cancelled because the sender did not come",
        "the traveler is compensated out of the payment; the customer gets the rest back",
    ),
    DeadlineKind.TRAVELER_NO_SHOW: DeadlineRule(
        Owner.TRAVELER,
        "collect the parcel from the waiting sender, or contest the report",
        "the traveler gets a strike, and the request is open to others or ends",
        "the customer gets the whole payment back",
    ),
    DeadlineKind.HANDOVER: DeadlineRule(
        Owner.TRAVELER,
        "hand the parcel over and scan the recipient's code",
        "a dispute is opened for a support agent",
        "the payment stays held until the verdict",
    ),
    DeadlineKind.SILENCE: DeadlineRule(
        Owner.TRAVELER,
        "let positions come in, or check in",
        "the traveler is asked how it goes",
        "the payment stays held",
    ),
    DeadlineKind.CHECK_IN: DeadlineRule(
        Owner.TRAVELER,
        "let positions come in, or check in",
        "the traveler is urged to answer, and the customer is told",
        "the payment stays held",
    ),
    DeadlineKind.URGENT_CHECK_IN: DeadlineRule(
        Owner.TRAVELER,
        "answer at once: let positions come in, or check in",
        "a support agent looks for the parcel",
        "the payment stays held",
    ),
    DeadlineKind.TRACE: DeadlineRule(
        Owner.AGENT,
        "reach the traveler and find out where the parcel is",
        "the handover is overdue and a dispute is opened",
        "the payment stays held until the verdict",
    ),
    DeadlineKind.REDELIVERY: DeadlineRule(
        Owner.TRAVELER,
        "try the handover again and scan the recipient's code",
        "the parcel goes back to its sender",
        "the payment stays held; the way back is paid out of it",
    ),
    DeadlineKind.LEAVING: DeadlineRule(
        Owner.TRAVELER,
        "leave the parcel where the customer allows it, or hand it over after all",
        "the parcel goes back to its sender",
        "the payment stays held; the way back is paid out of it",
    ),
    DeadlineKind.RELAY_CONSENT: DeadlineRule(
        Owner.CUSTOMER,
        "agree that another traveler carries the parcel on, or decline",
        "the parcel stays with its traveler, who brings it as before",
        "the payment stays held",
    ),
    DeadlineKind.RELAY_ANSWER: DeadlineRule(
        Owner.SECOND_TRAVELER,
        "accept the terms of the relay, or refuse them",
        "the parcel stays with its traveler, who brings it as before",
        "the payment stays held",
    ),
    DeadlineKind.RELAY_MEETING: DeadlineRule(
        Owner.TRAVELERS,
        "meet; who gives the parcel shows the code, who takes it scans",
        "the parcel stays with its traveler, who brings it as before",
        "the payment stays held; after the scan both travelers have a share in it",
    ),
    DeadlineKind.RETURN: DeadlineRule(
        Owner.TRAVELER,
        "bring the parcel back and scan the sender's code",
        "a dispute is opened for a support agent",
        "the payment stays held until the verdict",
    ),
    DeadlineKind.RETURN_INSPECTION: DeadlineRule(
        Owner.CUSTOMER,
        "confirm the return or open a dispute",
        "the return counts as confirmed",
        "the traveler's side gets its share for the ways; the customer gets the rest back",
    ),
    DeadlineKind.INSPECTION: DeadlineRule(
        Owner.CUSTOMER,
        "confirm the delivery or open a dispute",
        "the delivery counts as confirmed",
        "the held payment is released to the traveler, less the platform fee",
    ),
    DeadlineKind.VERDICT: DeadlineRule(
        Owner.AGENT,
        "decide the dispute",
        "operations staff are alerted and the last deadline starts",
        "the payment stays held",
    ),
    DeadlineKind.VERDICT_FINAL: DeadlineRule(
        Owner.AGENT,
        "decide the dispute at once",
        "the default verdict of the policy is applied",
        "released if the handover was proven, refunded otherwise",
    ),
    DeadlineKind.ACCOUNT: DeadlineRule(
        Owner.TRAVELER,
        "finish setting up the payout account",
        "the traveler is reminded again",
        "the payment stays held for the traveler",
    ),
    DeadlineKind.CHARGEBACK: DeadlineRule(
        Owner.PLATFORM,
        "see the chargeback through until the customer's bank has decided",
        "it is looked at again",
        "the payment stays frozen",
    ),
    DeadlineKind.PROVIDER: DeadlineRule(
        Owner.PLATFORM,
        "finish moving the money",
        "the step is parked and operations staff are alerted",
        "the payment stays where it is until the step is resolved",
    ),
    DeadlineKind.ATTENTION: DeadlineRule(
        Owner.OPERATOR,
        "resolve the parked step",
        "the alert is raised again",
        "the payment stays where it is until the step is resolved",
    ),
    DeadlineKind.HOLD: DeadlineRule(
        Owner.OPERATOR,
        "look into the delivery that is on hold, and resume it",
        "operations staff are told again; every other deadline stands still",
        "nothing leaves; what was sent before is finished and booked",
    ),
    DeadlineKind.CLAIM_REVIEW: DeadlineRule(
        Owner.AGENT,
        "read the scan that was made without network with its evidence, and accept or refuse it",
        "the delivery stays on hold and staff are told again",
        "nothing leaves; the dispute window begins when the scan is accepted",
    ),
    DeadlineKind.SOS: DeadlineRule(
        Owner.OPERATOR,
        "reach whoever has called for help, and resume the delivery with what was found out",
        "operators are told again and again; the delivery stays on hold",
        "none: nothing leaves while the delivery is on hold",
    ),
    DeadlineKind.OVERRIDE: DeadlineRule(
        Owner.SECOND_OF_STAFF,
        "approve the emergency override that somebody else has asked for, or refuse it",
        "the override expires and custody stays as it is",
        "none: an override moves no money",
    ),
    DeadlineKind.EVIDENCE: DeadlineRule(
        Owner.AGENT,
        "check the evidence, complete it and submit it",
        "the evidence that is there is submitted",
        "what the bank took stays away until it decides; an inquiry has taken nothing",
    ),
    DeadlineKind.NETWORK: DeadlineRule(
        Owner.BANK,
        "decide, and give back what was won",
        "the dispute is read again at the provider",
        "what the bank took stays away until it decides; a release waits for it",
    ),
    DeadlineKind.TIP: DeadlineRule(
        Owner.CUSTOMER,
        "approve the tip with the bank",
        "the tip is given up",
        "nothing is charged",
    ),
    DeadlineKind.EXTRA_COST: DeadlineRule(
        Owner.CUSTOMER,
        "agree to pay the extra costs, or refuse",
        "the request counts as refused; the delivery goes on",
        "nothing is charged",
    ),
    DeadlineKind.EXTRA_COST_PAYMENT: DeadlineRule(
        Owner.CUSTOMER,
        "approve the payment of the extra costs with the bank",
        "the payment is given up; the delivery goes on",
        "nothing is charged",
    ),
    DeadlineKind.REFUND_AGAIN: DeadlineRule(
        Owner.AGENT,
        "ask the customer where the money can go and refund it again",
        "the alert is raised again",
        "the money that came back stays held for the customer",
    ),
    DeadlineKind.PAYOUT_AGAIN: DeadlineRule(
        Owner.AGENT,
        "have the traveler mend the account and pay out again",
        "the alert is raised again",
        "the money that came back stays owed to the traveler",
    ),
}
"""One row per clock: the single source of the words shown in the API, the Web UI and messages."""
