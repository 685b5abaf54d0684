"""Turns rows of the outbox into messages that can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from activities.ports import OutgoingMessage
from domain.contracts import CodePurpose, Role
from domain.handover.codes import derive_code
from domain.identity.codes import derive_verification_code
from domain.ids import DeliveryId
from domain.messages import CODE_SHOWN
from domain.transitions import EventKind
from domain.wording import render
from domain.words.accounts import CODE_IN, AccountNotice, account_text

ACCOUNT_HOLDER = "account_holder"
"""Audience of messages about an account."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """One row of the outbox that is ours to send, as it was written.

    A row of a newer version of the platform may hold values that this one does not know.
    """

    message_id: str
    delivery_id: DeliveryId | None
    """The delivery it is about; none for a message about an account."""
    channel: str
    """A `Channel`."""
    address: str
    kind: str
    """An `EventKind`, or an `AccountNotice`."""
    audience: str
    """A `Role`, or `ACCOUNT_HOLDER`."""
    parameters: Mapping[str, str]
    tries: int
    """Which try this is, from 1."""
    verification_id: str | None = None
    """The code that it holds, for a message about an account with a code in it."""
    unreadable: str = ""
    """Why the address cannot be read for the moment, when it cannot."""

    @property
    def code_shown(self) -> CodePurpose | None:
        """The handover code that the message leads to, if any."""
        return _CODE_SHOWN.get((self.kind, self.audience))


_CODE_SHOWN: Mapping[tuple[str, str], CodePurpose] = {
    (str(kind), str(audience)): purpose for (kind, audience), purpose in CODE_SHOWN.items()
}


@dataclass(frozen=True, slots=True)
class CodeLinks:
    """Makes the links under which people see their handover codes.

    A link is as good as the code behind it: it is derived when a message is sent and never stored.
    """

    handover_key: bytes
    public_url: str
    """Address of the API as people reach it."""

    def link(self, delivery_id: DeliveryId, purpose: CodePurpose, nonce: bytes) -> str:
        """Return the link to one code."""
        token = derive_code(self.handover_key, delivery_id, purpose, nonce).link_token
        return f"{self.public_url.rstrip('/')}/v1/links/{token}"

    def verification_code(self, message: ClaimedMessage) -> str:
        """Return the code that proves the address of a message about an account, if it holds one."""
        use = CODE_IN.get(message.kind)
        if use is None or message.verification_id is None:
            return ""
        return derive_verification_code(self.handover_key, message.verification_id, use)


def compose_account_notice(message: ClaimedMessage, code: str) -> OutgoingMessage:
    """Return a claimed message about an account in words.

    Raises:
        KeyError, ValueError: this version has no text for it.
    """
    text = account_text(AccountNotice(message.kind), code, message.parameters)
    return OutgoingMessage(message.message_id, message.address, text.subject, text.body)


def compose(message: ClaimedMessage, code_link: str) -> OutgoingMessage:
    """Return a claimed message about a delivery in words.

    Raises:
        NoWords, ValueError: this version has no text for it.
    """
    kind, audience = EventKind(message.kind), Role(message.audience)
    text = render(kind, audience, message.parameters, code_link)
    return OutgoingMessage(message.message_id, message.address, text.subject, text.body)
