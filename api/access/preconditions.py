"""Optimistic concurrency: a change names the version that its sender has seen.

A delivery's tag is the number of its latest event and what the person is shown of it, an offer's the
number of its latest change, a dispute's its version and how much was said in it. Outsiders are not
told by a number that something happens in a delivery that is none of theirs.
Source: RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import Response

from api.access.claims import Claim
from api.access.request import SEEN_HEADER, Change
from api.access.rows import INSIDERS, DeliveryRow, Sight, offer_tag
from api.edge.answers import json_answer
from api.edge.problems import Problem
from api.views import delivery_view
from domain.errors import RefusalCode
from domain.ids import OfferId
from domain.preconditions import Seen, changed

ANYTHING = "*"
"""Matches whatever is there."""
NOT_TOLD = 0
"""Stands for the number of the latest event in what outsiders are given."""
_TAG = re.compile(r'"([0-9]{1,9})\.([0-9]{1,9})"')
_TAG_OF_DELIVERY = re.compile(r'"([0-9]{1,9})\.[0-9a-f]{16}"')
_TAG_OF_OFFER = re.compile(r'"([0-9]{1,9})"')
_CONDITIONAL_ROUTE = re.compile(r"POST /v1/deliveries/\{delivery_id\}/(offers/\{offer_id\}/)?.+")

IfMatch = Annotated[
    str | None,
    Header(
        alias=SEEN_HEADER,
        description="The `ETag` of the dispute as you have seen it; with another one by now, the step "
        "is refused. Left out, the step is taken whatever has happened since.",
    ),
]

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="The `ETag` of what you have already; if it is still so, the answer is 304 and "
        "empty.",
    ),
]


def dispute_tag(row: Mapping[str, Any]) -> str:
    """Return the entity tag of a dispute: its version, and how much was said in it."""
    return f'"{row["dispute_version"]}.{row["dispute_said"]}"'


def version_seen(
    row: Mapping[str, Any], if_match: str | None, *, is_first_try: bool = True
) -> int | None:
    """Return the version that the sender has seen, or none when they did not say.

    What was said is compared here, the version again when it is the step's turn. Later tries must not
    be refused for what the first has said.

    Raises:
        Problem: `dispute_changed`.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None or (is_first_try and int(tag[2]) != row["dispute_said"]):
        raise Problem(
            RefusalCode.DISPUTE_CHANGED, "The dispute has changed since you looked at it."
        )
    return int(tag[1])


def version_in(claimed: Claim, if_match: str | None) -> int | None:
    """Return the version that the sender of a step has seen, as `version_seen` does.

    Raises:
        Problem: `dispute_changed`.
    """
    return version_seen(claimed.row, if_match, is_first_try=claimed.is_first_try)


def condition_of(route: str) -> RefusalCode | None:
    """Return how a route refuses what was meant for another state, or none where it never does so.

    `route` is its method and the pattern of its address.
    """
    found = _CONDITIONAL_ROUTE.fullmatch(route)
    if found is None:
        return None
    return RefusalCode.OFFER_CHANGED if found[1] else RefusalCode.DELIVERY_CHANGED


def delivery_tag(sight: Sight) -> str:
    """Return the entity tag of a delivery as the person is shown it."""
    shown = sha256(delivery_view(sight).model_dump_json().encode()).hexdigest()
    number = sight.delivery.head_sequence if sight.relations & INSIDERS else NOT_TOLD
    return f'"{number}.{shown[:16]}"'


def seen_by(change: Change, claimed: Claim) -> Seen | None:
    """Return what the sender of a change has seen of its delivery or offer, or none if not said.

    On the first try it is compared with what the claiming statement has found. Later ones must not
    be refused for what the first has changed: the workflow knows whether that was carried out, and
    compares again when it is the command's turn. What an outsider was shown is compared here only.

    Raises:
        Problem: `delivery_changed` or `offer_changed`.
    """
    code = condition_of(change.route)
    if code is None or change.if_match in (None, ANYTHING):
        return None
    assert change.if_match is not None
    is_offer = code is RefusalCode.OFFER_CHANGED
    if is_offer and not _is_of_asker(claimed):
        # It is refused as an offer that is not there, whatever its tag.
        return None
    pattern = _TAG_OF_OFFER if is_offer else _TAG_OF_DELIVERY
    tag = pattern.fullmatch(change.if_match)
    offer_id = OfferId(claimed.row["offer_id"]) if is_offer else None
    seen = None if tag is None else Seen(int(tag[1]), offer_id)
    if seen is None or (claimed.is_first_try and change.if_match != _tag_now(claimed, is_offer)):
        refusal = changed(seen or Seen(0, offer_id))
        raise Problem(refusal.code, refusal.message)
    return seen if is_offer or seen.sequence != NOT_TOLD else None


def _is_of_asker(claimed: Claim) -> bool:
    row = claimed.row
    parties = (row["offer_traveler_id"], row["customer_id"])
    return row["offer_id"] is not None and claimed.asker.person_id in parties


def _tag_now(claimed: Claim, is_offer: bool) -> str:
    if is_offer:
        return offer_tag(claimed.row["offer_sequence"])
    return delivery_tag(Sight(claimed.asker, DeliveryRow.read(claimed.row)))


def tagged_answer(view: BaseModel, tag: str, if_none_match: str | None) -> Response:
    """Return a view with its tag, or only the tag to whoever has seen this version before."""
    tags = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    if tags & {tag, ANYTHING}:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return json_answer(view, headers={"ETag": tag})
