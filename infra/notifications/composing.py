"""Turns rows of the outbox into messages that can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from activities.ports import OutgoingMessage
from domain.contracts import CodePurpose, Role
from domain.handover import derive_code
from domain.ids import DeliveryId
from domain.messages import CODE_SHOWN
from domain.transitions import EventKind
from domain.wording import render


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """One row of the outbox that is ours to send, as it was written.

    A row of a newer version of the platform may hold values that this one does not know.
    """

    message_id: str
    delivery_id: DeliveryId
    channel: str
    """A `Channel`."""
    address: str
    kind: str
    """An `EventKind`."""
    audience: str
    """A `Role`."""
    parameters: Mapping[str, str]
    tries: int
    """Which try this is, from 1."""

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


def compose(message: ClaimedMessage, code_link: str) -> OutgoingMessage:
    """Return a claimed message in words.

    Raises:
        NoWords, ValueError: this version has no text for it.
    """
    kind, audience = EventKind(message.kind), Role(message.audience)
    text = render(kind, audience, message.parameters, code_link)
    return OutgoingMessage(message.message_id, message.address, text.subject, text.body)
