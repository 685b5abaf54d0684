"""Everything that sends messages to people, as the settings choose it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import MessageSender
from domain.identity.spending import SmsCaps
from domain.messages import Channel
from infra.notifications.capped import CappedMessages
from infra.notifications.stored import StoredMessages
from infra.rate_buckets import RateBuckets
from infra.settings import Settings


def senders(engine: AsyncEngine, settings: Settings) -> dict[Channel, MessageSender]:
    """Return one sender per channel; the SDK of a provider is imported only when it is chosen."""
    return {
        Channel.SMS: _sms_sender(engine, settings),
        Channel.MAIL: _mail_sender(engine, settings),
    }


def _sms_sender(engine: AsyncEngine, settings: Settings) -> MessageSender:
    if settings.sms == "stored":
        return StoredMessages(engine, Channel.SMS)
    from infra.notifications.twilio_sms import TwilioSms  # noqa: PLC0415 -- Costs 100 ms.

    sender = TwilioSms(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_from,
        settings.twilio_url,
    )
    # What is only stored costs nothing; what is sent is capped.
    return CappedMessages(sender, RateBuckets(engine), SmsCaps(), settings.handover_key_bytes)


def _mail_sender(engine: AsyncEngine, settings: Settings) -> MessageSender:
    if settings.mail == "stored":
        return StoredMessages(engine, Channel.MAIL)
    from infra.notifications.sendgrid_mail import SendGridMail  # noqa: PLC0415 -- Costs 100 ms.

    return SendGridMail(
        settings.sendgrid_api_key.get_secret_value(),
        settings.sendgrid_from,
        settings.sendgrid_url,
    )
