"""Completes examples by the schemas that they are examples of: fields with a default may be left out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

_PREFIX = "#/components/schemas/"
_NOTHING = {"type": "null"}


def complete_examples(schemas: Json) -> None:
    """Give every example of the schemas the fields that its answer always has."""
    for schema in schemas.values():
        if "examples" in schema:
            schema["examples"] = [_completed(each, schema, schemas) for each in schema["examples"]]


def _completed(value: Any, schema: Json, schemas: Json) -> Any:
    schema = _resolved(value, schema, schemas)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [_completed(each, items, schemas) for each in value]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    filled = {
        name: _completed(each, properties.get(name, {}), schemas) for name, each in value.items()
    }
    for name in schema.get("required", ()):
        field = properties[name]
        if name not in filled and ("default" in field or _NOTHING in field.get("anyOf", ())):
            filled[name] = deepcopy(field.get("default"))
    return filled


def _resolved(value: Any, schema: Json, schemas: Json) -> Json:
    """Return the schema that is meant: looked up, and of several the one that has the value's fields."""
    if "$ref" in schema:
        return _resolved(value, schemas[schema["$ref"].removeprefix(_PREFIX)], schemas)
    choices = [_resolved(value, each, schemas) for each in schema.get("anyOf", ())]
    if isinstance(value, dict):
        choices = [each for each in choices if set(value) <= set(each.get("properties", ()))]
    elif isinstance(value, list):
        choices = [each for each in choices if each.get("type") == "array"]
    return choices[0] if choices else schema
