"""Expanding ids to whole objects, checked before anything is executed."""

from __future__ import annotations

from copy import deepcopy

from tests.stripe_stand_in.records import RecordBook
from tests.stripe_stand_in.refusals import Json, invalid

DEPTH_MAX = 4

EXPANDABLE: dict[str, dict[str, str]] = {
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
    },
    "setup_intent": {"customer": "customer", "payment_method": "payment_method"},
    "charge": {
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "payment_intent": "payment_intent",
        "refunds": "refund",
        "source_transfer": "transfer",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
    "transfer": {
        "balance_transaction": "balance_transaction",
        "destination": "account",
        "destination_payment": "charge",
        "source_transaction": "charge",
    },
    "transfer_reversal": {"balance_transaction": "balance_transaction", "transfer": "transfer"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payout": {
        "balance_transaction": "balance_transaction",
        "destination": "bank_account",
        "failure_balance_transaction": "balance_transaction",
    },
    "balance_transaction": {"source": "any"},
    "payment_method": {"customer": "customer"},
}
"""What may be expanded, by kind of object and field."""

INCLUDABLE = {("charge", "refunds")}
"""Lists that an answer leaves out unless they are asked for."""


def check_expansions(kind: str, paths: list[str], *, many: bool) -> None:
    """Refuse a path that leads nowhere.

    Raises:
        StripeRefusal: as Stripe does, before the request is executed.
    """
    for index, path in enumerate(paths):
        parts = path.split(".")
        here = kind
        if many and parts[0] == "data":
            parts = parts[1:]
        elif many:
            raise _impossible(path, index)
        if not 1 <= len(parts) <= DEPTH_MAX:
            raise _impossible(path, index)
        for part in parts:
            if here == "any" or part not in EXPANDABLE.get(here, {}):
                raise _impossible(path, index)
            here = EXPANDABLE[here][part]


def _impossible(path: str, index: int) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", param=f"expand[{index}]")


def expanded(answer: Json, paths: list[str], records: RecordBook) -> Json:
    """Return a copy of an answer with its expansions in place."""
    copy = deepcopy(answer)
    for path in paths:
        parts = path.split(".")
        targets = copy["data"] if parts[0] == "data" else [copy]
        for target in targets:
            _expand(target, parts[parts[0] == "data" :], records)
    return copy


def _expand(target: Json, parts: list[str], records: RecordBook) -> None:
    name, rest = parts[0], parts[1:]
    if (target["object"], name) in INCLUDABLE:
        target[name] = _included(target, records)
        return
    value = target.get(name)
    if isinstance(value, str):
        value = deepcopy(records.any(value))
        target[name] = value
    if rest and isinstance(value, dict):
        _expand(value, rest, records)


def _included(charge: Json, records: RecordBook) -> Json:
    account = records.owner(charge["id"])
    refunds = [each for each in records.of("refund", account) if each["charge"] == charge["id"]]
    return {
        "object": "list",
        "url": f"/v1/charges/{charge['id']}/refunds",
        "has_more": False,
        "data": deepcopy(refunds[::-1]),
    }
