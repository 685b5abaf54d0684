"""Lists and searches: order, cursors, filters and the search language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from tests.stripe_stand_in.records import only_one_of
from tests.stripe_stand_in.refusals import Json, invalid, missing_resource
from tests.stripe_stand_in.routing import Call

LIMIT_DEFAULT = 10
LIMIT_MAX = 100
CURSORS = frozenset({"limit", "starting_after", "ending_before", "created"})
"""Parameters that every list understands."""

_COMPARISONS = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}
_CLAUSE = re.compile(
    r"""(?P<field>[a-z_]+)(?:\[(?P<quote>["'])(?P<key>[^"']+)(?P=quote)\])?"""
    r"""(?P<sign>[:<>]=?)(?:(?P<q2>["'])(?P<text>[^"']*)(?P=q2)|(?P<number>-?\d+))"""
)


def list_of(
    call: Call,
    records: Iterable[Json],
    *equal: str,
    keep: Callable[[Json], bool] = lambda _: True,
) -> Json:
    """Return one page, newest first, filtered by `created`, by `keep` and by the fields in `equal`.

    A cursor may name an object that the filters leave out, as at Stripe.
    """
    wanted = call.parameters

    def belongs(record: Json) -> bool:
        same = all(record.get(name) == wanted[name] for name in equal if name in wanted)
        return same and keep(record) and matches_time(wanted.get("created"), record["created"])

    page, has_more = _page(call, list(records)[::-1], belongs)
    return {"object": "list", "url": call.path, "has_more": has_more, "data": page}


def matches_time(wanted: object, moment: int) -> bool:
    """Return whether a moment lies where a time filter wants it."""
    if isinstance(wanted, dict):
        return all(_COMPARISONS[name](moment, bound) for name, bound in wanted.items())
    return wanted is None or moment == wanted


def _page(
    call: Call, newest: Sequence[Json], belongs: Callable[[Json], bool]
) -> tuple[list[Json], bool]:
    limit = limit_of(call)
    only_one_of(call.parameters, "starting_after", "ending_before")
    after, before = call.parameters.get("starting_after"), call.parameters.get("ending_before")
    if before is not None:
        ahead = newest[: _position(newest, before, "ending_before")]
        found = [record for record in ahead if belongs(record)]
        return found[-limit:], len(found) > limit
    if after is not None:
        newest = newest[_position(newest, after, "starting_after") + 1 :]
    found = [record for record in newest if belongs(record)]
    return found[:limit], len(found) > limit


def limit_of(call: Call) -> int:
    """Return how many items a page may have."""
    limit: int = call.parameters.get("limit", LIMIT_DEFAULT)
    if not 1 <= limit <= LIMIT_MAX:
        message = f"Invalid integer: limit must be between 1 and {LIMIT_MAX}."
        raise invalid(message, code="parameter_invalid_integer", param="limit")
    return limit


def _position(found: Sequence[Json], identifier: str, param: str) -> int:
    for index, record in enumerate(found):
        if record["id"] == identifier:
            return index
    raise missing_resource("object", identifier, param)


def search_of(call: Call, records: Iterable[Json]) -> Json:
    """Return one page of a search, newest first.

    An object younger than the search lag is invisible here, as at Stripe.
    """
    clauses = _clauses(call.parameters["query"])
    visible_until = call.state.clock.now() - call.state.terms.search_lag_s
    found = [
        record
        for record in reversed(list(records))
        if record["created"] <= visible_until and all(_holds(each, record) for each in clauses)
    ]
    start, limit = int(call.parameters.get("page", "0")), limit_of(call)
    has_more = len(found) > start + limit
    return {
        "object": "search_result",
        "url": call.path,
        "has_more": has_more,
        "next_page": str(start + limit) if has_more else None,
        "data": found[start : start + limit],
    }


def _clauses(query: str) -> list[re.Match[str]]:
    clauses = [_CLAUSE.fullmatch(part.strip()) for part in re.split(r"\s+AND\s+", query)]
    known = [clause for clause in clauses if clause is not None]
    if len(known) < len(clauses):
        message = f"We were unable to parse your search query (or the stand-in is): {query}"
        raise invalid(message, param="query")
    return known


def _holds(clause: re.Match[str], record: Json) -> bool:
    value = record.get(clause["field"])
    if clause["key"] is not None:
        value = (value or {}).get(clause["key"])
    if clause["text"] is not None:
        return clause["sign"] == ":" and value == clause["text"]
    bound, sign = int(clause["number"]), clause["sign"]
    if not isinstance(value, int):
        return False
    signs = {":": value == bound, ">": value > bound, "<": value < bound}
    return (signs | {">=": value >= bound, "<=": value <= bound})[sign]
