"""One rig per sender: the sender under test, and what the other end saw of it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import MessageSender, OutgoingMessage
from domain.messages import Channel
from infra.database.schema import stored_message
from infra.identifiers import new_id
from infra.notifications.sendgrid_mail import SendGridMail
from infra.notifications.stored import StoredMessages
from infra.notifications.twilio_sms import TwilioSms
from tests.infra.notifications.stand_in import Answer, Received, StandIn

SECRET = "a-secret-that-no-log-may-show"
SOCKET_S_MAX = 0.5


@dataclass(frozen=True)
class Seen:
    """One message as the other end has it."""

    to: str
    body: str


@dataclass(frozen=True)
class Rig:
    """A sender and its other end."""

    sender: MessageSender
    seen: Callable[[], Awaitable[list[Seen]]]


def sms(body: str = "Your parcel is close.") -> OutgoingMessage:
    """Return a message to a phone."""
    return OutgoingMessage(new_id(), "+34600000042", "Parcel", body)


def mail(body: str = "Your parcel is close.") -> OutgoingMessage:
    """Return a message to a mail address."""
    return OutgoingMessage(new_id(), "rosa@example.com", "Parcel", body)


def twilio_success(count: int) -> Answer:
    return Answer(201, {"sid": f"SM{count:032d}", "status": "queued"})


def sendgrid_success(count: int) -> Answer:
    return Answer(202, headers={"X-Message-Id": f"mail-{count}"})


def twilio_sender(url: str) -> TwilioSms:
    return TwilioSms("AC123", SECRET, "+15005550006", url, socket_s_max=SOCKET_S_MAX)


def sendgrid_sender(url: str) -> SendGridMail:
    return SendGridMail(SECRET, "hello@sendalong.example", url, socket_s_max=SOCKET_S_MAX)


def twilio_rig(stand_in: StandIn) -> Rig:
    async def seen() -> list[Seen]:
        return [twilio_seen(request) for request in stand_in.received]

    return Rig(twilio_sender(stand_in.url), seen)


def sendgrid_rig(stand_in: StandIn) -> Rig:
    async def seen() -> list[Seen]:
        return [sendgrid_seen(request) for request in stand_in.received]

    return Rig(sendgrid_sender(stand_in.url), seen)


def stored_rig(engine: AsyncEngine, message: OutgoingMessage) -> Rig:
    async def seen() -> list[Seen]:
        query = select(stored_message).where(stored_message.c.message_id == message.message_id)
        async with engine.connect() as connection:
            return [Seen(row.address, row.body) for row in await connection.execute(query)]

    return Rig(StoredMessages(engine, Channel.SMS), seen)


def twilio_seen(request: Received) -> Seen:
    form = parse_qs(request.body.decode())
    return Seen(form["To"][0], form["Body"][0])


def sendgrid_seen(request: Received) -> Seen:
    content = json.loads(request.body)
    to = content["personalizations"][0]["to"][0]["email"]
    return Seen(to, content["content"][0]["value"])
