"""Matches the provider's lines with the ledger's bookings: exactly one each, both ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.ledger import BookingKind
from domain.reconciliation.bookings import FITS, OF_TRAVELER, Booked
from domain.reconciliation.differences import (
    AmountDiffers,
    BookedTwice,
    Difference,
    MissingAtProvider,
    MissingInLedger,
    MovedTwice,
    Movement,
    movements_of,
)
from domain.reconciliation.lines import BalanceLine, LineKind

_FEES = FITS[LineKind.FEE]
_UNDOES = {LineKind.REFUND_FAILURE: LineKind.REFUND, LineKind.CHARGE_FAILURE: LineKind.CHARGE}
"""What takes a movement of the same object back."""


@dataclass(frozen=True, slots=True)
class Books:
    """Both sides of the deliveries that are compared, whole: what matched before is among it."""

    lines: Sequence[BalanceLine]
    booked: Sequence[Booked]
    settled_until: datetime
    """What is younger on either side may still be under way, in UTC."""
    under_way: frozenset[str] = frozenset()
    """Operations that nobody knows the outcome of, and what they made at the provider."""
    covers_payouts: bool = True
    """Whether the statement shows what travelers were paid out."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What belongs together and agrees."""

    movement: Movement
    booked: tuple[Booked, ...]
    """One booking; several when one reversal pays several debts."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Every movement and every booking, each in exactly one place."""

    pairs: tuple[Pair, ...]
    came_back: tuple[Movement, ...]
    """Movements that were taken back before anybody booked them, with what took them back."""
    differences: tuple[Difference, ...]
    waiting_movements: tuple[Movement, ...]
    """Not booked, and too young to be a difference or about an operation that is under way."""
    waiting_booked: tuple[Booked, ...]
    """Not on the statement, and too young to be a difference."""


def match_books(books: Books) -> Matching:
    """Match what can only belong together first, then what most probably does.

    The provider's own id of an object goes before our operation's, because an operation may have
    made several objects before one of them lasted; only what neither side can name is matched by
    its delivery, its kind and its exact amount.
    """
    matcher = _Matcher(books)
    matcher.pair(matcher.by_object)
    matcher.strike_what_came_back()
    matcher.pair(matcher.by_operation)
    matcher.pair_netting()
    matcher.pair_unlike(matcher.by_object)
    matcher.pair_unlike(matcher.by_operation)
    matcher.pair(matcher.by_delivery)
    return matcher.result()


_Candidates = Callable[[Movement], Iterable[Booked]]
_Index = dict[str, list[Booked]]


