"""Events: the route that a platform reads to catch up on webhooks it missed."""

from __future__ import annotations

from fnmatch import fnmatchcase

from stripe.params import EventListParams, EventRetrieveParams

from tests.stripe_stand_in.clock import DAY_S
from tests.stripe_stand_in.listing import CURSORS, list_of
from tests.stripe_stand_in.records import only_one_of
from tests.stripe_stand_in.refusals import Json
from tests.stripe_stand_in.routing import Call, Route

KEPT_S = 30 * DAY_S
"""How long Stripe shows an event in its list."""


def _event(call: Call) -> Json:
    return call.state.records.get("event", call.ids[0], call.account)


def _list(call: Call) -> Json:
    given = call.parameters
    only_one_of(given, "type", "types")
    wanted = given.get("types", [given["type"]] if "type" in given else ["*"])
    delivered = given.get("delivery_success")
    oldest = call.state.clock.now() - KEPT_S

    def keep(event: Json) -> bool:
        return (
            event["created"] >= oldest
            and any(fnmatchcase(event["type"], each) for each in wanted)
            and delivered in (None, event["pending_webhooks"] == 0)
        )

    return list_of(call, call.state.records.of("event", call.account), keep=keep)


ROUTES = (
    Route("GET /v1/events/{event}", EventRetrieveParams, _event, "event"),
    Route(
        "GET /v1/events",
        EventListParams,
        _list,
        "event",
        CURSORS | {"type", "types", "delivery_success"},
        many=True,
    ),
)
