"""The way of one request: key, route, parameters, faults, idempotency, execution, answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from tests.stripe_stand_in.expansion import check_expansions, expanded
from tests.stripe_stand_in.faults import Fault, FaultPlan, PlannedFault
from tests.stripe_stand_in.forms import Tree, decode_form
from tests.stripe_stand_in.idempotency import KeyRing, SavedAnswer, key_in_use
from tests.stripe_stand_in.parameters import read_parameters
from tests.stripe_stand_in.refusals import Json, StripeRefusal, invalid, not_modelled
from tests.stripe_stand_in.routing import Call, Route, RouteTable
from tests.stripe_stand_in.server import HttpRequest, HttpResponse
from tests.stripe_stand_in.state import StripeState

_TEST_KEY = re.compile(r"(sk|rk)_test_\w+")
_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class SeenRequest:
    """One request as the stand-in saw it, and what it answered."""

    request_id: str
    method: str
    path: str
    key: str | None
    """Idempotency key."""
    account: str | None
    """The connected account it acted for."""
    route: str | None = None
    parameters: Json | None = None
    status: int | None = None
    """None when the connection was broken instead."""
    body: Json | None = None
    replayed: bool = False
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """A request that the SDK's types or the stand-in's model do not allow: a bug of the caller."""

    request: SeenRequest
    reason: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A request that passed validation."""

    route: Route
    call: Call
    tree: Tree
    key: str | None

    @property
    def expansions(self) -> list[str]:
        return list(self.call.parameters.get("expand", []))


