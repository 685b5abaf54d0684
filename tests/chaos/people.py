"""Plays one delivery: people look at where it stands and do what they mean to do there, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.status import DeliveryStatus
from infra.demo.client import Caller, DemoFailed, Signs
from infra.demo.scenes import BERLIN, MUNICH
from tests.chaos.cast import Cast, make_cast, set_up_account
from tests.chaos.plan import CHARGE_AHEAD_DAYS, Clocks, Play
from tests.chaos.stories import DISPUTED, Story
from tests.chaos.world import LOOK_AGAIN_S, Bank, World
from tests.phones import NEXT_STREET, Phones

STUCK_S = 240
"""A delivery that is not closed by then is stuck: every clock in it is shorter by far."""
SOON, LATER = timedelta(days=4), timedelta(days=10)
"""Handovers of which the first is near enough for a reservation."""
REQUEST_S = 25
"""How long the request stays open that nobody wants."""

_D, _R = DeliveryStatus, RefusalCode
_TOO_LATE = {_R.CODE_OUTDATED, _R.PLACE_OUTDATED}
"""Refusals of what a phone showed, and of where the other one was, before a part was away for long."""
_WINDOW_OVER = {_R.DISPUTE_WINDOW_CLOSED, _R.WRONG_STATE, _R.DELIVERY_CLOSED}


@dataclass
class Ending:
    """How a delivery ended, as its customer sees it."""

    play: Play
    delivery_id: str = ""
    status: str = "not opened"
    escrow: str = "none"
    is_closed: bool = False
    is_overtaken: bool = False
    """A clock ran out before people got through."""
    got_no_code: bool = False
    """The recipient's message did not come, and with it the way to hand over."""
    is_overdue: bool = False
    """The handover clock ran out and made a dispute of it."""
    faults: list[str] = field(default_factory=list)
    waited_s_max: float = 0.0
    """Longest wait for an answer."""


