"""Bodies about money that moves after the fact."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from api.models.answers import DeadlineView
from api.models.requests import REASON_CHARS_MAX
from api.models.types import AmountMinor, Answer, Moment, MoneyView, Remark, Request, Token
from domain.correcting.policy import CostReason
from domain.ledger import Bearer

_EXAMPLE: JsonDict = {
    "correction_id": "01984c55-1d30-7e66-8a1b-7f6e5d4c3b2a",
    "delivery_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
    "kind": "goodwill_refund",
    "status": "moving",
    "amount": {"amount_minor": 1000, "currency": "EUR", "display": "EUR 10.00"},
    "bearer": "platform",
    "debtor": None,
    "cost_reason": None,
    "note": "The parcel came a week late.",
    "reference": "",
    "step": "",
    "problem": "",
    "deadline": {
        "kind": "provider",
        "owner": "platform",
        "action": "finish moving the money",
        "due_at": "2026-05-10T10:30:00.000Z",
        "default": "the step is parked and operations staff are alerted",
        "money_effect": "the payment stays where it is until the step is resolved",
    },
    "ordered_by_role": "agent",
    "ordered_at": "2026-05-10T09:30:00.000Z",
    "closed_at": None,
}


class NewCorrection(Request):
    """Money that is to move after the fact."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "goodwill_refund",
                    "amount_minor": 1000,
                    "bearer": "platform",
                    "note": "The parcel came a week late.",
                }
            ]
        }
    )

    kind: Literal["goodwill_refund", "compensation", "tip", "write_off", "dues_paid"] = Field(
        description="Customers order a tip; everything else is for staff."
    )
    amount_minor: AmountMinor = Field(description="In minor units of the delivery's currency.")
    bearer: Annotated[Bearer, Field(strict=False)] | None = Field(
        None, description="For a goodwill refund: platform or traveler."
    )
    debtor: Annotated[Bearer, Field(strict=False)] | None = Field(
        None, description="For a debt: traveler or customer."
    )
    payment_method: Token | None = Field(
        None, description="For a tip: the payment provider's name of the method."
    )
    reference: Annotated[str, Field(max_length=255), Remark] = Field(
        "", description="For a debt that was paid: where the payment is found."
    )
    note: Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark] = Field(
        "", description="Why, for the audit trail; no personal data."
    )

    @model_validator(mode="after")
    def _require_a_method_for_a_tip(self) -> Self:
        if (self.kind == "tip") != (self.payment_method is not None):
            raise ValueError("A tip, and nothing else, names a payment method.")
        return self


class CorrectionView(Answer):
    """Money that moves after the fact, and where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    correction_id: str
    delivery_id: str
    kind: str = Field(
        description="goodwill_refund, compensation, tip, extra_cost, write_off, dues_paid, or what is given "
        "again after it came undone: refund_again, payout_again."
    )
    status: str = Field(
        description="asked, moving, unsettled, waiting, parked, done, declined or given_up."
    )
    amount: MoneyView
    bearer: str | None = Field(description="For a refund: who bears it.")
    debtor: str | None = Field(description="For a debt: who owes it.")
    cost_reason: str | None = Field(description="For extra costs: what they are for.")
    note: str = Field(description="For staff, and of extra costs for both sides: why.")
    reference: str = Field(
        description="For staff: where a payment by hand is found. For extra costs: the receipt."
    )
    step: str = Field(description="For staff only: the step that is parked.")
    problem: str = Field(description="Why it is parked, waits or was declined.")
    deadline: DeadlineView | None
    ordered_by_role: str = Field(description="platform for what is given again.")
    ordered_at: Moment
    closed_at: Moment | None


class NewExtraCost(Request):
    """What a journey cost besides the price."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "amount_minor": 650,
                    "reason": "toll",
                    "receipt": "A9-2026-118",
                    "note": "The tunnel was closed; I took the toll road.",
                }
            ]
        }
    )

    amount_minor: AmountMinor = Field(description="In minor units of the delivery's currency.")
    reason: Annotated[CostReason, Field(strict=False)] = Field(
        description="customs, toll, parking, fare, packaging, waiting or other."
    )
    receipt: Annotated[str, Field(min_length=1, max_length=255), Remark] = Field(
        description="Number of the receipt, or where it is found."
    )
    note: Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark] = Field(
        "", description="Why, for the customer; no personal data."
    )


class CostConsent(Request):
    """The customer's yes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"payment_method": "pm_sandbox_ok"}]})

    payment_method: Token = Field(description="The payment provider's name of the method.")
