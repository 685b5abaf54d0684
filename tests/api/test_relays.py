"""Relays through the API: who may know them, who decides what, and the scan at the meeting."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from tests.api.client import Person, code_of
from tests.api.counting import Counter
from tests.api.story import BERLIN, PATIENCE_S, Cast, Story, done
from tests.api.test_payout_accounts import WANTED
from tests.api.undelivered import AT_THE_DOOR, FAR_AWAY

HERE = {name: BERLIN[name] for name in ("latitude", "longitude")} | {"accuracy_m": 9.5}


async def asked(cast: Cast, taker: Person, **changes: Any) -> dict[str, Any]:
    """Have the traveler ask to hand the parcel on."""
    terms = {"taker_id": taker.person_id, "share_points": 4_000, **changes}
    return done(await cast.traveler.post(f"{cast.path}/relays", terms))


async def is_at(cast: Cast, place: dict[str, Any]) -> None:
    """Let the traveler's phone say where it is."""
    position = {**place, "taken_at": datetime.now(UTC).isoformat()}
    done(await cast.traveler.post(f"{cast.path}/positions", {"positions": [position]}))


async def hand_on(cast: Cast, taker: Person) -> None:
    """Hand the parcel on."""
    path = f"{cast.path}/relays/{(await asked(cast, taker))['relay_id']}"
    done(await cast.customer.post(f"{path}/answer", {"agrees": True}))
    done(await taker.post(f"{path}/take", {"takes": True}))
    code = done(await cast.traveler.get(f"{cast.path}/codes/relay"))["code"]
    await is_at(cast, HERE)
    done(await taker.post(f"{path}/scan", {"code": code, "position": HERE}))


async def bring(cast: Cast, taker: Person) -> None:
    """Hand the parcel on, and have the second traveler bring it."""
    await hand_on(cast, taker)
    shown = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    done(await taker.post(f"{cast.path}/handover", {"code": shown["code"]}))


async def play_relay(story: Story, counter: Counter) -> None:
    """Hand a parcel on, after one try that is taken back; each change is counted."""
    cast, taker = await story.picked_up(), await story.traveler()
    terms = {"taker_id": taker.person_id, "share_points": 4_000}
    first = await counter.post(cast.traveler, f"{cast.path}/relays", terms)
    await counter.post(cast.traveler, f"{cast.path}/relays/{first['relay_id']}/withdraw")
    second = await counter.post(cast.traveler, f"{cast.path}/relays", terms)
    path = f"{cast.path}/relays/{second['relay_id']}"
    await counter.post(cast.customer, f"{path}/answer", {"agrees": True})
    await counter.post(taker, f"{path}/take", {"takes": True})
    code = done(await cast.traveler.get(f"{cast.path}/codes/relay"))["code"]
    await is_at(cast, HERE)
    await counter.post(taker, f"{path}/scan", {"code": code, "position": HERE})


async def test_a_parcel_is_handed_on_and_both_travelers_are_paid(story: Story) -> None:
    cast, taker = await story.picked_up(), await story.traveler()
    relay = await asked(cast, taker)
    assert (relay["status"], relay["deadline"]["owner"]) == ("asked", "customer")
    assert relay["giver_earns"]["amount_minor"] == 2_268
    assert relay["taker_earns"]["amount_minor"] == 1_512
    path = f"{cast.path}/relays/{relay['relay_id']}"
    agreed = done(await cast.customer.post(f"{path}/answer", {"agrees": True}))
    assert (agreed["status"], agreed["deadline"]["owner"]) == ("consented", "second traveler")
    assert done(await taker.get("/v1/relays"))["items"] == [agreed]
    assert code_of(await taker.get(cast.path)) == "not_found", "only the relay is known yet"
    assert done(await taker.post(f"{path}/take", {"takes": True}))["status"] == "agreed"
    assert code_of(await taker.get(f"{cast.path}/codes/relay")) == "not_found"
    code = done(await cast.traveler.get(f"{cast.path}/codes/relay"))
    await is_at(cast, HERE)
    handed_on = done(await taker.post(f"{path}/scan", {"code": code["pin"], "position": HERE}))
    assert (handed_on["status"], handed_on["deadline"]) == ("done", None)
    seen = done(await taker.get(cast.path))
    assert seen["your_roles"] == ["traveler"]
    assert seen["destination"]["is_exact"]
    assert done(await cast.traveler.get(f"{cast.path}/relays"))["status"] == "done"
    assert code_of(await cast.traveler.get(f"{cast.path}/timeline")) == "not_your_role"
    shown = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    done(await taker.post(f"{cast.path}/handover", {"code": shown["code"]}))
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")
    earned = done(await cast.traveler.get("/v1/statements/me"))
    assert "2268" in str(earned)


