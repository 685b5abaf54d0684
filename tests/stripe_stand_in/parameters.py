"""Validates decoded parameters against the `stripe.params` types that ship in the SDK.

The types are read as they are written, so a new SDK brings its new rules with it. Enumerations are
closed here: the SDK writes `Literal[…] | str` to let new values through, Stripe refuses unknown ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from stripe import RequestOptions
from typing_extensions import get_type_hints, is_typeddict

from tests.stripe_stand_in.forms import Branch, Tree
from tests.stripe_stand_in.refusals import Json, StripeRefusal, invalid

METADATA_KEYS_MAX = 50
METADATA_KEY_LENGTH_MAX = 40
METADATA_VALUE_LENGTH_MAX = 500
_OPTIONS = frozenset(RequestOptions.__annotations__)
_ELSEWHERE = {"StripeContext": object, "Mapping": Mapping}
"""Names that the options' annotations use and their own module does not import at run time."""
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def read_parameters(kind: type, tree: Tree) -> Json:
    """Return the parameters with the types that `kind`, a TypedDict of the SDK, gives them.

    Raises:
        StripeRefusal: an unknown or missing parameter, or one of another type.
    """
    if "payment_method_types" in tree and "payment_method_types" not in fields_of(kind):
        raise invalid(
            "payment_method_types is no longer supported.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    values = _read_object(kind, tree, "")
    _check_metadata(values.get("metadata"))
    return values


@lru_cache(maxsize=512)
def fields_of(kind: type) -> dict[str, Any]:
    """Return the annotations of a TypedDict without the SDK's request options."""
    hints = get_type_hints(kind, localns=_ELSEWHERE)
    return {name: hint for name, hint in hints.items() if name not in _OPTIONS}


def _read_object(kind: type, tree: Tree, path: str) -> Json:
    fields = fields_of(kind)
    for name in tree:
        if name not in fields:
            where = _below(path, name)
            message = f"Received unknown parameter: {where}"
            raise invalid(message, code="parameter_unknown", param=where)
    for name in sorted(kind.__required_keys__ & fields.keys()):  # type: ignore[attr-defined]
        if name not in tree:
            where = _below(path, name)
            message = f"Missing required param: {where}."
            raise invalid(message, code="parameter_missing", param=where)
    return {name: _read(fields[name], value, _below(path, name)) for name, value in tree.items()}


def _below(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _read(kind: Any, value: Branch, path: str) -> Any:
    members = _members(kind)
    if isinstance(value, dict):
        return _read_structure(members, value, path)
    if isinstance(value, list):
        return _read_array(members, value, path)
    return _read_text(members, value, path)


@lru_cache(maxsize=4096)
def _members(kind: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type, with unions taken apart."""
    if get_origin(kind) in (Union, UnionType):
        return tuple(member for part in get_args(kind) for member in _members(part))
    return (kind,)


def _read_structure(members: tuple[Any, ...], value: Tree, path: str) -> Json:
    shapes = [member for member in members if is_typeddict(member)]
    refusals: list[StripeRefusal] = []
    for shape in shapes:
        try:
            return _read_object(shape, value, path)
        except StripeRefusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[-1]
    for member in members:
        if get_origin(member) is dict:
            inner = get_args(member)[1]
            return {key: _read(inner, each, _below(path, key)) for key, each in value.items()}
    raise invalid(f"Invalid value for {path}: an object was not expected.", param=path)


def _read_array(members: tuple[Any, ...], value: list[Branch], path: str) -> list[Any]:
    for member in members:
        if get_origin(member) is list:
            inner = get_args(member)[0]
            return [_read(inner, each, f"{path}[{index}]") for index, each in enumerate(value)]
    raise invalid(f"Invalid value for {path}: an array was not expected.", param=path)


def _read_text(members: tuple[Any, ...], value: str, path: str) -> Any:
    choices = tuple(
        choice for member in members if get_origin(member) is Literal for choice in get_args(member)
    )
    if value in choices:
        return value
    if value == "" and not path.startswith("metadata["):
        raise invalid(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset.",
            code="parameter_invalid_empty",
            param=path,
        )
    for read in (_boolean, _integer, _number):
        found = read(members, value)
        if found is not None:
            return found
    if str in members and not any(choices):
        return value
    raise _wrong_text(members, tuple(filter(None, choices)), value, path)


def _boolean(members: tuple[Any, ...], value: str) -> bool | None:
    return {"true": True, "false": False}.get(value) if bool in members else None


def _integer(members: tuple[Any, ...], value: str) -> int | None:
    return int(value) if int in members and _INTEGER.fullmatch(value) else None


def _number(members: tuple[Any, ...], value: str) -> float | None:
    return float(value) if float in members and _NUMBER.fullmatch(value) else None


def _wrong_text(
    members: tuple[Any, ...], choices: tuple[str, ...], value: str, path: str
) -> StripeRefusal:
    if choices:
        return invalid(f"Invalid {path}: must be one of {', '.join(choices)}", param=path)
    if int in members:
        return invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
    expected = "boolean" if bool in members else "object"
    return invalid(f"Invalid {expected}: {value}", param=path)


def _check_metadata(metadata: Any) -> None:
    if not isinstance(metadata, dict):
        return
    if len(metadata) > METADATA_KEYS_MAX:
        message = f"Metadata can have at most {METADATA_KEYS_MAX} keys."
        raise invalid(message, param="metadata")
    for key, value in metadata.items():
        if len(key) > METADATA_KEY_LENGTH_MAX or len(value) > METADATA_VALUE_LENGTH_MAX:
            message = "Metadata keys have at most 40 and values at most 500 characters."
            raise invalid(message, param=f"metadata[{key}]")
