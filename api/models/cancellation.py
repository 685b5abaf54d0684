"""Bodies of requests and answers about leaving a delivery before its pickup."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.models.types import Answer, Moment, MoneyView, Remark, Request
from domain.money import AMOUNT_MINOR_MAX

REASON_CHARS_MAX = 1_000


class Cancellation(Request):
    """What a cancellation may cost, or why staff waive it; the body may also be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cost_minor_max": 1050}, {}]})

    cost_minor_max: Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)] | None = Field(
        None,
        description="What you agree to pay for it, in minor units: if it costs more by now, it is "
        "refused. Anything when left out.",
    )
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX), Remark] = Field(
        "", description="Agents only: why the customer gets everything back. No personal data."
    )


class CancellationCostView(Answer):
    """What it costs to cancel from one moment on; the parts sum to the price."""

    at: Moment = Field(description="From when on.")
    because: str = Field(
        description="nothing_held, not_the_customer, grace, early, late, sender_absent or traveler_absent."
    )
    refund: MoneyView | None = Field(
        description="What the customer gets back, or is never charged; none before an acceptance."
    )
    compensation: MoneyView | None = Field(description="What the traveler gets.")
    fee: MoneyView | None = Field(description="What the platform keeps.")


_EUR_42: dict[str, Any] = {"amount_minor": 4200, "currency": "EUR", "display": "EUR 42.00"}
_NOTHING: dict[str, Any] = {"amount_minor": 0, "currency": "EUR", "display": "EUR 0.00"}


class CancellationQuoteView(Answer):
    """What a cancellation by you costs the customer, now and later."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "delivery_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21",
                    "role": "customer",
                    "now": {
                        "at": "2026-05-01T09:30:00.000Z",
                        "because": "early",
                        "refund": _EUR_42,
                        "compensation": _NOTHING,
                        "fee": _NOTHING,
                    },
                    "later": [
                        {
                            "at": "2026-05-02T09:30:00.000Z",
                            "because": "late",
                            "refund": {
                                "amount_minor": 3675,
                                "currency": "EUR",
                                "display": "EUR 36.75",
                            },
                            "compensation": {
                                "amount_minor": 420,
                                "currency": "EUR",
                                "display": "EUR 4.20",
                            },
                            "fee": {"amount_minor": 105, "currency": "EUR", "display": "EUR 1.05"},
                        }
                    ],
                }
            ]
        }
    )

    delivery_id: str
    role: str = Field(description="In which capacity you would cancel.")
    now: CancellationCostView
    later: list[CancellationCostView] = Field(
        description="Every later moment from which it costs something else, as things stand."
    )
