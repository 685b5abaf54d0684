"""Everybody asks for everything: a route is walked because it is there.

What each is answered is worked out from the policy; a new route needs a row of it, and a name in
`World.ids` for each new kind of id in its address.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import httpx
import pytest

from domain.contracts import CodePurpose
from domain.correcting.rules import ORDERED_BY, CorrectionKind
from domain.devices.holding import SHOWN_BY, releasing
from domain.identity.actions import Action
from domain.identity.permissions import KNOWN, RULES, Decision, Nature, decide, may_ask
from domain.identity.roles import INSIDERS, Relation, complete
from domain.identity.scopes import grantable
from infra.identifiers import new_id
from tests.api.client import Person
from tests.api.matrix.walk import (
    DECLARED,
    NESTED,
    OBJECTLESS,
    ON_OBJECTS,
    PRIVATE,
    Matrix,
    Operation,
    answer_of,
    ask,
    told,
)
from tests.api.matrix.world import CAST, World, person
from tests.api.story import done

STARTS_SOMETHING = {Action.START_ROBOTS, Action.ORDER_BULK_HOLD, Action.REQUEST_OWN_ERASURE}
"""Actions that would touch what other tests play; who is let in is told by their own tests."""
CASES: dict[Action, Action] = {
    Action.SHOW_CODE: Action.SHOW_PICKUP_CODE,
    Action.HOLD_CODE: Action.SHOW_PICKUP_CODE,
}
"""Actions whose addresses or bodies say more precisely what is asked for."""
MEETS_NOTHING = {
    Action.SHOW_EVIDENCE_FILE,
    Action.SHOW_PROOF,
    Action.REPORT_REVIEW,
    Action.HIDE_REVIEW,
}
"""Actions on what these deliveries do not have, or fewer know of than of the delivery: whoever is let
in may find nothing either."""
OF_THEIR_AUTHORS = {Action.SEND_EVIDENCE_FILE, Action.REPORT_REVIEW}
"""Actions that the policy allows to several, and the thing itself to one of them."""
ASKED_FOR_MORE = {"device_missing", "second_factor_enrolment_required"}
"""What is said to somebody who is let in, once a device or a passkey of theirs is asked for."""
AFTER_THE_END = {
    Action.DECIDE_CLAIM,
    Action.ADVANCE_CLOCK,
    Action.ASK_FOR_EXTRA_COSTS,
    Action.CALL_FOR_HELP,
    Action.HIDE_REVIEW,
    Action.ORDER_CORRECTION,
    Action.REPORT_REVIEW,
    Action.WRITE_REVIEW,
}
"""What is changed about a delivery that is over: money that comes back late, and what people say or call
for."""
SCANS = {Action.SCAN_PICKUP, Action.SCAN_HANDOVER, Action.SCAN_RETURN, Action.SCAN_RELAY}
SHOW_CODES = {Relation.CUSTOMER, Relation.SENDER, Relation.RECIPIENT}
"""Whoever shows codes of a delivery scans none of it, and is told so by a code of its own."""
BY_THE_DISPUTE = {
    Action.ACCEPT_PROPOSAL,
    Action.ANSWER_DISPUTE,
    Action.APPEAL_VERDICT,
    Action.ASK_SIDE,
    Action.CALL_AGENT,
    Action.GIVE_VERDICT,
    Action.MAKE_PROPOSAL,
    Action.TAKE_DISPUTE_OVER,
    Action.WAIVE_APPEAL,
    Action.WITHDRAW_PROPOSAL,
}
"""Steps that the workflow of the dispute refuses itself, and here is none: nobody can be reached."""
OVER = {
    "code_already_used",
    "delivery_closed",
    "dispute_closed",
    "file_refused",
    "nothing_needs_attention",
    "offer_unknown",
    "payment_action_not_wanted",
    "relay_terms_invalid",
    "wrong_state",
}
"""What is said of a delivery that is over, or of its parts."""
OBJECTLESS_CAST = ("stranger", "agent", "operator", "admin")


def verdict(operation: Operation, relations: frozenset[Relation], roles: set[str]) -> Decision:
    """Return what the policy says of the very case that the request is about."""
    among: frozenset[Relation] = KNOWN
    if operation.action is Action.ORDER_CORRECTION:
        kind = CorrectionKind(operation.body["kind"])
        among = frozenset(Relation(role) for role in ORDERED_BY[kind])
    if operation.action is Action.RELEASE_CODE:
        among = frozenset(releasing(CodePurpose.PICKUP, held_by_link=False))
    if operation.action is Action.SHOW_PRESENCE:
        among = frozenset({SHOWN_BY[CodePurpose.PICKUP], Relation.TRAVELER})
    return decide(CASES.get(operation.action, operation.action), relations, roles, among)


async def nothing_like_it(operation: Operation, who: Person, world: World) -> httpx.Response:
    """Return what is answered about ids that nothing has."""
    random = {name: new_id() for name in operation.parameters}
    return await ask(operation, who, world, **random)


@pytest.mark.parametrize("route", PRIVATE)
async def test_nobody_does_anything_without_a_credential(matrix: Matrix, route: str) -> None:
    answer = await ask(matrix.operation(route), None, matrix.open)
    assert answer_of(answer) == (401, "unauthenticated")


@pytest.mark.parametrize("route", ON_OBJECTS)
@pytest.mark.parametrize("state", ["open", "closed"])
async def test_everybody_is_answered_as_the_policy_says(
    matrix: Matrix, route: str, state: str
) -> None:
    operation = matrix.operation(route)
    world = matrix.open if state == "open" else matrix.closed
    missing = set(operation.parameters) - {"purpose", "person_id", *world.ids}
    assert not missing or operation.action in MEETS_NOTHING, (
        f"Write one of {missing} in tests/api/matrix/world.py, or add the action to MEETS_NOTHING."
    )
    for name, (roles, relations) in CAST.items():
        decision = verdict(operation, relations, set(complete(roles)))
        answer = await ask(operation, world.people[name], world)
        status, code = answer_of(answer)
        where = f"{name} of the {state} one: {answer.text}"
        if decision is Decision.ALLOWED:
            check_own(operation, answer, name, where)
            if state == "closed":
                check_closed(operation, answer, relations, where)
        elif decision is Decision.HIDDEN:
            random = await nothing_like_it(operation, world.people[name], world)
            assert (status, code) == (404, "not_found"), where
            assert answer.content == random.content, where
        elif operation.action not in MEETS_NOTHING or code != "not_found":
            shows = operation.action in SCANS and relations & SHOW_CODES
            assert (status, code) == (403, "own_delivery" if shows else "not_your_role"), where


def check_own(operation: Operation, answer: httpx.Response, name: str, where: str) -> None:
    """Check that somebody was let in, and is answered about the very thing that they asked for."""
    status, code = answer_of(answer)
    is_others = operation.action in OF_THEIR_AUTHORS and name != "customer"
    assert status not in (401, 403) or is_others or code in ASKED_FOR_MORE, where
    assert code != "not_found" or operation.action in MEETS_NOTHING, where
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    if operation.method == "GET" and status == HTTPStatus.OK and is_json:
        said, asked = answer.json(), answer.url.path.split("/")
        for parameter in operation.parameters:
            # Lists and pictures say no id; whatever says one says the one that was asked for.
            assert said.get(parameter) in (None, *asked), where


def check_closed(
    operation: Operation, answer: httpx.Response, relations: frozenset[Relation], where: str
) -> None:
    """Check that a delivery that is over is read and not changed."""
    status, code = answer_of(answer)
    if RULES[operation.action].nature is Nature.READING or operation.method == "GET":
        assert status == 200 or code in OVER or operation.action in MEETS_NOTHING, where
    elif operation.action in BY_THE_DISPUTE:
        assert code == "unavailable" or code in OVER, where
    elif operation.action not in AFTER_THE_END | OF_THEIR_AUTHORS:
        assert code in OVER, where
    if code == "delivery_closed":
        known = "cancelled" if relations & INSIDERS else "closed"
        assert answer.json().get("current_status", known) == known, where


@pytest.mark.parametrize("route", ON_OBJECTS)
async def test_a_strangers_object_is_like_one_that_is_not_there(matrix: Matrix, route: str) -> None:
    operation = matrix.operation(route)
    for world in (matrix.open, matrix.closed):
        stranger = world.people["stranger"]
        foreign = await ask(operation, stranger, world)
        missing = await nothing_like_it(operation, stranger, world)
        assert (foreign.status_code, foreign.content) == (404, missing.content)
        assert set(foreign.headers) == set(missing.headers)


@pytest.mark.parametrize("route", NESTED)
async def test_a_foreign_part_of_ones_own_object_is_like_one_that_is_not_there(
    matrix: Matrix, route: str
) -> None:
    operation = matrix.operation(route)
    inner = operation.parameters[-1]
    if len(operation.parameters) < 2 or inner not in matrix.closed.ids:
        return
    for name in ("customer", "traveler", "agent"):
        who = matrix.open.people[name]
        foreign = await ask(operation, who, matrix.open, **{inner: matrix.closed.ids[inner]})
        missing = await ask(operation, who, matrix.open, **{inner: new_id()})
        assert (foreign.status_code, told(foreign)) == (missing.status_code, told(missing)), name


@pytest.mark.parametrize("route", OBJECTLESS)
async def test_what_is_about_nothing_but_a_role_is_for_that_role(
    matrix: Matrix, route: str
) -> None:
    operation = matrix.operation(route)
    for name in OBJECTLESS_CAST:
        roles = CAST[name][0]
        allowed = may_ask(operation.action, complete(roles))
        if allowed and operation.action in STARTS_SOMETHING:
            continue
        # What people do to their own account must not end the walk of the others.
        who = await person(matrix.engine, matrix.http, *roles)
        status, code = answer_of(await ask(operation, who, matrix.open))
        if not allowed:
            assert (status, code) in {(403, "not_your_role"), (404, "not_found")}, name
        elif "{" in operation.path:
            assert status not in (401, 403) or code == "not_your_role", (name, status, code)
        else:
            assert status not in (401, 404) or code != "not_found", (name, status, code)


async def test_no_key_of_a_program_proves_who_somebody_is(matrix: Matrix) -> None:
    owner = matrix.open.people["stranger"]
    wanted = {"name": "All", "scopes": list(grantable())}
    key = done(await owner.post("/v1/me/api-keys", wanted))["key"]
    program = replace(owner, token=key)
    personal = [route for route in PRIVATE if RULES[DECLARED[route]].nature is Nature.PERSONAL]
    assert personal
    for route in personal:
        answer = await ask(matrix.operation(route), program, matrix.open)
        assert answer_of(answer) == (403, "scope_missing"), route
