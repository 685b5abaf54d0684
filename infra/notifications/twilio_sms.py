"""Text messages by Twilio."""

from __future__ import annotations

import logging

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from activities.ports import MessageOutcomeUnknown, OutgoingMessage
from infra.notifications.calls import (
    CALLS_AT_ONCE,
    SOCKET_S_MAX,
    BlockingCalls,
    failed_call,
    refused_call,
)

logger = logging.getLogger(__name__)

_SDK_LOGGER = logging.getLogger("twilio.http_client")
_SDK_LOGGER.disabled = True
"""The SDK logs requests at level INFO; nothing that people are sent belongs in a log."""


class TwilioSms:
    """A `MessageSender` over the SDK of Twilio.

    Idempotency: Twilio knows no idempotency key for messages. A call whose answer is lost is
    therefore reported as unknown and never repeated here; the SDK's own repeats are off.
    """

    takes_once = False

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        from_number: str,
        base_url: str = "",
        *,
        socket_s_max: float = SOCKET_S_MAX,
        at_once: int = CALLS_AT_ONCE,
    ) -> None:
        self._credentials = (account_sid, auth_token)
        self._from_number = from_number
        self._base_url = base_url
        self._socket_s_max = socket_s_max
        self._calls = BlockingCalls(socket_s_max, at_once)

    async def send(self, message: OutgoingMessage) -> str:
        """Hand one text message over and return its SID."""
        sid = await self._calls.run(lambda: self._create(message))
        logger.info("twilio took message %s as %s", message.message_id, sid)
        return sid

    def _create(self, message: OutgoingMessage) -> str:
        # The SDK keeps the latest answer on its HTTP client and returns it from there: two threads
        # that share one client can be given each other's answers. Each call has its own.
        http_client = TwilioHttpClient(
            timeout=self._socket_s_max, logger=_SDK_LOGGER, max_retries=0
        )
        try:
            client = Client(*self._credentials, http_client=http_client)
            if self._base_url:
                client.api.base_url = self._base_url
            created = client.messages.create(
                to=message.to, from_=self._from_number, body=message.body
            )
        except (TwilioRestException, TwilioServiceException) as answer:
            raise refused_call("twilio", answer.status, answer.code) from None
        except (RequestException, ValueError) as failure:
            raise failed_call("twilio", failure) from None
        finally:
            http_client.session.close()
        if not created.sid:
            raise MessageOutcomeUnknown("twilio answered without an id")
        return str(created.sid)
