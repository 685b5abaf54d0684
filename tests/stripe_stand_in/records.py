"""Everything the stand-in remembers: Stripe objects by id, per account, in order of creation."""

from __future__ import annotations

from collections import defaultdict

from tests.stripe_stand_in.clock import MovableClock
from tests.stripe_stand_in.refusals import Json, invalid, missing_resource

PLATFORM = None
"""The account of the platform itself; connected accounts go by their id."""


class RecordBook:
    """All objects of the platform and of its connected accounts."""

    def __init__(self, clock: MovableClock, tag: str) -> None:
        """`tag` is a part of every id, so that two stand-ins never give out the same one."""
        self._clock = clock
        self._tag = tag
        self._made = 0
        self._owned: dict[str, tuple[str | None, Json]] = {}
        self._by_kind: dict[tuple[str | None, str], list[Json]] = defaultdict(list)

    def new_id(self, prefix: str) -> str:
        """Return an id that has never been given out."""
        self._made += 1
        return f"{prefix}_3{self._tag}{self._made:07d}"

    def add(self, prefix: str, kind: str, fields: Json, *, account: str | None = PLATFORM) -> Json:
        """Remember a new object and return it; changes to it are remembered as they are made."""
        record: Json = {
            "id": self.new_id(prefix),
            "object": kind,
            "created": self._clock.now(),
            **fields,
        }
        self._owned[record["id"]] = (account, record)
        self._by_kind[(account, kind)].append(record)
        return record

    def of(self, kind: str, account: str | None = PLATFORM) -> list[Json]:
        """Return an account's objects of one kind, oldest first."""
        return list(self._by_kind[(account, kind)])

    def find(self, kind: str, identifier: object, account: str | None = PLATFORM) -> Json | None:
        """Return an object, or none when this account has no such object."""
        if not isinstance(identifier, str):
            return None
        owner, record = self._owned.get(identifier, (PLATFORM, None))
        if record is None or record["object"] != kind or owner != account:
            return None
        return record

    def get(
        self, kind: str, identifier: str, account: str | None = PLATFORM, *, param: str = "id"
    ) -> Json:
        """Return an object.

        Raises:
            StripeRefusal: `resource_missing`.
        """
        record = self.find(kind, identifier, account)
        if record is None:
            raise missing_resource(kind, identifier, param)
        return record

    def any(self, identifier: str) -> Json | None:
        """Return the object of an id whatever its kind and owner."""
        return self._owned.get(identifier, (PLATFORM, None))[1]

    def owner(self, identifier: str) -> str | None:
        """Return the account that owns an object."""
        return self._owned[identifier][0]


def merge_metadata(record: Json, changes: object) -> None:
    """Merge metadata as Stripe does: an empty value unsets a key, an empty text unsets all."""
    if changes == "":
        record["metadata"] = {}
    elif isinstance(changes, dict):
        merged = record["metadata"] | changes
        record["metadata"] = {key: value for key, value in merged.items() if value != ""}


def only_one_of(parameters: Json, *names: str) -> None:
    """Refuse parameters that exclude one another."""
    given = [name for name in names if name in parameters]
    if len(given) > 1:
        message = f"You may only specify one of these parameters: {', '.join(given)}."
        raise invalid(message, param=given[1])
