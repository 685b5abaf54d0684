"""Checks what the stand-in answers against the SDK's resource classes, so that it cannot drift either."""

from __future__ import annotations

from types import UnionType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe import ListObject, StripeObject

from tests.stripe_stand_in.refusals import Json

_CLASSES: dict[str, type[StripeObject]] = {
    kind.OBJECT_NAME: kind
    for kind in (
        stripe.Account,
        stripe.AccountLink,
        stripe.Balance,
        stripe.BalanceTransaction,
        stripe.BankAccount,
        stripe.Capability,
        stripe.Charge,
        stripe.Customer,
        stripe.Dispute,
        stripe.Event,
        stripe.PaymentIntent,
        stripe.PaymentMethod,
        stripe.Payout,
        stripe.Refund,
        stripe.SetupIntent,
        stripe.Transfer,
        stripe.TransferReversal,
    )
}
_PLAIN = (bool, int, float, str)


def misshapen(body: Json) -> list[str]:
    """Return where a body has fields the SDK does not know, lacks fields, or has other types."""
    if body["object"] in ("list", "search_result"):
        return [each for item in body["data"] for each in misshapen(item)]
    faults = _faults(_CLASSES[body["object"]], body, body["object"])
    if body["object"] == "event":
        faults += misshapen(body["data"]["object"])
    return faults


def _faults(kind: type[StripeObject], body: Json, path: str) -> list[str]:
    fields = _fields(kind)
    faults = [f"{path}.{name} is not in the SDK" for name in body.keys() - fields.keys()]
    for name, hint in fields.items():
        if name not in body:
            if not _admits(hint, None):
                faults.append(f"{path}.{name} is missing")
        elif not _admits(hint, body[name]):
            faults.append(f"{path}.{name} is {body[name]!r}")
        else:
            faults += _below(hint, body[name], f"{path}.{name}")
    return faults


def _below(hint: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("object"), str):
        return misshapen(value)
    for member in _members(hint):
        if isinstance(member, type) and issubclass(member, StripeObject):
            return _faults(member, value, path)
    return []


def _fields(kind: type[StripeObject]) -> dict[str, Any]:
    skipped = ("OBJECT_NAME", "_inner_class_types")
    hints = kind.__annotations__
    return {name.rstrip("_"): hint for name, hint in hints.items() if name not in skipped}


def _members(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, UnionType):
        return tuple(member for part in get_args(hint) for member in _members(part))
    return (hint,)


def _admits(hint: Any, value: Any) -> bool:
    """Return whether a value fits a type; enumerations are closed, as Stripe's documents are."""
    members = _members(hint)
    choices = [each for part in members if get_origin(part) is Literal for each in get_args(part)]
    if value is None:
        return type(None) in members
    if isinstance(value, _PLAIN):
        return value in choices if choices else type(value) in members
    if isinstance(value, list):
        return any(get_origin(part) is list for part in members)
    return any(_is_object(part) for part in members)


def _is_object(member: Any) -> bool:
    if isinstance(member, ForwardRef) or get_origin(member) is ListObject:
        return True
    base = get_origin(member) or member
    return isinstance(base, type) and issubclass(base, StripeObject)
