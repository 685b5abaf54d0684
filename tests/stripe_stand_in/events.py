"""The log of everything that happened, which the webhooks and the events route read."""

from __future__ import annotations

import asyncio
from copy import deepcopy

from tests.stripe_stand_in.records import PLATFORM, RecordBook
from tests.stripe_stand_in.refusals import Json


class EventLog:
    """Events in the order in which they happened, each with a snapshot of its object."""

    def __init__(self, records: RecordBook, api_version: str) -> None:
        self._records = records
        self._api_version = api_version
        self.request_id: str | None = None
        """The request being answered; none while the outside world acts."""
        self.idempotency_key: str | None = None
        self.happened = asyncio.Event()
        """Set with every event; whoever waits clears it."""
        self.all: list[Json] = []

    def note(
        self,
        kind: str,
        subject: Json,
        *,
        account: str | None = PLATFORM,
        previous: Json | None = None,
    ) -> Json:
        """Write an event down; `previous` names the attributes that an update changed."""
        content: Json = {"object": deepcopy(subject)}
        if previous is not None:
            content["previous_attributes"] = previous
        fields: Json = {
            "api_version": self._api_version,
            "data": content,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": kind,
        }
        if account is not None:
            fields["account"] = account
        event = self._records.add("evt", "event", fields, account=account)
        self.all.append(event)
        self.happened.set()
        return event

    def of_type(self, kind: str) -> list[Json]:
        """Return the events of one type, oldest first."""
        return [event for event in self.all if event["type"] == kind]