class Delivery:
    """One delivery and what its people have done so far."""

    def __init__(self, world: World, play: Play, clocks: Clocks) -> None:
        self._world = world
        self._play = play
        self._clocks = clocks
        self._looked_at = time.monotonic()
        self._bank = Bank(world.provider)
        self._done: set[str] = set()
        self._methods = list(play.methods)
        self._phones: Phones | None = None
        self.ending = Ending(play)

    async def run(self) -> Ending:
        """Play until the delivery is closed or stuck."""
        try:
            async with asyncio.timeout(STUCK_S):
                cast = await make_cast(self._world, self._play)
                await self._open(cast)
                while not self.ending.is_closed:
                    await self._look(cast)
        except TimeoutError:
            self.ending.faults.append(f"stuck: it is {self.ending.status}")
        except DemoFailed as failure:
            self.ending.faults.append(str(failure))
        return self.ending

    async def _open(self, cast: Cast) -> None:
        opened = await self._ask(cast.customer, "/v1/deliveries", _parcel(cast, self._play))
        if opened is None:
            self.ending.is_closed = True
            return
        self.ending.delivery_id = str(opened["delivery_id"])

    async def _look(self, cast: Cast) -> None:
        began = time.monotonic()
        seen = await cast.customer.get(self._path)
        self._note_wait(began)
        ending, held = self.ending, seen["held_payment"]
        ending.status, ending.is_closed = seen["status"], seen["is_closed"]
        ending.escrow = held["status"] if held else "none"
        self._note_missed_window()
        if seen["needs_attention"] and "attention" not in self._done:
            self._done.add("attention")
            ending.faults.append(f"needs hands while {ending.status}")
        if not ending.is_closed:
            await self._react(cast, seen)
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _react(self, cast: Cast, seen: Mapping[str, Any]) -> None:
        reactions: dict[str, Callable[[Cast, Mapping[str, Any]], Awaitable[None]]] = {
            _D.REQUESTED: self._agree,
            _D.PAYMENT_DUE: self._see_to_payment,
            _D.AWAITING_PICKUP: self._collect,
            _D.IN_TRANSIT: self._hand_over,
            _D.ARRIVED: self._hand_over,
            _D.DELIVERED: self._inspect,
            _D.DISPUTED: self._judge,
            _D.RELEASING: self._open_account,
        }
        reaction = reactions.get(seen["status"])
        if reaction is not None:
            await reaction(cast, seen)

    async def _agree(self, cast: Cast, _seen: Mapping[str, Any]) -> None:
        if self._play.story is Story.UNWANTED or not self._first("agree"):
            return
        await self._think()
        price = {"price_minor": self._play.price_minor}
        offer = await self._ask(cast.traveler, f"{self._path}/offers", price)
        if self._play.cancels_at == _D.REQUESTED:
            await self._ask(cast.customer, f"{self._path}/cancel")
        elif offer is not None:
            accepted = {**price, "payment_method": self._methods.pop(0)}
            path = f"{self._path}/offers/{offer['offer_id']}/accept"
            await self._ask(cast.customer, path, accepted)
            if self._play.cancels_at == _D.ACCEPTED:
                await self._ask(cast.customer, f"{self._path}/cancel")

    async def _see_to_payment(self, cast: Cast, seen: Mapping[str, Any]) -> None:
        if seen["held_payment"]["status"] == "holding":
            if self._first("bank"):
                await self._think()
                await self._bank.answer(self._id, rejects=self._play.bank_rejects)
        elif self._methods:
            method = {"payment_method": self._methods[0]}
            if await self._ask(cast.customer, f"{self._path}/payment-method", method) is not None:
                self._methods.pop(0)
        elif self._first("no method left"):
            self.ending.faults.append("asked for a payment method although the last one works")

    async def _collect(self, cast: Cast, _seen: Mapping[str, Any]) -> None:
        story = self._play.story
        if story is Story.NOT_COLLECTED:
            return
        await self._think()
        if story in (Story.CANCELLED_BY_CUSTOMER, Story.CANCELLED_BY_TRAVELER):
            by = cast.traveler if story is Story.CANCELLED_BY_TRAVELER else cast.customer
            if self._first("cancel") and self._play.cancels_at == _D.AWAITING_PICKUP:
                await self._ask(by, f"{self._path}/cancel")
            return
        if story is Story.PHONES:
            await self._scan_by_phone(cast, CodePurpose.PICKUP, cast.customer)
            return
        try:
            code = await cast.customer.get(f"{self._path}/codes/pickup")
        except DemoFailed as failure:
            if _R.CODE_ALREADY_USED not in str(failure):
                raise
            # A scan that was told to wait has used it up: the sender is about to get another one.
            return
        scan = {"code": code["code"]}
        # While the provider is away the parcel stays with its sender, and is scanned again.
        late = {_R.PAYMENT_CAPTURING, _R.PAYMENT_NOT_CAPTURED}
        await self._ask(cast.traveler, f"{self._path}/pickup", scan, late)

    async def _hand_over(self, cast: Cast, _seen: Mapping[str, Any]) -> None:
        if self._first("positions"):
            await self._think()
            arrived = {"positions": [_arrived(self._play)]}
            await self._ask(cast.traveler, f"{self._path}/positions", arrived)
        if self._play.story is Story.PHONES:
            await self._scan_by_phone(cast, CodePurpose.HANDOVER, cast.recipient)
            return
        if cast.phone:
            link = await cast.link()
            self.ending.got_no_code = link is None
            if link is None:
                return
            shown = await cast.recipient.get(link)
        else:
            shown = await cast.recipient.get(f"{self._path}/codes/handover")
        scan = {"code": shown["code"]}
        await self._ask(cast.traveler, f"{self._path}/handover", scan, {_R.WRONG_STATE})

    async def _scan_by_phone(self, cast: Cast, purpose: CodePurpose, shower: Caller) -> None:
        self._phones = self._phones or Phones(self._id)
        scan = await self._phones.scan(purpose, shower, cast.traveler)
        await self._ask(cast.traveler, scan.path, scan.body, _TOO_LATE, scan.phone.sign)

    async def _inspect(self, cast: Cast, _seen: Mapping[str, Any]) -> None:
        story = self._play.story
        if story is Story.UNDISPUTED or not self._first("inspect"):
            return
        await self._think()
        if story in DISPUTED:
            reason = {"reason": "damaged"}
            await self._ask(cast.customer, f"{self._path}/dispute", reason, _WINDOW_OVER)
        else:
            await self._ask(cast.customer, f"{self._path}/confirm", None, _WINDOW_OVER)

    async def _judge(self, cast: Cast, seen: Mapping[str, Any]) -> None:
        if not self._first("judge"):
            return
        self.ending.is_overdue = "inspect" not in self._done
        path = f"/v1/disputes/{seen['dispute_id']}"
        await self._ask(cast.traveler, f"{path}/messages", {"text": "It was like this before."})
        await self._ask(cast.agent, f"{path}/verdict", self._verdict())

    def _verdict(self) -> dict[str, Any]:
        story = Story.REFUNDED if self.ending.is_overdue else self._play.story
        if story is Story.SPLIT:
            return {"outcome": "split", "refund_minor": self._play.refund_minor}
        return {"outcome": "release" if story is Story.RELEASED else "refund"}

    async def _open_account(self, cast: Cast, _seen: Mapping[str, Any]) -> None:
        is_missing = self._play.story is Story.ACCOUNT_LATER and self._play.account is None
        if is_missing and self._first("account"):
            await self._think()
            await set_up_account(cast)

    async def _ask(
        self,
        by: Caller,
        path: str,
        body: dict[str, Any] | None = None,
        may_be: set[RefusalCode] | None = None,
        signs: Signs | None = None,
    ) -> Any:
        """Send a command and return its answer, or none when it was refused.

        Any refusal is a fault but those that a clock or the provider can bring about: what took
        effect before its answer was lost must be answered as done when it is sent again.
        """
        began = time.monotonic()
        answer = await by.try_post(path, body, signs=signs)
        self._note_wait(began)
        if answer.is_success:
            return answer.json()
        code = answer.json().get("code", answer.status_code)
        if code in (may_be or set()):
            self.ending.is_overtaken |= may_be is _WINDOW_OVER
        else:
            what = path.replace(self.ending.delivery_id or "?", "...")
            self.ending.faults.append(f"{by.name}'s POST {what} was refused: {code}")
        return None

    def _first(self, act: str) -> bool:
        is_first = act not in self._done
        self._done.add(act)
        return is_first

    def _note_wait(self, began: float) -> None:
        self.ending.waited_s_max = max(self.ending.waited_s_max, time.monotonic() - began)

    def _note_missed_window(self) -> None:
        """Say so when the dispute window has come and gone since people could look last."""
        unseen_s, self._looked_at = time.monotonic() - self._looked_at, time.monotonic()
        is_past = self.ending.status in (_D.RELEASING, _D.COMPLETED)
        is_missed = self._play.story is not Story.UNDISPUTED and "inspect" not in self._done
        is_unseen = unseen_s > self._clocks.inspection_s
        self.ending.is_overtaken |= is_past and is_missed and is_unseen

    async def _think(self) -> None:
        await asyncio.sleep(self._play.pause_s)

    @property
    def _id(self) -> str:
        return self.ending.delivery_id

    @property
    def _path(self) -> str:
        return f"/v1/deliveries/{self._id}"


