"""One conformance suite over every sender."""

from __future__ import annotations

import asyncio
import logging
import threading
from base64 import b64encode
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import event as engine_event
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import (
    MessageOutcomeUnknown,
    MessageRefused,
    MessageUnavailable,
    OutgoingMessage,
)
from domain.messages import Channel
from infra.database.engine import create_engine
from infra.notifications.calls import BlockingCalls
from infra.notifications.capped import CappedMessages
from infra.notifications.parts import senders
from infra.notifications.sendgrid_mail import SendGridMail
from infra.notifications.stored import StoredMessages
from infra.notifications.twilio_sms import TwilioSms
from infra.settings import load_settings
from tests.infra.notifications.rigs import (
    SECRET,
    Rig,
    Seen,
    mail,
    sendgrid_rig,
    sendgrid_sender,
    sendgrid_success,
    sms,
    stored_rig,
    twilio_rig,
    twilio_sender,
    twilio_success,
)
from tests.infra.notifications.stand_in import Answer, Break, StandIn

PROVIDERS = ("twilio", "sendgrid")
CREDENTIALS = {
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "secret",
    "twilio_from": "+34600000001",
    "sendgrid_api_key": "SG.1",
    "sendgrid_from": "post@example.org",
}


@pytest.fixture
def stand_in(provider: str) -> Iterator[StandIn]:
    success = twilio_success if provider == "twilio" else sendgrid_success
    with StandIn(success).running() as running:
        yield running


@pytest.fixture
def message(provider: str) -> OutgoingMessage:
    return mail() if provider == "sendgrid" else sms()


@pytest.fixture
def rig(provider: str, message: OutgoingMessage, request: pytest.FixtureRequest) -> Rig:
    if provider == "stored":
        return stored_rig(request.getfixturevalue("engine"), message)
    stand_in: StandIn = request.getfixturevalue("stand_in")
    return twilio_rig(stand_in) if provider == "twilio" else sendgrid_rig(stand_in)


@pytest.mark.parametrize("provider", [*PROVIDERS, "stored"])
async def test_a_message_arrives_once_and_has_an_id(rig: Rig, message: OutgoingMessage) -> None:
    assert await rig.sender.send(message)
    assert await rig.seen() == [Seen(message.to, message.body)]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Answer(400, {"code": 21211, "message": "bad number"}), MessageRefused),
        (Answer(400, {"code": 21610, "message": "unsubscribed"}), MessageRefused),
        (Answer(404), MessageRefused),
        (Answer(413), MessageRefused),
        (Answer(401, {"code": 20003}), MessageUnavailable),
        (Answer(403), MessageUnavailable),
        (Answer(429, {"code": 20429}), MessageUnavailable),
        (Answer(408), MessageOutcomeUnknown),
        (Answer(500), MessageOutcomeUnknown),
        (Answer(502), MessageOutcomeUnknown),
        (Answer(503, {}, {"Retry-After": "0"}), MessageOutcomeUnknown),
        (Break.AFTER_TAKING, MessageOutcomeUnknown),
        (Break.NO_ANSWER, MessageOutcomeUnknown),
    ],
    ids=str,
)
async def test_a_fault_is_told_apart_and_never_repeated(
    rig: Rig,
    stand_in: StandIn,
    message: OutgoingMessage,
    fault: Answer | Break,
    expected: type[Exception],
) -> None:
    stand_in.plan(fault)
    with pytest.raises(expected):
        await rig.sender.send(message)
    assert await rig.seen() == [Seen(message.to, message.body)]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_connection_that_breaks_leaves_the_outcome_unknown(
    rig: Rig, stand_in: StandIn, message: OutgoingMessage
) -> None:
    stand_in.plan(Break.BEFORE_READING)
    with pytest.raises(MessageOutcomeUnknown):
        await rig.sender.send(message)
    assert await rig.seen() == []


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_refused_connection_surely_sent_nothing(
    rig: Rig, stand_in: StandIn, message: OutgoingMessage
) -> None:
    stand_in.stop()
    with pytest.raises(MessageUnavailable):
        await rig.sender.send(message)


async def test_a_store_that_is_not_reached_surely_kept_nothing() -> None:
    engine = create_engine("postgresql://postgres@127.0.0.1:9/nowhere")
    with pytest.raises(MessageUnavailable):
        await StoredMessages(engine, Channel.SMS).send(sms())
    await engine.dispose()


