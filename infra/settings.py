"""What can be set from outside: one typed object, read from the environment once."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from domain.business_hours import require_hours
from domain.policies import Policies, standard_policies
from infra.audit.settings import AuditSettings
from infra.codec.settings import CodecSettings
from infra.edge_settings import EdgeSettings
from infra.encryption.settings import EncryptionSettings
from infra.figures import require_known
from infra.identity_settings import IdentitySettings
from infra.proofs.settings import ProofSettings
from infra.time_zones import dated

HANDOVER_KEY_BYTES_MIN = 32
"""Least length of the handover key: the strength of the hash that it keys."""

CREDENTIALS = {
    "twilio": ("twilio_account_sid", "twilio_auth_token", "twilio_from"),
    "sendgrid": ("sendgrid_api_key", "sendgrid_from"),
}
"""What each real sender needs."""
THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})

PAYMENTS_VARIABLES = ("SENDALONG_PAYMENTS", "PAYMENTS")
"""Names of the setting in the environment; the first that is set wins."""
STRIPE_KEY = re.compile(r"(?:sk|rk)_(?P<mode>live|test)_\w+")


_AS_FOR_NEW: dict[str, dict[str, Any]] = {
    field.name: {}
    for field in fields(Policies)
    if getattr(standard_policies(), field.name) != getattr(Policies(), field.name)
}
"""Policies by which new deliveries differ from the oldest; their own defaults are those of new ones."""


class Settings(
    AuditSettings,
    ProofSettings,
    CodecSettings,
    IdentitySettings,
    EncryptionSettings,
    EdgeSettings,
):
    """Every setting with its default; names in the environment carry the prefix `SENDALONG_`.

    The two servers are the exception: they keep the names that other tools use,
    `DATABASE_URL`, `TEMPORAL_ADDRESS` and `TEMPORAL_NAMESPACE`.
    """

    model_config = SettingsConfigDict(
        env_prefix="SENDALONG_",
        populate_by_name=True,
        extra="forbid",
        # A container passes variables that nobody filled in: they are as good as not set.
        env_ignore_empty=True,
        frozen=True,
        # What was refused may be a key or hold a password.
        hide_input_in_errors=True,
    )

    database_url: str = Field(validation_alias="DATABASE_URL", repr=False)
    """PostgreSQL, as a URL; the driver part is optional."""
    temporal_address: str = Field("127.0.0.1:7233", validation_alias="TEMPORAL_ADDRESS")
    """Host and port of the Temporal front end."""
    temporal_namespace: str = Field("default", validation_alias="TEMPORAL_NAMESPACE")
    """Temporal namespace."""
    handover_key: SecretStr
    """Base64 of at least 32 random bytes, from which handover codes are derived."""
    public_url: str = "http://127.0.0.1:8080"
    """Address under which people reach the API; used in the links sent to recipients. Real senders
    need `https://`, except for an address of this machine."""
    policies: Policies = Field(default_factory=standard_policies)
    """Policies of new deliveries; a nested JSON object replaces single figures."""

    worker_versioning: Literal["off", "promote", "wait"] = "off"
    """What a worker does about other builds: `off` knows of none and takes the work back from any,
    `promote` takes over once it polls, `wait` takes over only where no build is the current one."""
    build_id: str = Field("", pattern=r"^[\w-]{0,60}$")
    """Name of the build that a worker runs; empty for a fingerprint of its source."""
    payments: Literal["sandbox", "stripe"] = "sandbox"
    """Which payment provider is asked; `PAYMENTS` is taken as well as the name with the prefix."""
    stripe_secret_key: SecretStr = SecretStr("")
    """Key of the platform's account at Stripe; a restricted one will do."""
    stripe_webhook_secret: SecretStr = SecretStr("")
    """Signing secret of the endpoint for the platform's own events."""
    stripe_connect_webhook_secret: SecretStr = SecretStr("")
    """Signing secret of the endpoint for events of travelers' accounts."""
    stripe_api_version: str = ""
    """API version; empty for the one that the SDK was made for."""
    stripe_url: str = ""
    """Another address of the Stripe API, for a stand-in; empty for the real one."""
    stripe_test_mode: bool = False
    """Allows a test key at Stripe itself: deliveries are then real and their money is not."""
    sms: Literal["stored", "twilio"] = "stored"
    """Which sender carries text messages; `stored` keeps them in the database."""
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = ""
    """Sending phone number in E.164 form."""
    twilio_url: str = ""
    """Another address of the Twilio API, for a stand-in; empty for the real one."""
    mail: Literal["stored", "sendgrid"] = "stored"
    """Which sender carries e-mail."""
    sendgrid_api_key: SecretStr = SecretStr("")
    sendgrid_from: str = ""
    """Sending e-mail address."""
    sendgrid_url: str = ""
    """Another address of the SendGrid API, for a stand-in; empty for the real one."""

    @field_validator("handover_key")
    @classmethod
    def _require_strong_key(cls, value: SecretStr) -> SecretStr:
        if len(b64decode(value.get_secret_value(), validate=True)) < HANDOVER_KEY_BYTES_MIN:
            raise ValueError(f"the key needs at least {HANDOVER_KEY_BYTES_MIN} bytes, in base64")
        return value

    @field_validator("policies", mode="before")
    @classmethod
    def _require_known_figures(cls, value: object) -> object:
        if isinstance(value, dict):
            require_known(Policies(), value, "policies")
            # What is not named is as for all new deliveries, not as for the oldest.
            return {**_AS_FOR_NEW, **value}
        return value

    @model_validator(mode="after")
    def _require_fitting_stripe_key(self) -> Self:
        key = self.stripe_secret_key.get_secret_value()
        if not key and self.payments != "stripe":
            return self
        if STRIPE_KEY.fullmatch(key) is None:
            raise ValueError("stripe_secret_key must be a secret or restricted key of Stripe")
        if self.stripe_is_live and self.stripe_url:
            raise ValueError("a live key of Stripe must not be sent to another address")
        if not (self.stripe_is_live or self.stripe_url or self.stripe_test_mode):
            raise ValueError("a test key moves no real money: set stripe_url or stripe_test_mode")
        return self

    @model_validator(mode="after")
    def _require_hours_of_a_known_zone(self) -> Self:
        require_hours(self.policies.hours)
        dated(self.policies, datetime.now(UTC))
        return self

    @model_validator(mode="after")
    def _require_credentials(self) -> Self:
        for choice, sender in (("sms", self.sms), ("mail", self.mail)):
            for name in CREDENTIALS.get(sender, ()):
                # An empty secret is false, as an empty text is.
                if not getattr(self, name):
                    raise ValueError(
                        f"{_variable(name)} is not set, and {_variable(choice)} is {sender}"
                    )
        return self

    @model_validator(mode="after")
    def _require_private_links(self) -> Self:
        address = urlsplit(self.public_url)
        is_private = address.scheme == "https" or address.hostname in THIS_MACHINE
        if not is_private and (self.sms, self.mail) != ("stored", "stored"):
            raise ValueError(
                f"{_variable('public_url')} must start with https://: links to codes are sent"
            )
        return self

    @property
    def stripe_is_live(self) -> bool:
        """Whether the key moves real money."""
        match = STRIPE_KEY.fullmatch(self.stripe_secret_key.get_secret_value())
        return match is not None and match["mode"] == "live"

    @property
    def moves_real_money(self) -> bool:
        """Whether people pay with what is theirs."""
        return self.payments == "stripe" and self.stripe_is_live

    @property
    def handover_key_bytes(self) -> bytes:
        """The handover key itself."""
        return b64decode(self.handover_key.get_secret_value())


def chosen_payments() -> str:
    """Return which payment provider the environment chooses."""
    found = (os.environ.get(name) for name in PAYMENTS_VARIABLES)
    return next((choice for choice in found if choice), "sandbox")


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; an override wins.

    Raises:
        ValidationError: a setting is missing or has no legal value.
    """
    return Settings(**{"payments": chosen_payments(), **overrides})


def _variable(name: str) -> str:
    return f"SENDALONG_{name.upper()}"
