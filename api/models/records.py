"""Bodies of answers read from the records: timeline, ledger, track, codes and disputes."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.models import examples
from api.models.types import Answer, Moment, MoneyView


class EventView(Answer):
    """One thing that happened to a delivery."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EVENT]})

    sequence: int
    kind: str
    at: Moment
    actor_role: str
    status: str = Field(description="Where the delivery stood afterwards.")
    facts: dict[str, str]


class EntryView(Answer):
    """One line of a ledger transaction."""

    account: str
    side: str = Field(description="debit or credit.")
    amount: MoneyView


class LedgerTransactionView(Answer):
    """One booking; its debits equal its credits where you see all of its accounts."""

    key: str = Field(description="Names the booking once and for all.")
    kind: str = Field(description="charge, refund, release, payout, netting, chargeback, ...")
    bearer: str | None = Field(None, description="customer, traveler or platform: who bears it.")
    at: Moment
    entries: list[EntryView]


class BalanceView(Answer):
    """What this delivery alone moved on one account, on the account's own side."""

    account: str
    amount: MoneyView


class LedgerView(Answer):
    """The money of one delivery."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.LEDGER]})

    transactions: list[LedgerTransactionView]
    balances: list[BalanceView]


class PositionView(Answer):
    """Where the traveler was."""

    latitude: float
    longitude: float
    accuracy_m: float
    taken_at: Moment


class TrackView(Answer):
    """Where the parcel is."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.TRACK]})

    delivery_id: str
    status: str
    positions: list[PositionView] = Field(description="The newest first.")


class CodeView(Answer):
    """What to show to the traveler."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CODE]})

    delivery_id: str
    purpose: str
    code: str = Field(description="The text inside the QR code.")
    pin: str = Field(description="For a broken camera.")
    link: str = Field(description="Shows the same to somebody without an account: treat as secret.")
    valid_until: Moment


class LinkedCodeView(Answer):
    """What to show to the traveler, for somebody who holds the link."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.LINKED_CODE]})

    purpose: str
    code: str
    pin: str
    valid_until: Moment


class EvidenceView(Answer):
    """Something that proves a party's side."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EVIDENCE]})

    evidence_id: str
    author_role: str
    kind: str
    description: str
    content_sha256: str | None
    has_file: bool = Field(False, description="Whether a picture of it was sent.")
    created_at: Moment


class MessageView(Answer):
    """A message inside a dispute."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MESSAGE]})

    message_id: str
    author_role: str
    text: str
    created_at: Moment


class DisputeSummary(Answer):
    """A dispute in a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DISPUTE_SUMMARY]})

    dispute_id: str
    delivery_id: str
    status: str
    reason: str
    opened_by_role: str
    opened_at: Moment
    outcome: str | None
    refund: MoneyView | None = Field(description="What the customer gets back.")
    release: MoneyView | None = Field(
        description="What is released on the traveler's side, platform fee included."
    )
    note: str | None
    decided_at: Moment | None


class VerdictView(Answer):
    """A verdict was given; the money moves next."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.VERDICT]})

    dispute_id: str
    delivery_id: str
    outcome: str
    refund: MoneyView
    release: MoneyView


class Health(Answer):
    """The parts that were looked at."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ready", "parts": {"database": "ready"}}]}
    )

    status: str
    parts: dict[str, str] = Field(default_factory=dict)


class ProblemKindView(Answer):
    """What a problem's type stands for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "code_expired", "title": "The code has expired", "status": 410}]
        }
    )

    code: str
    title: str
    status: int
