"""Bodies of statements: what was booked in a period, with what stood before and after it."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from api.models.types import Answer, Moment, MoneyView

_DELIVERY_ID = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
_TRAVELER_ID = "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90"
_NOTHING = {"amount_minor": 0, "currency": "EUR", "display": "EUR 0.00"}
_EARNED = {"amount_minor": 3780, "currency": "EUR", "display": "EUR 37.80"}

PERSON_STATEMENT: dict[str, Any] = {
    "person_id": _TRAVELER_ID,
    "delivery_id": None,
    "since": "2026-05-01T00:00:00.000Z",
    "until": "2026-06-01T00:00:00.000Z",
    "balances": [
        {
            "account": "traveler_payable",
            "meaning": "what was transferred to a traveler and is not paid out yet",
            "opening": _NOTHING,
            "closing": _NOTHING,
        }
    ],
    "items": [
        {
            "at": "2026-05-06T10:00:00.000Z",
            "delivery_id": _DELIVERY_ID,
            "booking": "release",
            "bearer": None,
            "account": "traveler_payable",
            "change": _EARNED,
        },
        {
            "at": "2026-05-06T10:00:02.000Z",
            "delivery_id": _DELIVERY_ID,
            "booking": "payout",
            "bearer": None,
            "account": "traveler_payable",
            "change": {"amount_minor": -3780, "currency": "EUR", "display": "EUR -37.80"},
        },
    ],
    "next_cursor": None,
}


class StatementBalanceView(Answer):
    """What stood on the accounts of one kind, counted on their own side."""

    account: str = Field(description="Kind of the account.")
    meaning: str = Field(description="What the account stands for.")
    opening: MoneyView = Field(description="Before the first line of the period.")
    closing: MoneyView = Field(description="After the last line of the period, on every page.")


class StatementLineView(Answer):
    """One movement on one account."""

    at: Moment
    delivery_id: str
    booking: str = Field(description="charge, refund, release, payout, netting, chargeback, ...")
    bearer: str | None = Field(description="customer, traveler or platform: who bears it.")
    account: str = Field(description="Kind of the account.")
    change: MoneyView = Field(description="Below zero when the balance fell.")


class StatementView(Answer):
    """One page of a statement; send `until` for one that never changes."""

    model_config = ConfigDict(json_schema_extra={"examples": [PERSON_STATEMENT]})

    person_id: str | None = Field(description="Whose statement it is; none for a delivery's.")
    delivery_id: str | None = Field(description="Which delivery's it is; none for a person's.")
    since: Moment | None = Field(description="The period begins with this moment, if it does.")
    until: Moment | None = Field(description="The period ends before this moment, if it does.")
    balances: list[StatementBalanceView]
    items: list[StatementLineView] = Field(description="The oldest first.")
    next_cursor: str | None = Field(
        None, description="Send it as `cursor` for the next page; none on the last page."
    )
