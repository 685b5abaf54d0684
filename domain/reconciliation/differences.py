"""What reconciliation may find, as values; each becomes one item for people, never a booking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.attention import AttentionItem, AttentionKind
from domain.ids import DeliveryId
from domain.money import Money
from domain.reconciliation.bookings import Booked
from domain.reconciliation.lines import BalanceLine, LineKind, delivery_named

ITEM_PREFIX = "reconciliation:"
"""How the keys of everything that reconciliation raises begin: it settles only its own."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of money on a statement: a line, or what the provider kept of it."""

    line: BalanceLine
    kind: LineKind
    amount: Money
    """What the balance gained by it."""

    @property
    def key(self) -> str:
        """Return the id of the line, marked when it is only about its fee."""
        is_part = self.kind is LineKind.FEE and self.line.kind is not LineKind.FEE
        return f"{self.line.line_id}:fee" if is_part else self.line.line_id

    @property
    def ids(self) -> frozenset[str]:
        """Return the provider's ids by which it can be known."""
        return frozenset({self.line.source_id, *self.line.related_ids} - {""})

    def __str__(self) -> str:
        """Return for example `refund re_1`."""
        what = self.kind.replace("_", " ")
        if self.key != self.line.line_id:
            return f"fee of the {self.line.kind.replace('_', ' ')} {self.line.source_id}"
        return f"{what} {self.line.source_id or self.line.line_id}"


def movements_of(line: BalanceLine) -> tuple[Movement, ...]:
    """Return what a line moved: its amount and its fee, without what is zero."""
    parts = Movement(line, line.kind, line.amount), Movement(line, LineKind.FEE, -line.fee)
    return tuple(part for part in parts if part.amount.amount_minor)


@dataclass(frozen=True, slots=True)
class MissingInLedger:
    """The provider moved what was not booked."""

    movement: Movement


@dataclass(frozen=True, slots=True)
class MissingAtProvider:
    """Something was booked that the provider did not move."""

    booked: Booked


@dataclass(frozen=True, slots=True)
class AmountDiffers:
    """Both sides know of a movement, with different amounts."""

    movement: Movement
    booked: Booked


@dataclass(frozen=True, slots=True)
class BookedTwice:
    """Something was booked again that the provider moved once."""

    booked: Booked
    movement: Movement
    """Booked already, by another booking."""


@dataclass(frozen=True, slots=True)
class MovedTwice:
    """The provider moved again what was booked once."""

    movement: Movement
    before: Movement
    """The one that is booked."""


@dataclass(frozen=True, slots=True)
class BalanceDiffers:
    """The platform has another amount at the provider than everything that is known adds up to."""

    currency: str
    """As the provider names it; the platform may not know it."""
    has_minor: int
    """At the provider."""
    expected_minor: int
    """By the ledger and by every single difference that was found."""


Difference = (
    MissingInLedger | MissingAtProvider | AmountDiffers | BookedTwice | MovedTwice | BalanceDiffers
)


def item_of(provider: str, difference: Difference) -> AttentionItem:
    """Return what people are told about a difference."""
    kind, about, subject, problem, delivery_id = _described(difference)
    return AttentionItem(
        key=f"{ITEM_PREFIX}{kind}:{provider}:{about}",
        kind=kind,
        subject=subject,
        problem=problem,
        delivery_id=delivery_id,
    )


def deals_with(difference: Difference) -> frozenset[str]:
    """Return the ids that a difference is about: operations, bookings and the provider's objects."""
    if isinstance(difference, BalanceDiffers):
        return frozenset()
    found: set[str] = set()
    if not isinstance(difference, MissingAtProvider):
        line = difference.movement.line
        found |= {line.source_id, line.operation_id}
    if not isinstance(difference, MissingInLedger | MovedTwice):
        booked = difference.booked
        found |= {booked.key, *booked.operation_ids, *booked.provider_ids}
    return frozenset(found - {""})


_Described = tuple[AttentionKind, str, str, str, DeliveryId | None]


def _described(difference: Difference) -> _Described:
    return _DESCRIBED[type(difference)](difference)


def _missing_in_ledger(found: MissingInLedger) -> _Described:
    moved, line = found.movement, found.movement.line
    fee = (
        f", with a fee of {line.fee}," if line.fee.amount_minor and moved.kind is line.kind else ""
    )
    problem = f"The provider's line {line.line_id} moved {moved.amount}{fee} and nothing is booked."
    return (
        AttentionKind.MISSING_IN_LEDGER,
        moved.key,
        str(moved),
        problem,
        delivery_named(moved.line.delivery_id),
    )


def _missing_at_provider(found: MissingAtProvider) -> _Described:
    booked = found.booked
    problem = f"It moved {booked.change} in the ledger and nothing at the provider."
    subject = f"{_words(booked)} {booked.key}"
    return AttentionKind.MISSING_AT_PROVIDER, booked.key, subject, problem, booked.delivery_id


def _amount_differs(found: AmountDiffers) -> _Described:
    moved, booked = found.movement, found.booked
    problem = (
        f"The provider moved {moved.amount} and the {_words(booked)} {booked.key} books"
        f" {booked.change}."
    )
    return AttentionKind.AMOUNT_DIFFERS, moved.key, str(moved), problem, booked.delivery_id


def _booked_twice(found: BookedTwice) -> _Described:
    booked, moved = found.booked, found.movement
    problem = f"It books {booked.change} for {moved}, which another booking accounts for already."
    subject = f"{_words(booked)} {booked.key}"
    return AttentionKind.BOOKED_TWICE, booked.key, subject, problem, booked.delivery_id


def _moved_twice(found: MovedTwice) -> _Described:
    moved, before = found.movement, found.before
    problem = (
        f"The provider moved {moved.amount} with its line {moved.line.line_id}, after it had moved"
        f" {before.amount} for the same with {before.line.line_id}."
    )
    return (
        AttentionKind.MOVED_TWICE,
        moved.key,
        str(moved),
        problem,
        delivery_named(moved.line.delivery_id),
    )


def _balance_differs(found: BalanceDiffers) -> _Described:
    surplus = found.has_minor - found.expected_minor
    # Only the difference is said: both sides change all the time, and it is the same one still.
    problem = (
        f"The provider has {abs(surplus)} minor units of {found.currency}"
        f" {'more' if surplus > 0 else 'less'} than the ledger and every known difference explain."
    )
    subject = f"balance in {found.currency}"
    return AttentionKind.BALANCE_DIFFERS, found.currency, subject, problem, None


_DESCRIBED: dict[type[Difference], Callable[..., _Described]] = {
    MissingInLedger: _missing_in_ledger,
    MissingAtProvider: _missing_at_provider,
    AmountDiffers: _amount_differs,
    BookedTwice: _booked_twice,
    MovedTwice: _moved_twice,
    BalanceDiffers: _balance_differs,
}


def _words(booked: Booked) -> str:
    return f"booking of a {booked.kind.replace('_', ' ')}"
