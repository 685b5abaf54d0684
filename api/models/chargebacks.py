"""Bodies of answers and requests about chargebacks."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.models.answers import DeadlineView
from api.models.requests import REASON_CHARS_MAX
from api.models.types import Answer, Moment, MoneyView, Remark, Request
from domain.ledger import Bearer

_EUR_42 = {"amount_minor": 4200, "currency": "EUR", "display": "EUR 42.00"}
_EUR_38 = {"amount_minor": 3780, "currency": "EUR", "display": "EUR 37.80"}
_EUR_15 = {"amount_minor": 1500, "currency": "EUR", "display": "EUR 15.00"}
_NOTHING = {"amount_minor": 0, "currency": "EUR", "display": "EUR 0.00"}
_CHARGEBACK: dict[str, Any] = {
    "chargeback_id": "01983c11-5e20-7b41-9a0d-2c4e6f8a0b12",
    "status": "open",
    "amount": _EUR_42,
    "taken_back": _EUR_38,
    "opened_at": "2026-05-20T08:00:00.000Z",
    "decided_at": None,
    "deadline": {
        "kind": "evidence",
        "owner": "agent",
        "action": "check the evidence, complete it and submit it",
        "due_at": "2026-05-25T08:00:00.000Z",
        "default": "the evidence that is there is submitted",
        "money_effect": "what the bank took stays away until it decides; an inquiry has taken"
        " nothing",
    },
    "handling": {
        "provider": "stripe",
        "dispute_id": "du_1",
        "reason": "fraudulent",
        "withdrawn": _EUR_42,
        "fee": _EUR_15,
        "taken_from_held": _NOTHING,
        "evidence_due_by": "2026-05-27T08:00:00.000Z",
        "evidence_staged_at": "2026-05-20T08:00:05.000Z",
        "evidence_submitted_at": None,
        "parked_step": None,
    },
}


class ChargebackHandling(Answer):
    """What staff see of a chargeback besides."""

    provider: str
    dispute_id: str = Field(description="The payment provider's id of it.")
    reason: str = Field(description="The provider's word for what the cardholder complains of.")
    withdrawn: MoneyView = Field(description="Taken by the card network and not given back.")
    fee: MoneyView = Field(description="Kept by the payment provider for it.")
    taken_from_held: MoneyView = Field(description="Once lost: what the held payment covered.")
    evidence_due_by: Moment | None
    evidence_staged_at: Moment | None
    evidence_submitted_at: Moment | None
    parked_step: str | None = Field(description="The step that staff have to resolve.")


class ChargebackView(Answer):
    """A payment that a bank asks about or has taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHARGEBACK]})

    chargeback_id: str
    status: str = Field(
        description="announced, inquiry, open, won, lost or closed_without_loss; won for the"
        " platform and its traveler."
    )
    amount: MoneyView | None = Field(description="What the bank disputes, once that is known.")
    taken_back: MoneyView | None = Field(
        description="For the traveler and staff: what was taken back from the traveler's account"
        " until the bank decides."
    )
    opened_at: Moment
    decided_at: Moment | None
    deadline: DeadlineView | None
    handling: ChargebackHandling | None = Field(description="For staff only.")


class ChargebacksView(Answer):
    """Every chargeback of one delivery, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chargebacks": [_CHARGEBACK]}]})

    chargebacks: list[ChargebackView]


class ChargebackMovedView(Answer):
    """Where a chargeback stands after a command."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"chargeback_id": _CHARGEBACK["chargeback_id"], "status": "open"}]
        }
    )

    chargeback_id: str
    status: str


class NewBearer(Request):
    """Who bears what a lost chargeback takes beyond the payment and the traveler's pay."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"bearer": "customer", "reason": "The customer was refunded by hand."}]
        }
    )

    bearer: Annotated[Bearer, Field(strict=False)]
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark] = Field(
        "", description="Why, for the audit trail; no personal data."
    )
