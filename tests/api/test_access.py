"""Who may do and see what; a stranger cannot tell a foreign delivery from one that is not there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import PersonId
from infra.database.tokens import create_token, revoke_token
from tests.api.client import Person, code_of
from tests.api.story import NEW_DELIVERY, Cast, Story, done

NOTHING = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
SEEN_BY_GET = ("", "/timeline", "/deadlines", "/ledger", "/track", "/offers", "/codes/pickup")
COMMANDS: dict[str, Any] = {
    "/offers": {"price_minor": 4200},
    "/payment-method": {"payment_method": "pm_sandbox_ok"},
    "/pickup": {"code": "123456"},
    "/handover": {"code": "123456"},
    "/positions": {
        "positions": [
            {"latitude": 1, "longitude": 1, "accuracy_m": 1, "taken_at": "2026-01-01T00:00:00Z"}
        ]
    },
    "/confirm": None,
    "/cancel": None,
    "/dispute": {"reason": "damaged"},
    "/resolve": {"action": "retry"},
}


@pytest.fixture(scope="module")
async def carried(story: Story) -> Cast:
    """A delivery on its way, which nobody changes."""
    return await story.picked_up()


@pytest.fixture(scope="module")
async def stranger(story: Story) -> Person:
    """A customer and traveler with no part in it."""
    return await story.person("customer", "traveler", payout_account="acct_sandbox_ok")


@pytest.mark.parametrize("path", SEEN_BY_GET)
async def test_a_stranger_reads_a_foreign_delivery_like_one_that_is_not_there(
    carried: Cast, stranger: Person, path: str
) -> None:
    foreign = await stranger.get(carried.path + path)
    missing = await stranger.get(f"/v1/deliveries/{NOTHING}{path}")
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert plain(foreign) == plain(missing)


def plain(answer: httpx.Response) -> dict[str, str]:
    """Return the headers of an answer but for how many requests may follow."""
    return {name: value for name, value in answer.headers.items() if name != "ratelimit"}


@pytest.mark.parametrize("path", COMMANDS)
async def test_a_stranger_commands_a_foreign_delivery_like_one_that_is_not_there(
    carried: Cast, stranger: Person, path: str
) -> None:
    foreign = await stranger.post(carried.path + path, COMMANDS[path])
    missing = await stranger.post(f"/v1/deliveries/{NOTHING}{path}", COMMANDS[path])
    assert (foreign.status_code, foreign.content) == (404, missing.content)


async def test_a_stranger_meets_a_foreign_offer_like_one_that_is_not_there(
    carried: Cast, stranger: Person
) -> None:
    for action, body in (("counter", {"price_minor": 1}), ("withdraw", None)):
        path = f"{carried.path}/offers/{carried.offer_id}/{action}"
        assert (await stranger.post(path, body)).status_code == 404


async def test_a_stranger_meets_a_foreign_dispute_like_one_that_is_not_there(
    story: Story, stranger: Person
) -> None:
    cast = await story.disputed()
    bodies: dict[str, Any] = {
        "evidence": {"kind": "photo", "description": "x"},
        "messages": {"text": "x"},
        "verdict": {"outcome": "refund"},
    }
    for action, body in bodies.items():
        foreign = await stranger.post(f"{cast.dispute_path}/{action}", body)
        missing = await stranger.post(f"/v1/disputes/{NOTHING}/{action}", body)
        assert (foreign.status_code, foreign.content) == (404, missing.content)
    foreign = await stranger.get(cast.dispute_path)
    assert foreign.content == (await stranger.get(f"/v1/disputes/{NOTHING}")).content
    listed = done(await stranger.get("/v1/disputes"))
    assert listed["items"] == []


BAD_TOKENS = ["", "Bearer", "Bearer ", "Basic abc", "Bearer short", "Bearer " + "x" * 40,
              "Bearer " + "x" * 600, "Bearer a b c d e f g h i j", "Bearer ü" * 20]  # fmt: skip


@pytest.mark.parametrize("header", BAD_TOKENS)
async def test_a_token_that_is_none_is_refused_everywhere(carried: Cast, header: str) -> None:
    token = header.encode()
    http = carried.customer.http
    for path in SEEN_BY_GET:
        answer = await http.get(carried.path + path, headers={b"Authorization": token})
        assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
    for path, body in COMMANDS.items():
        given = {b"Idempotency-Key": b"x", b"Authorization": token}
        answer = await http.post(carried.path + path, json=body or {}, headers=given)
        assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")


async def test_a_missing_token_is_refused(carried: Cast) -> None:
    assert code_of(await carried.customer.http.get(carried.path)) == "unauthenticated"


async def test_an_expired_or_revoked_token_is_refused(carried: Cast, engine: AsyncEngine) -> None:
    customer = carried.customer
    expired = await create_token(engine, PersonId(customer.person_id), timedelta(seconds=-1))
    revoked = await create_token(engine, PersonId(customer.person_id))
    assert (await Person(customer.http, "", revoked).get(carried.path)).status_code == 200
    await revoke_token(engine, revoked)
    for token in (expired, revoked):
        somebody = Person(customer.http, "", token)
        assert code_of(await somebody.get(carried.path)) == "unauthenticated"
        assert code_of(await somebody.post(f"{carried.path}/cancel")) == "unauthenticated"
        assert code_of(await somebody.get("/v1/deliveries")) == "unauthenticated"
        assert code_of(await somebody.get("/v1/disputes")) == "unauthenticated"


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/payment-method", ("traveler", "recipient", "agent")),
        ("/pickup", ("customer", "recipient", "agent")),
        ("/handover", ("customer", "recipient", "agent")),
        ("/positions", ("customer", "recipient", "agent")),
        ("/confirm", ("traveler", "recipient", "agent")),
        ("/cancel", ("recipient",)),
        ("/dispute", ("agent",)),
        ("/resolve", ("customer", "traveler", "recipient")),
    ],
)
async def test_a_command_is_for_its_own_role(
    carried: Cast, path: str, who: tuple[str, ...]
) -> None:
    for name in who:
        person: Person = getattr(carried, name)
        answer = await person.post(carried.path + path, COMMANDS[path])
        shows = path in ("/pickup", "/handover") and name != "agent"
        code = "own_delivery" if shows else "not_your_role"
        assert (answer.status_code, code_of(answer)) == (403, code), name
        assert answer.json()["current_status"] == "in_transit"


async def test_only_a_customer_opens_and_only_a_traveler_offers(story: Story) -> None:
    traveler = await story.traveler()
    answer = await traveler.post("/v1/deliveries", NEW_DELIVERY)
    assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    cast = await story.requested()
    for person in (cast.customer, cast.recipient, cast.agent):
        answer = await person.post(f"{cast.path}/offers", {"price_minor": 4200})
        assert answer.status_code == 403


async def test_a_party_cannot_carry_its_own_delivery(story: Story) -> None:
    both = await story.person("customer", "traveler", payout_account="acct_sandbox_ok")
    opened = done(await both.post("/v1/deliveries", NEW_DELIVERY))
    path = f"/v1/deliveries/{opened['delivery_id']}/offers"
    answer = await both.post(path, {"price_minor": 4200})
    assert (answer.status_code, code_of(answer)) == (403, "own_delivery")


async def test_a_traveler_sees_an_open_request_without_addresses_and_contacts(
    story: Story,
) -> None:
    cast = await story.requested()
    seen = await cast.traveler.get(cast.path)
    view = done(seen)
    for secret in ("Kastanienallee", "Sendlinger", "52.5401", "13.4105", "Mara", "+49"):
        assert secret not in seen.text
    assert view["pickup"] == {
        "address": None,
        "latitude": 52.5,
        "longitude": 13.4,
        "is_exact": False,
    }
    assert view["recipient"] is None
    assert view["your_roles"] == ["browsing"]


async def test_the_traveler_learns_addresses_and_phone_when_they_are_needed(story: Story) -> None:
    customer = await story.person("customer")
    opened = done(await customer.post("/v1/deliveries", NEW_DELIVERY))
    cast = await story.paid()
    view = done(await cast.traveler.get(cast.path))
    assert view["pickup"]["is_exact"]
    assert view["recipient"] == {"name": "Mara", "phone": None, "email": None}
    done(await cast.customer.post(f"{cast.path}/cancel"))
    await cast.until("cancelled")
    view = done(await cast.traveler.get(cast.path))
    assert (view["pickup"]["is_exact"], view["recipient"]) == (False, None)
    assert done(await customer.get(f"/v1/deliveries/{opened['delivery_id']}"))["recipient"] == {
        "name": "Mara Lindt",
        "phone": "+4915112345678",
        "email": None,
    }


async def test_the_recipient_does_not_see_where_the_parcel_comes_from(carried: Cast) -> None:
    view = done(await carried.recipient.get(carried.path))
    assert (view["pickup"]["is_exact"], view["destination"]["is_exact"]) == (False, True)


async def test_a_losing_traveler_sees_the_request_but_nothing_of_the_others(story: Story) -> None:
    cast = await story.offered()
    loser = await story.traveler()
    own = done(await loser.post(f"{cast.path}/offers", {"price_minor": 4900}))
    listed = done(await loser.get(f"{cast.path}/offers"))
    assert [offer["offer_id"] for offer in listed["items"]] == [own["offer_id"]]
    foreign = await loser.post(f"{cast.path}/offers/{cast.offer_id}/withdraw")
    assert (foreign.status_code, code_of(foreign)) == (404, "offer_unknown")
    accept = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    done(await cast.customer.post(f"{cast.path}/offers/{cast.offer_id}/accept", accept))
    await cast.until("awaiting_pickup")
    view = done(await loser.get(cast.path))
    assert (view["your_roles"], view["price"], view["traveler_id"]) == (["offering"], None, None)
    assert (view["held_payment"], view["deadline"]) == (None, None)
    assert (view["status"], view["is_closed"]) == ("closed", True)
    late = await loser.post(f"{cast.path}/offers/{own['offer_id']}/counter", {"price_minor": 4000})
    assert late.json()["current_status"] == "closed"
    assert "awaiting" not in late.text
    assert done(await loser.get(f"{cast.path}/deadlines")) == {"deadlines": []}
    for path in ("/timeline", "/ledger", "/track"):
        assert code_of(await loser.get(cast.path + path)) == "not_your_role"
    kinds = [e["kind"] for e in done(await cast.traveler.get(f"{cast.path}/timeline"))["items"]]
    assert kinds == ["request_opened", "offer_submitted", "offer_accepted", "payment_held"]
    everything = done(await cast.customer.get(f"{cast.path}/timeline"))["items"]
    assert [e["kind"] for e in everything].count("offer_submitted") == 2


async def test_an_agent_who_is_a_party_cannot_decide(story: Story) -> None:
    cast = await story.disputed()
    judge = await story.person("customer", "agent")
    own = await story.person("customer", "agent")
    assert code_of(
        await cast.customer.post(f"{cast.dispute_path}/verdict", {"outcome": "refund"})
    ) == ("not_your_role")
    opened = done(await own.post("/v1/deliveries", NEW_DELIVERY))
    assert opened["your_roles"] == ["agent", "customer", "sender"]
    seen = done(await judge.get(cast.dispute_path))
    assert seen["status"] == "open"


async def test_staff_with_a_part_in_the_delivery_cannot_act_as_staff(story: Story) -> None:
    both = await story.person("customer", "agent")
    recipient = {"name": "Mara", "person_id": both.person_id}
    cast = await story.requested(recipient=recipient)
    for path, body in (("cancel", None), ("resolve", {"action": "retry"})):
        answer = await both.post(f"{cast.path}/{path}", body)
        assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    done(await cast.agent.post(f"{cast.path}/cancel"))


async def test_staff_make_no_offers(story: Story) -> None:
    cast = await story.requested()
    both = await story.person("traveler", "agent", payout_account="acct_sandbox_ok")
    answer = await both.post(f"{cast.path}/offers", {"price_minor": 4200})
    assert (answer.status_code, code_of(answer)) == (403, "not_your_role")


async def test_everyone_reads_the_bookings_that_concern_them(story: Story) -> None:
    cast = await story.delivered()
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")

    async def kinds(person: Person) -> set[str]:
        ledger = done(await person.get(f"{cast.path}/ledger"))
        booked = {
            entry["account"].split(":")[0]
            for booking in ledger["transactions"]
            for entry in booking["entries"]
        }
        assert all(booking["entries"] for booking in ledger["transactions"])
        assert {balance["account"].split(":")[0] for balance in ledger["balances"]} == booked
        return booked

    everything = await kinds(cast.agent)
    assert "traveler_payable" in everything
    assert "traveler_payable" in await kinds(cast.traveler)
    assert "traveler_payable" not in await kinds(cast.customer)
    assert await kinds(cast.recipient) < await kinds(cast.customer) < everything


async def test_why_a_payment_was_declined_is_between_payer_and_staff(story: Story) -> None:
    cast = await story.paid(method="pm_sandbox_declined")

    async def reasons(person: Person) -> list[str | None]:
        items = done(await person.get(f"{cast.path}/timeline"))["items"]
        return [e["facts"].get("reason") for e in items if e["kind"] == "payment_declined"]

    told = await reasons(cast.customer)
    assert len(told) == 1
    assert told[0]
    assert await reasons(cast.agent) == told
    for person in (cast.recipient, cast.traveler):
        assert await reasons(person) == [None]


async def test_what_staff_note_about_a_parked_step_stays_among_them(story: Story) -> None:
    cast = await story.delivered(payout_account="acct_sandbox_x_payout_refused")
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until_parked()
    note = {"action": "skip", "reason": "The bank said no.", "reference": "case 7"}
    done(await cast.agent.post(f"{cast.path}/resolve", note))
    await cast.until("completed")

    async def facts(person: Person) -> dict[str, str]:
        items = done(await person.get(f"{cast.path}/timeline"))["items"]
        found: dict[str, str] = next(e["facts"] for e in items if e["kind"] == "attention_resolved")
        return found

    assert (await facts(cast.agent)).items() >= note.items()
    for person in (cast.customer, cast.recipient, cast.traveler):
        assert set(await facts(person)) == {"step", "action"}
