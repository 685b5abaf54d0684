"""What people must look at besides parked steps, and what they are advised to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import DeliveryId


class AttentionKind(StrEnum):
    """Why somebody has to look."""

    MISSING_IN_LEDGER = "missing_in_ledger"
    """The payment provider moved money that the ledger does not know of."""
    MISSING_AT_PROVIDER = "missing_at_provider"
    """The ledger booked money that the payment provider never moved."""
    AMOUNT_DIFFERS = "amount_differs"
    """Ledger and payment provider agree on what was moved and not on how much."""
    BOOKED_TWICE = "booked_twice"
    """The ledger booked twice what the payment provider moved once."""
    MOVED_TWICE = "moved_twice"
    """The payment provider moved twice what the ledger booked once."""
    BALANCE_DIFFERS = "balance_differs"
    """The provider holds another amount than the ledger says, and no single difference explains it."""
    OPERATION_STUCK = "operation_stuck"
    """The payment provider was asked for something and nobody knows what became of it."""
    HELD_TOO_LONG = "held_too_long"
    """Money is held for longer than the payment provider allows."""
    INVARIANT_BROKEN = "invariant_broken"
    """What is written in the database contradicts itself."""
    STEP_OVERDUE = "step_overdue"
    """A step of a delivery is past its bound and its workflow has alerted nobody."""
    REFUND_UNDONE = "refund_undone"
    """A refund was booked and the payment provider took it back: the customer has no money."""
    PAYOUT_UNDONE = "payout_undone"
    """A payout came back from the traveler's bank."""
    CHARGE_UNDONE = "charge_undone"
    """A payment was booked and the payment provider took it back: the money is gone."""
    CORRECTION = "correction"
    """A step of a correction is stuck."""
    CHARGEBACK = "chargeback"
    """A chargeback needs a person: its evidence, its money or its end."""
    ERASURE_WAITS = "erasure_waits"
    """A person asked to be erased weeks ago, and deliveries or money are still open."""
    RISK_FOUND = "risk_found"
    """A deal or a scan looks so risky that it is held or refused."""
    OFFLINE_CLAIM = "offline_claim"
    """A scan that was made without network is in doubt, or was never judged to the end."""
    SOS = "sos"
    """A party of a delivery has called for help."""
    OVERRIDE_WAITS = "override_waits"
    """Somebody of the staff asks to override a step of a delivery, and nobody else has decided yet."""
    OVERRIDE_REPORT = "override_report"
    """Steps of deliveries were overridden within the last week."""


SUGGESTED_REPAIRS: Mapping[AttentionKind, str] = {
    AttentionKind.MISSING_IN_LEDGER: "Find out at the provider who moved it. If a delivery's step"
    " is under way or parked, retry it: it adopts what is there. If it was done by hand, book it as"
    " a correction of its delivery.",
    AttentionKind.MISSING_AT_PROVIDER: "Look the booking's operation up at the provider. If it never"
    " happened there, keep the delivery from paying on and tell a developer: the booking was made on"
    " a wrong word.",
    AttentionKind.AMOUNT_DIFFERS: "Compare both sides of the delivery, and book the rest as a"
    " correction with its bearer.",
    AttentionKind.BOOKED_TWICE: "Tell a developer which two bookings it is: only a correction takes"
    " one of them back.",
    AttentionKind.MOVED_TWICE: "Take one of the two back at the provider, and tell a developer: one"
    " operation had two effects.",
    AttentionKind.BALANCE_DIFFERS: "Settle the differences of single movements first. If it stays,"
    " compare the provider's balance report of the period with the ledger.",
    AttentionKind.OPERATION_STUCK: "Open the delivery's workflow: restart the worker if its step is"
    " not being tried, and resolve the step if it is parked.",
    AttentionKind.HELD_TOO_LONG: "Release or refund it: give the verdict or cancel the delivery"
    " before the provider decides by itself.",
    AttentionKind.INVARIANT_BROKEN: "Tell a developer, with the output of `sendalong check`; let the"
    " delivery pay nothing until it is explained.",
    AttentionKind.STEP_OVERDUE: "Open the delivery's workflow: it is not running, or no worker takes"
    " its tasks. Restart the worker.",
    AttentionKind.REFUND_UNDONE: "Ask the customer where the money can go, and refund again.",
    AttentionKind.PAYOUT_UNDONE: "Have the traveler mend the bank account, and pay out again.",
    AttentionKind.CHARGE_UNDONE: "Ask the customer for another payment: what is not held any more is"
    " the customer's debt. Stop the delivery if it is still under way.",
    AttentionKind.CORRECTION: "Find out why the provider refuses, then resolve the correction:"
    " retry, skip, or done by hand.",
    AttentionKind.CHARGEBACK: "Open the chargeback's workflow: it says what it waits for.",
    AttentionKind.ERASURE_WAITS: "Open the erasure's workflow: it names what it waits for. Bring that"
    " to its end; the erasure goes on by itself.",
    AttentionKind.RISK_FOUND: "Read why with GET /v1/deliveries/{id}/risk-decisions and ask both"
    " sides. Resume the delivery if all is well: what its hold was placed for is not held again. Else"
    " resume it so that it lets no risk pass, and cancel it.",
    AttentionKind.OFFLINE_CLAIM: "Read the claim with its evidence, ask both sides, then accept or"
    " refuse it.",
    AttentionKind.SOS: "Read where the caller is with GET /v1/deliveries/{id}/sos, reach the person,"
    " then resume the delivery with what was found out. Do not tell the other party.",
    AttentionKind.OVERRIDE_WAITS: "Read it with GET /v1/overrides/{id}, ask the police or the witness"
    " yourself, then approve it in another role, or refuse it. It expires by itself.",
    AttentionKind.OVERRIDE_REPORT: "Read each with `sendalong override report`: who asked, who approved,"
    " and whether a party has disputed it. Two people who always meet are a finding.",
}
"""What to do about each kind, unless an item knows better."""


STAYS_EXPLAINED = frozenset(
    {
        AttentionKind.MISSING_IN_LEDGER,
        AttentionKind.MISSING_AT_PROVIDER,
        AttentionKind.AMOUNT_DIFFERS,
        AttentionKind.BOOKED_TWICE,
        AttentionKind.MOVED_TWICE,
        AttentionKind.BALANCE_DIFFERS,
    }
)
"""What is past: once a person has explained it, reconciliation does not raise it in the same words
again. Every other kind is a state that lasts, and comes back for as long as it does."""


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """One thing that people must look at. Its texts name ids and amounts, never a person's details.

    Idempotency: `key` says what it is about, so that the same thing raised again is the same item.
    """

    key: str
    """For example `missing_in_ledger:stripe:txn_1`; unique over all items."""
    kind: AttentionKind
    subject: str
    """What it is about, for example `refund re_1`."""
    problem: str
    """What is wrong with it, as one sentence."""
    delivery_id: DeliveryId | None = None
    """The delivery it concerns, where it is one."""
    suggested_repair: str = ""
    """What to do about it; empty for what is advised for its kind."""

    @property
    def repair(self) -> str:
        """Return what a person is advised to do."""
        return self.suggested_repair or SUGGESTED_REPAIRS[self.kind]
