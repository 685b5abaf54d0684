"""Bodies about what the payment provider needs of people."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.models import examples
from api.models.types import Answer, Moment, Request

URL = r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[!-~]{1,2000}$"
"""An address that people are led back to: not in the open, except on this machine."""


class PaymentActionView(Answer):
    """What the customer's bank wants of the customer."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAYMENT_ACTION]})

    kind: str = Field(description="The payment provider's word for what has to be done.")
    client_secret: str = Field(
        description="What your device hands to the payment provider. Keep it nowhere."
    )


class NewPayoutAccount(Request):
    """What is needed to set a traveler up at the payment provider."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.NEW_PAYOUT_ACCOUNT]})

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = Field(
        description="Where you live, as in ISO 3166, for example DE. It cannot be changed later."
    )
    return_url: Annotated[str, Field(pattern=URL)] = Field(
        description="Where you come back to when you have told everything."
    )
    refresh_url: Annotated[str, Field(pattern=URL)] = Field(
        description="Where you are sent when the link does not work any more: ask for another one."
    )


class OnboardingLinkView(Answer):
    """Where the payment provider asks you what it has to know."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ONBOARDING_LINK]})

    url: str = Field(description="Open it in a browser; it works once. Keep it nowhere.")
    expires_at: Moment


class PayoutAccountView(Answer):
    """What your account at the payment provider may do now."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAYOUT_ACCOUNT]})

    may_receive: bool = Field(description="Your share of a delivery can be released to it.")
    may_pay_out: bool = Field(description="Its money is sent on to your bank.")
    details_submitted: bool = Field(description="You have told everything that was asked at first.")
    due: list[str] = Field(description="The provider's names of what it still wants to know.")
