"""Search attributes of a workflow, typed and written only when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from domain.visibility import ATTRIBUTE_TYPES, Attribute, AttributeType

_MAKE_KEY: dict[AttributeType, Callable[[str], SearchAttributeKey[Any]]] = {
    AttributeType.KEYWORD: SearchAttributeKey.for_keyword,
    AttributeType.BOOL: SearchAttributeKey.for_bool,
    AttributeType.INT: SearchAttributeKey.for_int,
    AttributeType.DATETIME: SearchAttributeKey.for_datetime,
}


def search_attribute_key(name: Attribute) -> SearchAttributeKey[Any]:
    """Return the typed key of a search attribute."""
    return _MAKE_KEY[ATTRIBUTE_TYPES[name]](name)


def upsert(values: Mapping[Attribute, str | int | bool | datetime | None]) -> None:
    """Write the attributes that differ from what is known, as at most one event of history."""
    present = workflow.info().typed_search_attributes
    updates: list[SearchAttributeUpdate[Any]] = []
    for name, value in values.items():
        key = search_attribute_key(name)
        known = present.get(key)
        if value is None and known is not None:
            updates.append(key.value_unset())
        elif value is not None and known != value:
            updates.append(key.value_set(value))
    if updates:
        workflow.upsert_search_attributes(updates)
