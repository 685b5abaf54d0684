"""Shapes deliveries and offers for the person who asks: each sees what concerns them."""

from __future__ import annotations

from datetime import UTC, datetime

from api.access.rows import (
    CLOSED_TO_OUTSIDERS,
    INSIDERS,
    STAFF,
    DeliveryRow,
    OfferRow,
    Relation,
    Sight,
    offer_tag,
)
from api.models.answers import (
    DeadlineView,
    DeliveryView,
    HeldPaymentView,
    OfferView,
    PlaceView,
    RecipientView,
)
from api.models.types import MoneyView, money_view
from domain.contracts import Role, Standing
from domain.deadlines import RULES, DeadlineKind
from domain.holds.policy import HoldPolicy
from domain.holds.rules import CLOCKS_OF_HOLDS, OF_HOLDS
from domain.holds.shown import usual_telling
from domain.identity.audiences import Detail, reads
from domain.identity.roles import told_as
from domain.money import Money
from domain.status import CLOSED, DeliveryStatus, OfferStatus

ROUGH_DIGITS = 1
"""Digits of a degree in a rough position: about ten kilometres."""


def delivery_view(sight: Sight, standing: Standing | None = None) -> DeliveryView:
    """Return a delivery as the person may see it, where it stands now."""
    row, relations = sight.delivery, sight.relations
    now = standing or row.standing
    status, insider = DeliveryStatus(now.status), bool(relations & INSIDERS)
    known = frozenset(detail for detail in Detail if reads(detail, relations, status))
    return DeliveryView(
        delivery_id=row.delivery_id,
        status=sight.shown(status),
        is_closed=status in CLOSED or sight.shown(status) == CLOSED_TO_OUTSIDERS,
        your_roles=sorted(str(relation) for relation in relations),
        description=row.description,
        weight_grams=row.weight_grams,
        declared_value=money_maybe(row.declared_value_minor, row.currency),
        suggested_price=money_view(Money(row.suggested_price_minor, row.currency)),
        price=money_view(now.price) if now.price and Detail.PRICE in known else None,
        held_payment=_held_payment(now, with_amount=Detail.PRICE in known) if insider else None,
        pickup=_place(
            row.pickup_address,
            row.pickup_latitude,
            row.pickup_longitude,
            exact=Detail.PICKUP_ADDRESS in known,
        ),
        destination=_place(
            row.destination_address,
            row.destination_latitude,
            row.destination_longitude,
            exact=Detail.DESTINATION_ADDRESS in known,
        ),
        recipient=_recipient(row, known),
        traveler_id=now.traveler_id if Detail.TRAVELER in known else None,
        dispute=now.dispute if insider else "none",
        dispute_id=now.dispute_id if insider else None,
        needs_attention=_is_looked_at(now, relations) and insider,
        on_hold=now.deadline_kind in CLOCKS_OF_HOLDS and insider,
        deadline=known_clock(
            now.deadline_kind,
            now.deadline_at,
            row.held_since,
            is_staff=bool(told_as(relations) & STAFF),
        )
        if insider or status is DeliveryStatus.REQUESTED
        else None,
        request_expires_at=row.request_expires_at,
        pickup_by=row.pickup_by,
        deliver_by=row.deliver_by,
        undeliverable_action=row.undeliverable_action if insider else None,
        proof_level=row.proof_level,
        created_at=row.created_at,
    )


def deadline_view(standing: Standing) -> DeadlineView | None:
    """Return the clock that is running, in words, or none."""
    return clock_view(standing.deadline_kind, standing.deadline_at)


def known_clock(
    kind: str | None, due_at: datetime | None, held_since: datetime | None, *, is_staff: bool
) -> DeadlineView | None:
    """Return the clock as somebody may know it.

    That somebody has called for help is for staff alone: whoever is the danger must not learn of it
    here, and reads of a hold that staff have placed when it began, with the clock of such a hold.
    """
    if kind != DeadlineKind.SOS or is_staff:
        return clock_view(kind, due_at)
    now = datetime.now(UTC)
    return clock_view(DeadlineKind.HOLD, usual_telling(held_since or now, HoldPolicy(), now))


def _is_looked_at(standing: Standing, relations: frozenset[Relation]) -> bool:
    """Return whether staff look at the delivery, as far as somebody may know.

    What a hold needs attention for is among staff: parties read that it is on hold.
    """
    if standing.attention in OF_HOLDS:
        return bool(told_as(relations) & STAFF)
    return standing.attention is not None


def clock_view(kind: str | None, due_at: datetime | None) -> DeadlineView | None:
    """Return a clock in words, or none where none is armed."""
    if kind is None or due_at is None:
        return None
    rule = RULES[DeadlineKind(kind)]
    return DeadlineView(
        kind=kind,
        owner=rule.owner,
        action=rule.action,
        due_at=due_at,
        default=rule.default,
        money_effect=rule.money_effect,
    )


def offer_view(row: DeliveryRow, offer: OfferRow) -> OfferView:
    """Return an offer."""
    is_open = offer.status == OfferStatus.OPEN
    other_side = Role.CUSTOMER if offer.proposed_by == Role.TRAVELER else Role.TRAVELER
    return OfferView(
        offer_id=offer.offer_id,
        delivery_id=row.delivery_id,
        traveler_id=offer.traveler_id,
        status=offer.status,
        price=money_view(Money(offer.price_minor, row.currency)),
        proposed_by=offer.proposed_by,
        awaits=other_side if is_open else None,
        etag=None if offer.sequence is None else offer_tag(offer.sequence),
    )


def _held_payment(standing: Standing, *, with_amount: bool) -> HeldPaymentView:
    amount = money_view(standing.price) if standing.price and with_amount else None
    return HeldPaymentView(status=standing.escrow, amount=amount)


def _recipient(row: DeliveryRow, known: frozenset[Detail]) -> RecipientView | None:
    """Return the recipient; the traveler learns the name to ask for and the phone to call."""
    if Detail.RECIPIENT_NAME not in known:
        return None
    return RecipientView(
        name=row.recipient_name,
        phone=row.recipient_phone if Detail.RECIPIENT_PHONE in known else None,
        email=row.recipient_email if Detail.RECIPIENT_EMAIL in known else None,
    )


def _place(address: str, latitude: float, longitude: float, *, exact: bool) -> PlaceView:
    if exact:
        return PlaceView(address=address, latitude=latitude, longitude=longitude, is_exact=True)
    return PlaceView(
        address=None,
        latitude=round(latitude, ROUGH_DIGITS),
        longitude=round(longitude, ROUGH_DIGITS),
        is_exact=False,
    )


def money_maybe(amount_minor: int | None, currency: str) -> MoneyView | None:
    """Return an amount as it is answered, or none."""
    return money_view(Money(amount_minor, currency)) if amount_minor is not None else None
