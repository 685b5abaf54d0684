"""What a delivery tells to whom, walked from the table: every relation in every status."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from api.access.rows import Asker, DeliveryRow, Sight
from api.models.answers import DeliveryView
from api.views import delivery_view
from domain.identity.audiences import AUDIENCES, Detail, reads
from domain.identity.roles import OUTSIDERS, PARTIES, STAFF, Relation
from domain.ids import DeliveryId, PersonId
from domain.status import DeliveryStatus

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ME = PersonId("me")
OTHER = PersonId("other")
STATUSES = list(DeliveryStatus)


def sight(relation: Relation, status: DeliveryStatus) -> Sight:
    """Return a delivery as somebody comes to it who is one thing to it."""
    people = {each: ME if each is relation else OTHER for each in PARTIES}
    roles = {str(relation)} if relation in STAFF else {"traveler"}
    row = DeliveryRow(
        head_sequence=1,
        delivery_id=DeliveryId("delivery"),
        customer_id=people[Relation.CUSTOMER],
        sender_id=people[Relation.SENDER],
        recipient_id=people[Relation.RECIPIENT],
        recipient_name="Mara Lindt",
        recipient_phone="+4915112345678",
        recipient_email="mara@example.org",
        description="A guitar",
        weight_grams=6_500,
        declared_value_minor=None,
        currency="EUR",
        pickup_address="Kastanienallee 1, Berlin",
        pickup_latitude=52.5401,
        pickup_longitude=13.4105,
        destination_address="Sendlinger Str. 8, Munich",
        destination_latitude=48.1353,
        destination_longitude=11.569,
        suggested_price_minor=4_200,
        request_expires_at=NOW,
        pickup_by=None,
        deliver_by=None,
        undeliverable_action=None,
        proof_level="standard",
        created_at=NOW,
        traveler_id=people[Relation.TRAVELER],
        status=status,
        escrow="held",
        dispute="none",
        dispute_id=None,
        price_minor=4_321,
        deadline_kind=None,
        deadline_at=None,
        attention=None,
        is_offering=relation is Relation.OFFERING,
    )
    return Sight(Asker(ME, frozenset(roles), None), row)


def told(view: DeliveryView) -> dict[Detail, bool]:
    """Return which details an answer holds."""
    recipient = view.recipient
    return {
        Detail.PICKUP_ADDRESS: view.pickup.address is not None,
        Detail.DESTINATION_ADDRESS: view.destination.address is not None,
        Detail.RECIPIENT_NAME: recipient is not None,
        Detail.RECIPIENT_PHONE: recipient is not None and recipient.phone is not None,
        Detail.RECIPIENT_EMAIL: recipient is not None and recipient.email is not None,
        Detail.TRAVELER: view.traveler_id is not None,
        Detail.PRICE: view.price is not None,
    }


@pytest.mark.parametrize("relation", list(Relation))
def test_everybody_is_told_what_the_table_says(relation: Relation) -> None:
    for status in STATUSES:
        seen = sight(relation, status)
        view = delivery_view(seen)
        expected = {detail: reads(detail, seen.relations, status) for detail in Detail}
        assert told(view) == expected, status
        text = view.model_dump_json()
        if not expected[Detail.PRICE]:
            assert "4321" not in text, status
        if not expected[Detail.PICKUP_ADDRESS]:
            assert (view.pickup.latitude, view.pickup.longitude) == (52.5, 13.4), status


def test_outsiders_read_no_detail_at_all() -> None:
    for detail, relation, status in product(Detail, OUTSIDERS, STATUSES):
        assert not reads(detail, {relation}, status)


def test_a_traveler_reads_addresses_from_the_held_payment_and_a_phone_from_the_pickup() -> None:
    traveler = {Relation.TRAVELER}
    before, at_pickup, carrying, after = (
        DeliveryStatus.ACCEPTED,
        DeliveryStatus.AWAITING_PICKUP,
        DeliveryStatus.IN_TRANSIT,
        DeliveryStatus.COMPLETED,
    )
    addresses = [reads(Detail.PICKUP_ADDRESS, traveler, s) for s in (before, at_pickup, carrying)]
    assert addresses == [False, True, True]
    phones = [reads(Detail.RECIPIENT_PHONE, traveler, s) for s in (at_pickup, carrying, after)]
    assert phones == [False, True, False]
    assert not any(reads(Detail.RECIPIENT_EMAIL, traveler, status) for status in STATUSES)


def test_the_table_has_a_row_for_each_detail() -> None:
    assert set(AUDIENCES) == set(Detail)
    assert not reads(Detail.PRICE, {Relation.RECIPIENT}, DeliveryStatus.COMPLETED)