class Application:
    """Answers requests as Stripe would, or as the fault plan wants it."""

    def __init__(self, state: StripeState, routes: RouteTable, faults: FaultPlan) -> None:
        self._state = state
        self._routes = routes
        self._faults = faults
        self._keys = KeyRing(state.clock, state.terms.key_life_s)
        self.requests: list[SeenRequest] = []
        self.drift: list[Drift] = []
        self.crashes: list[Exception] = []

    async def answer(self, request: HttpRequest) -> HttpResponse | None:
        """Answer one request; none breaks the connection."""
        seen = SeenRequest(
            self._state.records.new_id("req"),
            request.method,
            request.path,
            request.headers.get("idempotency-key") if request.method == "POST" else None,
            request.headers.get("stripe-account"),
        )
        self.requests.append(seen)
        try:
            self._state.agenda.run_due()
            saved = await self._answer_or_refuse(request, seen)
        except StripeRefusal as refusal:
            saved = _saved_refusal(refusal, seen)
        except Exception as crash:  # noqa: BLE001  The test fails with it when the stand-in stops.
            self.crashes.append(crash)
            saved = _server_error(seen)
        if saved is None:
            return None
        seen.status, seen.body = saved.status, json.loads(saved.body)
        return HttpResponse(saved.status, saved.body, self._headers(seen, saved))

    async def _answer_or_refuse(
        self, request: HttpRequest, seen: SeenRequest
    ) -> SavedAnswer | None:
        self._check_key(request)
        try:
            prepared = self._prepare(request, seen)
        except StripeRefusal as refusal:
            self.drift.append(Drift(seen, str(refusal)))
            raise
        fault = self._faults.next(prepared.route.name)
        seen.fault = None if fault is None else fault.fault
        if seen.fault is Fault.DROP_BEFORE:
            return None
        _refuse_by(seen.fault, prepared.key)
        saved = await self._once(prepared, seen, fault)
        return None if seen.fault is Fault.DROP_AFTER else saved

    def _check_key(self, request: HttpRequest) -> None:
        presented = request.headers.get("authorization", "").removeprefix("Bearer ")
        if _TEST_KEY.fullmatch(presented) is None:
            message = f"Invalid API Key provided: {presented[:8]}****"
            raise StripeRefusal(401, "invalid_request_error", message)
        account = request.headers.get("stripe-account")
        if account is not None and self._state.records.find("account", account) is None:
            message = f"The provided key does not have access to account '{account}'."
            raise StripeRefusal(403, "invalid_request_error", message, code="account_invalid")

    def _prepare(self, request: HttpRequest, seen: SeenRequest) -> _Prepared:
        found = self._routes.find(request.method, request.path)
        if found is None:
            what = f"({request.method}: {request.path})"
            raise StripeRefusal(404, "invalid_request_error", f"Unrecognized request URL {what}.")
        route, ids = found
        seen.route = route.name
        tree = self._decode(request)
        parameters = read_parameters(route.parameters, tree)
        seen.parameters = parameters
        route.check_modelled(parameters)
        check_expansions(route.returns, parameters.get("expand", []), many=route.many)
        call = Call(self._state, parameters, request.path, ids, seen.account)
        return _Prepared(route, call, tree, seen.key)

    def _decode(self, request: HttpRequest) -> Tree:
        version = request.headers.get("stripe-version")
        if version != self._state.api_version:
            message = f"Invalid Stripe API version: {version}"
            raise invalid(message)
        if request.method != "POST":
            return decode_form(request.query)
        if request.query or (request.body and request.headers.get("content-type") != _FORM):
            what = "a POST with a query, or with a body that is no form"
            raise not_modelled(what)
        return decode_form(request.body.decode())

    async def _once(
        self, prepared: _Prepared, seen: SeenRequest, fault: PlannedFault | None
    ) -> SavedAnswer:
        """Execute a request at most once per idempotency key."""
        if prepared.key is None:
            return await self._execute_with(prepared, seen, fault)
        call, key = prepared.call, prepared.key
        earlier = self._keys.begin(call.account, key, call.path, prepared.tree)
        if earlier is not None:
            seen.replayed = True
            return earlier
        try:
            saved = await self._execute_with(prepared, seen, fault)
            self._keys.keep(call.account, key, saved)
        finally:
            self._keys.release(call.account, key)
        return saved

    async def _execute_with(
        self, prepared: _Prepared, seen: SeenRequest, fault: PlannedFault | None
    ) -> SavedAnswer:
        kind = None if fault is None else fault.fault
        if fault is not None and kind is Fault.SLOW:
            await fault.wait()
        if kind is Fault.CACHED_500:
            return _server_error(seen)
        saved = self._execute(prepared, seen)
        if fault is not None and kind is Fault.LATE:
            await fault.wait()
        return _server_error(seen) if kind is Fault.CACHED_500_AFTER else saved

    def _execute(self, prepared: _Prepared, seen: SeenRequest) -> SavedAnswer:
        events = self._state.events
        events.request_id, events.idempotency_key = seen.request_id, seen.key
        try:
            record = prepared.route.handle(prepared.call)
            body = expanded(record, prepared.expansions, self._state.records)
        except StripeRefusal as refusal:
            if refusal.status == 501:
                self.drift.append(Drift(seen, str(refusal)))
            return _saved_refusal(refusal, seen)
        finally:
            events.request_id = events.idempotency_key = None
        return SavedAnswer(200, json.dumps(body).encode(), seen.request_id)

    def _headers(self, seen: SeenRequest, saved: SavedAnswer) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Request-Id": seen.request_id,
            "Stripe-Version": self._state.api_version,
        }
        if seen.key is not None:
            headers |= {"Idempotency-Key": seen.key, "Original-Request": saved.request_id}
        if seen.replayed:
            headers["Idempotent-Replayed"] = "true"
        if saved.status >= 409:
            headers["Stripe-Should-Retry"] = "false" if saved.status >= 500 else "true"
        return headers


def _refuse_by(fault: Fault | None, key: str | None) -> None:
    if fault is Fault.CONFLICT:
        raise key_in_use(key or "")
    if fault is Fault.RATE_LIMIT:
        message = "Request rate limit exceeded."
        raise StripeRefusal(429, "invalid_request_error", message, code="rate_limit")
    if fault is Fault.LOCK_TIMEOUT:
        message = (
            "This object cannot be accessed right now because another API request or Stripe "
            "process is currently accessing it."
        )
        raise StripeRefusal(429, "invalid_request_error", message, code="lock_timeout")


def _saved_refusal(refusal: StripeRefusal, seen: SeenRequest) -> SavedAnswer:
    body = json.dumps(refusal.body(seen.request_id)).encode()
    return SavedAnswer(refusal.status, body, seen.request_id)


def _server_error(seen: SeenRequest) -> SavedAnswer:
    message = "An unknown error occurred. If this continues, please contact support."
    return _saved_refusal(StripeRefusal(500, "api_error", message), seen)