async def test_codes_prove_nothing_from_afar_or_without_the_other(story: Story) -> None:
    cast, taker = await story.picked_up(), await story.traveler()
    path = f"{cast.path}/relays/{(await asked(cast, taker))['relay_id']}"
    done(await cast.customer.post(f"{path}/answer", {"agrees": True}))
    done(await taker.post(f"{path}/take", {"takes": True}))
    code = done(await cast.traveler.get(f"{cast.path}/codes/relay"))["code"]
    scan = {"code": code, "position": HERE}
    assert code_of(await taker.post(f"{path}/scan", scan)) == "position_not_near"
    await is_at(cast, HERE)
    far = {"code": code, "position": FAR_AWAY | {"latitude": AT_THE_DOOR["latitude"]}}
    assert code_of(await taker.post(f"{path}/scan", far)) == "position_not_near"
    assert code_of(await cast.traveler.post(f"{path}/scan", scan)) == "not_your_role"
    assert code_of(await cast.customer.post(f"{path}/scan", scan)) == "own_delivery"
    assert done(await taker.post(f"{path}/scan", scan))["status"] == "done"


async def test_a_relay_is_for_its_people_and_their_answers_end_it(story: Story) -> None:
    cast, taker = await story.picked_up(), await story.traveler(payout_account=None)
    stranger = await story.traveler()
    terms = {"taker_id": taker.person_id, "share_points": 4_000}
    assert code_of(await cast.customer.post(f"{cast.path}/relays", terms)) == "not_your_role"
    nobody = {**terms, "taker_id": cast.recipient.person_id}
    assert code_of(await cast.traveler.post(f"{cast.path}/relays", nobody)) == "relay_terms_invalid"
    path = f"{cast.path}/relays/{(await asked(cast, taker))['relay_id']}"
    assert code_of(await stranger.get(f"{cast.path}/relays")) == "not_found"
    assert code_of(await stranger.post(f"{path}/take", {"takes": True})) == "not_found"
    assert code_of(await taker.post(f"{path}/take", {"takes": True})) == "relay_not_open"
    done(await cast.customer.post(f"{path}/answer", {"agrees": True}))
    missing = await taker.post(f"{path}/take", {"takes": True})
    assert code_of(missing) == "relay_needs_account"
    ended = done(await taker.post(f"{path}/withdraw"))
    assert (ended["status"], ended["because"], ended["deadline"]) == ("ended", "withdrawn", None)
    again = await asked(cast, stranger)
    declined = f"{cast.path}/relays/{again['relay_id']}/answer"
    assert done(await cast.customer.post(declined, {"agrees": False}))["because"] == "declined"
    assert done(await cast.agent.get(f"{cast.path}/relays"))["status"] == "ended"


async def test_the_giver_is_paid_as_soon_as_there_is_an_account(story: Story) -> None:
    cast, taker = await story.picked_up(payout_account=None), await story.traveler()
    await bring(cast, taker)
    done(await cast.customer.post(f"{cast.path}/confirm"))
    async with asyncio.timeout(PATIENCE_S):
        while (await cast.until("paying_out"))["deadline"]["kind"] != "account":
            await asyncio.sleep(0.02)
    done(await cast.traveler.post("/v1/me/payout-account", WANTED))
    await cast.until("completed")


async def test_the_agent_sees_each_traveler_s_money_before_a_verdict(story: Story) -> None:
    cast, taker = await story.picked_up(), await story.traveler()
    await bring(cast, taker)
    dispute = done(await cast.customer.post(f"{cast.path}/dispute", {"reason": "damaged"}))
    split = {"outcome": "split", "refund_minor": 2_200, "note": "It is scratched."}
    verdict = f"/v1/disputes/{dispute['dispute_id']}/verdict"
    seen = done(await cast.agent.post(f"{verdict}?preview=true", split))
    assert (seen["giver_net"]["amount_minor"], seen["traveler_net"]["amount_minor"]) == (1_080, 720)