def _parcel(cast: Cast, play: Play) -> dict[str, Any]:
    recipient = {"person_id": cast.recipient.person_id} if not cast.phone else {"phone": cast.phone}
    is_by_phone = play.story is Story.PHONES
    return {
        "description": f"Parcel {play.number}: {play.story}",
        "weight_grams": 2_500,
        "currency": "EUR",
        "pickup": BERLIN,
        "destination": NEXT_STREET if is_by_phone else MUNICH,
        "proof_level": "high" if is_by_phone else "standard",
        "recipient": {"name": "Mara Lindt", **recipient},
        **_times(play),
    }


def _times(play: Play) -> dict[str, str]:
    """Return the moments that the customer names; they decide how the payment is held."""
    now, ahead = datetime.now(UTC), SOON if play.reserved else LATER
    if play.story is Story.UNWANTED:
        return {"pickup_by": (now + timedelta(seconds=REQUEST_S)).isoformat()}
    if play.story is Story.NOT_COLLECTED:
        return {"deliver_by": (now + ahead).isoformat()}
    times = {"pickup_by": (now + ahead / 2 if play.reserved else now + ahead).isoformat()}
    if play.story is Story.SAVED:
        times["deliver_by"] = (now + timedelta(days=CHARGE_AHEAD_DAYS, seconds=6)).isoformat()
    elif play.recipient_has_account:
        # Without this day the handover is due soon: a recipient whose message is lost waits for it.
        times["deliver_by"] = (now + ahead + timedelta(hours=1)).isoformat()
    return times


def _arrived(play: Play) -> dict[str, Any]:
    there = NEXT_STREET if play.story is Story.PHONES else MUNICH
    at = {"latitude": there["latitude"], "longitude": there["longitude"]}
    return {**at, "accuracy_m": 12.0, "taken_at": datetime.now(UTC).isoformat()}