async def test_a_host_without_an_address_surely_sent_nothing() -> None:
    with pytest.raises(MessageUnavailable):
        await twilio_sender("http://sendalong.invalid").send(sms())
    with pytest.raises(MessageUnavailable):
        await sendgrid_sender("http://sendalong.invalid").send(mail())


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("odd", [Answer(200), Answer(307, {}, {"Location": "/elsewhere"})], ids=str)
async def test_an_answer_that_makes_no_sense_leaves_the_outcome_unknown(
    rig: Rig, stand_in: StandIn, message: OutgoingMessage, odd: Answer
) -> None:
    stand_in.plan(odd)
    with pytest.raises(MessageOutcomeUnknown):
        await rig.sender.send(message)
    assert len(await rig.seen()) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_messages_sent_at_once_get_their_own_answers(
    rig: Rig, message: OutgoingMessage
) -> None:
    ids = await asyncio.gather(*(rig.sender.send(message) for _ in range(12)))
    assert len(set(ids)) == 12
    assert len(await rig.seen()) == 12


@pytest.mark.parametrize("provider", [*PROVIDERS, "stored"])
async def test_nothing_personal_and_no_secret_reaches_a_log(
    rig: Rig, message: OutgoingMessage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await rig.sender.send(message)
    mine = [record for record in caplog.records if record.name.startswith("infra.notifications")]
    assert any(message.message_id in record.getMessage() for record in mine)
    for private in (message.to, message.body, SECRET):
        assert private not in caplog.text


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "fault", [Answer(400, {"code": 21211, "message": "+34600000042 is no number"}), Answer(500)]
)
async def test_nothing_personal_and_no_secret_reaches_an_error(
    rig: Rig, stand_in: StandIn, message: OutgoingMessage, fault: Answer
) -> None:
    stand_in.plan(fault)
    with pytest.raises((MessageRefused, MessageOutcomeUnknown)) as caught:
        await rig.sender.send(message)
    assert str(fault.status) in str(caught.value)
    assert caught.value.__cause__ is None
    for private in (message.to, message.body, SECRET):
        assert private not in str(caught.value)


async def test_the_refusal_names_the_providers_own_code() -> None:
    with StandIn(twilio_success).running() as stand_in:
        stand_in.plan(Answer(400, {"code": 21610, "message": "unsubscribed"}))
        with pytest.raises(MessageRefused, match="code 21610"):
            await twilio_sender(stand_in.url).send(sms())


async def test_mail_is_sent_without_tracking_and_names_its_message() -> None:
    with StandIn(sendgrid_success).running() as stand_in:
        message = mail()
        await sendgrid_sender(stand_in.url).send(message)
        body = stand_in.received[0].body.decode()
    assert '"click_tracking": {"enable": false, "enable_text": false}' in body
    assert message.message_id in body


async def test_storing_a_message_again_changes_nothing(engine: AsyncEngine) -> None:
    message = sms()
    rig = stored_rig(engine, message)
    await rig.sender.send(message)
    await rig.sender.send(message)
    assert len(await rig.seen()) == 1


async def test_a_call_that_drips_on_is_given_up_as_unknown() -> None:
    ended = threading.Event()
    with pytest.raises(MessageOutcomeUnknown, match="no answer in time"):
        await BlockingCalls(socket_s_max=0.01).run(ended.wait)
    ended.set()


async def test_a_store_that_is_lost_while_it_writes_may_be_tried_again(
    database_url: str,
) -> None:
    name = "sendalong-lost-store"
    store = create_engine(database_url, application_name=name)

    def lose_connection(*arguments: object) -> None:
        if "stored_message" in str(arguments[2]):
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = %s",
                    (name,),
                )

    engine_event.listen(store.sync_engine, "before_cursor_execute", lose_connection)
    message = sms()
    with pytest.raises(MessageUnavailable):
        await StoredMessages(store, Channel.SMS).send(message)
    engine_event.remove(store.sync_engine, "before_cursor_execute", lose_connection)
    assert await StoredMessages(store, Channel.SMS).send(message) == message.message_id
    await store.dispose()


@pytest.mark.parametrize(
    ("chosen", "sms_type", "mail_type"),
    [
        ({}, StoredMessages, StoredMessages),
        ({"sms": "twilio", "mail": "sendgrid", **CREDENTIALS}, TwilioSms, SendGridMail),
    ],
    ids=["simulated", "real"],
)
async def test_the_settings_choose_the_sender_of_each_channel(
    engine: AsyncEngine, chosen: dict[str, str], sms_type: type, mail_type: type
) -> None:
    key = b64encode(b"k" * 32).decode()
    settings = load_settings(database_url="postgresql://", handover_key=key, **chosen)
    by_channel = senders(engine, settings)
    sms = by_channel[Channel.SMS]
    # What is sent for money is capped.
    sms = sms._sender if isinstance(sms, CappedMessages) else sms
    assert type(sms) is sms_type
    assert type(by_channel[Channel.MAIL]) is mail_type
