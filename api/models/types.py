"""Field types shared by requests and answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from domain.identity.visible import has_hidden
from domain.money import AMOUNT_MINOR_MAX, MINOR_DIGITS, Money

ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
"""Ids in their one spelling: small letters, with hyphens."""
LINE_CHARS_MAX = 200
TEXT_CHARS_MAX = 2_000
ACCURACY_M_MAX = 100_000
"""Least accurate position that is worth keeping: a hundred kilometres."""
ACCURACY_DIGITS = 2
"""Digits of a metre that are taken of a position's accuracy: no phone knows it to a centimetre, and the
columns have no room for the tiny figures that a double can hold."""

_RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class Request(BaseModel):
    """A request body: a field that is not known is refused, a type is never bent."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def utc_text(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC with milliseconds, for example 2026-05-01T09:30:00.000Z."""
    in_utc = moment.astimezone(UTC)
    return f"{in_utc:%Y-%m-%dT%H:%M:%S}.{in_utc.microsecond // 1_000:03d}Z"


def _read_moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("This has to be a time as in RFC 3339, for example 2026-05-01T09:30:00Z.")
    # Python reads six digits of a second; more of them are cut.
    text = re.sub(r"(\.\d{6})\d+", r"\1", value.upper())
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("There is no such time.") from error


def _require_line(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ValueError("This must not be empty.")
    if has_hidden(stripped):
        raise ValueError(
            "This must not hold line breaks, control characters, or characters that nobody sees."
        )
    return stripped


def _require_text(text: str) -> str:
    stripped = _require_remark(text)
    if not stripped:
        raise ValueError("This must not be empty.")
    return stripped


def _require_remark(text: str) -> str:
    if has_hidden(text, allowed="\n\t"):
        raise ValueError(
            "This must not hold control characters other than line breaks and tabs, or characters "
            "that nobody sees."
        )
    return text.strip()


def _require_currency(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError("This has to be a currency that the platform accepts, in capitals.")
    return code


Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    PlainSerializer(utc_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment; read with any offset, written in UTC."""
Id = Annotated[str, Field(pattern=ID_PATTERN, json_schema_extra={"format": "uuid"})]
Line = Annotated[str, Field(min_length=1, max_length=LINE_CHARS_MAX), AfterValidator(_require_line)]
"""A short text on one line."""
Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX), AfterValidator(_require_text)]
"""A longer text that may have line breaks."""
Remark = AfterValidator(_require_remark)
"""Makes a text that may be empty hold nothing but what people see of it."""
Currency = Annotated[
    str, AfterValidator(_require_currency), Field(json_schema_extra={"enum": sorted(MINOR_DIGITS)})
]
AmountMinor = Annotated[int, Field(gt=0, le=AMOUNT_MINOR_MAX)]
"""A positive amount in minor units: cents for EUR, whole yen for JPY."""
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
"""A phone number as in E.164."""
Email = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}$",
    ),
]
Latitude = Annotated[float, Field(ge=-90, le=90)]
"""Degrees north (WGS 84)."""
Longitude = Annotated[float, Field(ge=-180, le=180)]
"""Degrees east (WGS 84)."""
Accuracy = Annotated[
    float,
    Field(ge=0, le=ACCURACY_M_MAX, description="Radius of 68 % confidence in metres."),
    AfterValidator(lambda metres: round(metres, ACCURACY_DIGITS)),
]
"""How exact a position is, in metres."""
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,255}$")]
"""A name given by the payment provider."""


class MoneyView(Answer):
    """An exact amount."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"amount_minor": 4200, "currency": "EUR", "display": "EUR 42.00"}]
        }
    )

    amount_minor: int = Field(description="Integer minor units: cents for EUR, whole yen for JPY.")
    currency: str = Field(description="ISO 4217 code.")
    display: str = Field(description="The amount as people read it.")


def money_view(money: Money) -> MoneyView:
    """Return an amount as it is answered."""
    return MoneyView(amount_minor=money.amount_minor, currency=money.currency, display=str(money))
