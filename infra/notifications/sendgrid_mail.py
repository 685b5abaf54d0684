"""E-mail by SendGrid."""

from __future__ import annotations

import logging
from http import HTTPStatus
from http.client import HTTPException

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    ClickTracking,
    CustomArg,
    From,
    Mail,
    OpenTracking,
    TrackingSettings,
)

from activities.ports import OutgoingMessage
from infra.notifications.calls import (
    CALLS_AT_ONCE,
    SOCKET_S_MAX,
    BlockingCalls,
    failed_call,
    refused_call,
)

logger = logging.getLogger(__name__)

SENDGRID_URL = "https://api.sendgrid.com"
SENDER_NAME = "Sendalong"

# The SDK logs texts, addresses and the API key at level DEBUG.
logging.getLogger("python_http_client.client").disabled = True


class SendGridMail:
    """A `MessageSender` over the SDK of SendGrid.

    Idempotency: SendGrid knows no idempotency key. A call whose answer is lost is therefore
    reported as unknown and never repeated here; the SDK repeats nothing by itself.
    """

    takes_once = False

    def __init__(
        self,
        api_key: str,
        from_address: str,
        base_url: str = "",
        *,
        socket_s_max: float = SOCKET_S_MAX,
        at_once: int = CALLS_AT_ONCE,
    ) -> None:
        self._api_key = api_key
        self._from_address = from_address
        self._base_url = base_url or SENDGRID_URL
        self._socket_s_max = socket_s_max
        self._calls = BlockingCalls(socket_s_max, at_once)

    async def send(self, message: OutgoingMessage) -> str:
        """Hand one mail over and return SendGrid's id of it."""
        provider_id = await self._calls.run(lambda: self._post(message))
        logger.info("sendgrid took message %s as %s", message.message_id, provider_id)
        return provider_id

    def _post(self, message: OutgoingMessage) -> str:
        # A client keeps the headers of earlier calls and has no time-out: each call has its own.
        client = SendGridAPIClient(api_key=self._api_key, host=self._base_url)
        client.client.timeout = self._socket_s_max
        try:
            answer = client.send(self._mail(message))
        except HTTPError as refusal:
            raise refused_call("sendgrid", refusal.status_code) from None
        except (OSError, HTTPException, ValueError) as failure:
            raise failed_call("sendgrid", failure) from None
        if answer.status_code != HTTPStatus.ACCEPTED:
            raise refused_call("sendgrid", answer.status_code)
        return str(answer.headers.get("X-Message-Id", ""))

    def _mail(self, message: OutgoingMessage) -> Mail:
        mail = Mail(
            from_email=From(self._from_address, SENDER_NAME),
            to_emails=message.to,
            subject=message.subject,
            plain_text_content=message.body,
        )
        mail.add_custom_arg(CustomArg("message_id", message.message_id))
        # Tracking would lead the links to handover codes through another company's servers.
        mail.tracking_settings = TrackingSettings(
            click_tracking=ClickTracking(enable=False, enable_text=False),
            open_tracking=OpenTracking(enable=False),
        )
        return mail
