"""Bodies about what the payment provider needs of people."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.models import examples
from api.models.types import Answer


class PaymentActionView(Answer):
    """What the customer's bank wants of the customer."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PAYMENT_ACTION]})

    kind: str = Field(description="The payment provider's word for what has to be done.")
    client_secret: str = Field(
        description="What your device hands to the payment provider. Keep it nowhere."
    )