@dataclass(slots=True)
class _Matcher:
    books: Books
    movements: dict[str, Movement] = field(init=False)
    """What is not matched yet, oldest first."""
    booked: dict[str, Booked] = field(init=False)
    """What is not matched yet, oldest first."""
    pairs: list[Pair] = field(default_factory=list)
    unlike: list[AmountDiffers] = field(default_factory=list)
    came_back: list[Movement] = field(default_factory=list)
    _objects: _Index = field(init=False)
    _operations: _Index = field(init=False)
    _deliveries: _Index = field(init=False)

    def __post_init__(self) -> None:
        lines = sorted(self.books.lines, key=lambda line: (line.created_at, line.line_id))
        parts = (part for line in lines for part in movements_of(line))
        self.movements = {part.key: part for part in parts}
        shown = (
            each
            for each in self.books.booked
            if each.change.amount_minor
            and (self.books.covers_payouts or each.kind not in OF_TRAVELER)
        )
        ordered = sorted(shown, key=lambda each: (each.booked_at, each.key))
        self.booked = {each.key: each for each in ordered}
        self._objects = _indexed(ordered, lambda each: each.provider_ids)
        self._operations = _indexed(ordered, lambda each: each.operation_ids)
        self._deliveries = _indexed(ordered, lambda each: (each.delivery_id,))

    def by_object(self, movement: Movement) -> Iterable[Booked]:
        """Return what is booked under an id that the provider has given."""
        for each in sorted(movement.ids):
            yield from self._free(self._objects, each, movement)

    def by_operation(self, movement: Movement) -> Iterable[Booked]:
        """Return what is booked for the operation that the movement carries."""
        if movement.line.operation_id:
            yield from self._free(self._operations, movement.line.operation_id, movement)

    def by_delivery(self, movement: Movement) -> Iterable[Booked]:
        """Return what is booked for the delivery and cannot be known to be something else."""
        for each in self._free(self._deliveries, movement.line.delivery_id, movement):
            operation_id = movement.line.operation_id
            is_other = (
                operation_id and each.operation_ids and operation_id not in each.operation_ids
            )
            is_other_object = each.provider_ids and movement.ids.isdisjoint(each.provider_ids)
            if not is_other and not is_other_object:
                yield each

    def pair(self, candidates: _Candidates) -> None:
        """Pair each movement with the oldest candidate of exactly its amount."""
        for movement in list(self.movements.values()):
            for each in candidates(movement):
                if each.change == movement.amount:
                    self._settle(movement, each)
                    break

    def pair_netting(self) -> None:
        """Pair a reversal with all the debts that it pays together."""
        for movement in list(self.movements.values()):
            found = [
                each for each in self.by_operation(movement) if each.kind is BookingKind.NETTING
            ]
            total = sum(each.change.amount_minor for each in found)
            if found and total == movement.amount.amount_minor:
                self._settle(movement, *found)

    def pair_unlike(self, candidates: _Candidates) -> None:
        """Note what is surely the same with another amount."""
        for movement in list(self.movements.values()):
            for each in candidates(movement):
                self.unlike.append(AmountDiffers(movement, each))
                del self.movements[movement.key], self.booked[each.key]
                break

    def strike_what_came_back(self) -> None:
        """Strike out what moved and came back without having been booked in between."""
        for back in list(self.movements.values()):
            undone = _UNDOES.get(back.kind)
            if undone is None or any(True for _ in self.by_object(back)) or self._knows(back):
                continue
            for movement in list(self.movements.values()):
                is_same = movement.line.source_id == back.line.source_id
                if is_same and (movement.kind, movement.amount) == (undone, -back.amount):
                    self.came_back += [movement, back]
                    del self.movements[movement.key], self.movements[back.key]
                    break

    def result(self) -> Matching:
        """Return where everything ended; what is left is a difference unless it is under way."""
        until = self.books.settled_until
        waiting = [each for each in self.movements.values() if self._is_under_way(each)]
        young = [each for each in self.booked.values() if each.booked_at > until]
        late = [each for each in self.movements.values() if not self._is_under_way(each)]
        old = [each for each in self.booked.values() if each.booked_at <= until]
        return Matching(
            pairs=tuple(self.pairs),
            came_back=tuple(self.came_back),
            differences=(
                *self.unlike,
                *(self._surplus(each) for each in _without_their_fees(late)),
                *(self._surplus_booking(each) for each in _without_their_fee_bookings(old)),
            ),
            waiting_movements=tuple(waiting),
            waiting_booked=tuple(young),
        )

    def _free(self, index: _Index, name: str, movement: Movement) -> Iterable[Booked]:
        for each in index.get(name, ()):
            if each.key in self.booked and each.kind in FITS[movement.kind]:
                yield each

    def _knows(self, movement: Movement) -> bool:
        return any(True for _ in self.by_operation(movement))

    def _settle(self, movement: Movement, *booked: Booked) -> None:
        self.pairs.append(Pair(movement, booked))
        del self.movements[movement.key]
        for each in booked:
            del self.booked[each.key]

    def _is_under_way(self, movement: Movement) -> bool:
        line = movement.line
        is_open = not self.books.under_way.isdisjoint({line.operation_id, line.source_id})
        return is_open or line.created_at > self.books.settled_until

    def _surplus(self, movement: Movement) -> Difference:
        operation_id, source_id = movement.line.operation_id, movement.line.source_id
        for pair in self.pairs:
            before = pair.movement.line
            is_same = (operation_id and before.operation_id == operation_id) or (
                source_id and before.source_id == source_id
            )
            if is_same and pair.movement.kind is movement.kind:
                return MovedTwice(movement, pair.movement)
        return MissingInLedger(movement)

    def _surplus_booking(self, booked: Booked) -> Difference:
        for pair in self.pairs:
            line = pair.movement.line
            ids = {line.operation_id, *pair.movement.ids}
            for each in pair.booked:
                ids |= {*each.operation_ids, *each.provider_ids}
            is_same = not (ids - {""}).isdisjoint({*booked.operation_ids, *booked.provider_ids})
            if is_same and booked.kind in FITS[pair.movement.kind]:
                return BookedTwice(booked, pair.movement)
        return MissingAtProvider(booked)


def _without_their_fees(movements: Sequence[Movement]) -> Iterable[Movement]:
    """Leave out the fee of a line that is there itself: it is one thing to look at."""
    whole = {each.line.line_id for each in movements if each.key == each.line.line_id}
    return (
        each
        for each in movements
        if each.key == each.line.line_id or each.line.line_id not in whole
    )


def _without_their_fee_bookings(booked: Sequence[Booked]) -> Iterable[Booked]:
    """Leave out the fee of an operation whose own booking is there: it is one thing to look at."""
    whole = {name for each in booked if each.kind not in _FEES for name in each.operation_ids}
    return (
        each for each in booked if each.kind not in _FEES or whole.isdisjoint(each.operation_ids)
    )


def _indexed(
    booked: Iterable[Booked], names: Callable[[Booked], Iterable[str]]
) -> dict[str, list[Booked]]:
    index: _Index = defaultdict(list)
    for each in booked:
        for name in names(each):
            if name:
                index[name].append(each)
    return dict(index)
