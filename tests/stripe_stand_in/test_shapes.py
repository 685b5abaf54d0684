"""The check of the stand-in's own answers really finds what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stripe_stand_in.shapes import misshapen

FEE: dict[str, Any] = {
    "amount": 1,
    "application": None,
    "currency": "eur",
    "description": None,
    "type": "stripe_fee",
}
TRANSFER: dict[str, Any] = {
    "id": "tr_1",
    "object": "transfer",
    "amount": 1,
    "amount_reversed": 0,
    "created": 1,
    "currency": "eur",
    "livemode": False,
    "metadata": {},
    "reversals": {"object": "list", "data": []},
    "reversed": False,
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"colour": "red"}, "transfer.colour is not in the SDK"),
        ({"amount": "1"}, "transfer.amount is '1'"),
        ({"reversed": None}, "transfer.reversed is None"),
        ({"object": "transfer", "metadata": []}, "transfer.metadata is []"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], fault: str) -> None:
    assert misshapen(TRANSFER) == []
    assert misshapen(TRANSFER | change) == [fault]


def test_a_missing_field_and_a_nested_one_are_named() -> None:
    lacking = {name: value for name, value in TRANSFER.items() if name != "currency"}
    assert misshapen(lacking) == ["transfer.currency is missing"]
    nested = TRANSFER | {"reversals": {"object": "list", "data": [TRANSFER | {"amount": None}]}}
    assert misshapen(nested) == ["transfer.amount is None"]
