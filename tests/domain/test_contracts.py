"""Whatever crosses a border arrives as it was sent, and none of it is personal data."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.converter import PayloadConverter

from domain import chargebacks, contracts, policies, transitions
from domain.money import Money
from tests.domain.builders import payments

PERSONAL = re.compile(
    "address|street|city|latitude|longitude|phone|mail|name|birth|description|contact|card|iban"
)
MESSAGES: list[Any] = sorted(
    {
        value
        for module in (chargebacks, contracts, transitions, policies)
        for value in vars(module).values()
        if is_dataclass(value) and isinstance(value, type)
    },
    key=lambda message: message.__name__,
)

st.register_type_strategy(Money, payments)
st.register_type_strategy(
    datetime, st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
)
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
@settings(max_examples=25)
@given(choice=st.data())
def test_a_message_arrives_as_it_was_sent(message: type, choice: st.DataObject) -> None:
    sent = choice.draw(st.from_type(message))
    converter = PayloadConverter.default
    (payload,) = converter.to_payloads([sent])
    (arrived,) = converter.from_payloads([payload], [message])
    assert arrived == sent
    assert type(arrived) is message


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
def test_no_field_is_made_for_what_a_person_would_hide(message: type) -> None:
    # Figures of the policy of risk count what two people share; they hold none of it.
    named = [field.name for field in fields(message) if not field.name.startswith("shared_")]
    assert [name for name in named if PERSONAL.search(name)] == []


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
def test_a_message_cannot_be_changed_after_it_was_sent(message: Any) -> None:
    assert message.__dataclass_params__.frozen
    assert "__slots__" in vars(message), "a misspelt field must not be accepted in silence"


@pytest.mark.parametrize("kind", transitions.EventKind)
def test_an_event_is_its_own_name_in_lower_case(kind: transitions.EventKind) -> None:
    assert kind == kind.name.lower()
