"""Search attributes: within the limits of SQL visibility, and never personal data."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from domain.status import DeliveryStatus
from domain.visibility import ATTRIBUTE_TYPES, Attribute, AttributeType, TaskQueue, attribute_values
from tests.domain.builders import NOW, ORDER, standing_at

KEYWORDS_MAX, OTHERS_MAX = 10, 3
PYTHON_TYPES: dict[AttributeType, type] = {
    AttributeType.KEYWORD: str,
    AttributeType.BOOL: bool,
    AttributeType.INT: int,
    AttributeType.DATETIME: datetime,
}


def test_attributes_fit_the_limits_of_sql_visibility() -> None:
    counts = Counter(ATTRIBUTE_TYPES.values())
    for kind, count in counts.items():
        assert count <= (KEYWORDS_MAX if kind is AttributeType.KEYWORD else OTHERS_MAX), kind


def test_every_attribute_has_a_type() -> None:
    assert set(ATTRIBUTE_TYPES) == set(Attribute)


@pytest.mark.parametrize("status", DeliveryStatus)
def test_every_value_has_the_type_it_is_registered_with(status: DeliveryStatus) -> None:
    values = attribute_values(ORDER, replace(standing_at(status), deadline_at=NOW))
    assert set(values) == set(Attribute)
    for name, value in values.items():
        assert value is None or isinstance(value, PYTHON_TYPES[ATTRIBUTE_TYPES[name]]), name


def test_values_are_ids_enums_figures_and_times_only() -> None:
    standing = replace(standing_at(DeliveryStatus.DELIVERED), deadline_at=NOW)
    assert attribute_values(ORDER, standing) == {
        Attribute.DELIVERY_STATUS: "delivered",
        Attribute.ESCROW_STATUS: "held",
        Attribute.DISPUTE_STATUS: "none",
        Attribute.CUSTOMER_ID: ORDER.customer_id,
        Attribute.TRAVELER_ID: standing.traveler_id,
        Attribute.CURRENCY: "EUR",
        Attribute.NEEDS_ATTENTION: False,
        Attribute.AMOUNT_MINOR: 4_200,
        Attribute.NEXT_DEADLINE: NOW,
        Attribute.ON_HOLD: None,
    }


def test_a_delivery_on_hold_is_found_by_search() -> None:
    frozen = replace(standing_at(DeliveryStatus.DELIVERED), deadline_kind="hold", deadline_at=NOW)
    assert attribute_values(ORDER, frozen)[Attribute.ON_HOLD] is True


def test_a_parked_step_is_found_by_search() -> None:
    standing = replace(standing_at(DeliveryStatus.REFUNDING), attention="refund_funds")
    assert attribute_values(ORDER, standing)[Attribute.NEEDS_ATTENTION] is True


def test_each_kind_of_work_has_its_own_queue() -> None:
    assert len(set(TaskQueue)) == len(TaskQueue) == 6
