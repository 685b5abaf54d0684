"""Plays a scenario step by step through the public REST API, and holds its ending to the books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any

from activities.payment_ports import ProviderRefused
from domain.ids import DeliveryId
from infra.database.invariants import check_invariants
from infra.demo.client import DemoFailed
from infra.robo.banking import RobotBank
from infra.robo.cast import Cast, Theatre
from infra.robo.endings import differences
from infra.robo.phones import RobotPhone
from infra.robo.scenario import DELIVERY, Deed, Scenario, Step
from infra.robo.wording import NothingKept, filled, member_of

THINKING_S = 5.0
"""How long a person takes for one step at speed 1, in seconds."""
LOOK_AGAIN_S = 0.05
LOOK_S_MAX = 25.0
"""Longest wait for something that the platform does by itself, in seconds."""
AHEAD = "ahead_s"
"""Under this name it is kept how far the delivery is ahead."""

Tell = Callable[[int, Step], Awaitable[None]]
"""Told of each step once it is done, with its number."""


class ScenarioFailed(Exception):
    """The platform did not do what the scenario expects."""


class Player:
    """Plays one run. What it needs to go on later is in its memory."""

    def __init__(
        self, theatre: Theatre, run_id: str, speed: int, memory: MutableMapping[str, str]
    ) -> None:
        self._engine, self._run_id, self._speed = theatre.engine, run_id, speed
        self._home = str(theatre.http.base_url)
        self._memory = memory
        self._cast = Cast(theatre, memory)
        self._bank = RobotBank(theatre.engine)

    async def play(self, scenario: Scenario, tell: Tell, done: int = 0) -> None:
        """Play what is not done yet, then compare the ending.

        A step that was done and not noted is done again under the same key: it takes effect once.

        Raises:
            ScenarioFailed: something is not as the scenario says.
        """
        self._memory.setdefault("home", self._home)
        await self._cast.gather()
        for number, step in enumerate(scenario.steps[done:], done + 1):
            try:
                await self._take(number, step)
            except (DemoFailed, NothingKept, ProviderRefused, TimeoutError) as failure:
                raise ScenarioFailed(f"{step.who}: {step.tells}: {failure}") from failure
            await tell(number, step)
        await self._require_ending(scenario)

    async def _take(self, number: int, step: Step) -> None:
        if step.deed in (Deed.ASK, Deed.BANK):
            await asyncio.sleep(THINKING_S / self._speed)
        if step.deed is Deed.PHONE:
            await self._use_phone(number, step)
        elif step.deed is Deed.BANK:
            await self._bank.play(step.path, self._memory)
        elif step.deed is Deed.LOOK:
            await self._look(step)
        else:
            await self._ask(number, step)

    async def _ask(self, number: int, step: Step) -> None:
        who, path, body = step.who, step.path, step.body
        if step.deed is Deed.ADVANCE:
            who, path, body = "customer", _ADVANCE, {"by": step.path}
        caller, key = await self._cast.caller(who), f"robo-{self._run_id}-{number}"
        sent = (self._filled(path), self._filled(body), key)
        signs = RobotPhone(who, self._memory).sign if step.signed else None
        answer = await caller.try_post(*sent, signs)
        content = answer.json()
        if step.answer_lost and not _same((await caller.try_post(*sent, signs)).json(), content):
            raise ScenarioFailed(f"{who}: {step.tells}: sent again, it had another answer")
        if answer.is_success == bool(step.refused) or step.refused != content.get("code", ""):
            wanted = f"{step.refused} was to be the answer" if step.refused else "it was to succeed"
            raise ScenarioFailed(f"{who}: {step.tells}: {wanted}, not {answer.text}")
        if step.deed is Deed.ADVANCE:
            self._memory[AHEAD] = str(content["ahead_s"])
        self._keep(step, content)

    async def _use_phone(self, number: int, step: Step) -> None:
        caller, key = await self._cast.caller(step.who), f"robo-{self._run_id}-{number}"
        phone, body = RobotPhone(step.who, self._memory), self._filled(step.body)
        self._keep(step, await phone.play(step.path, caller, key, body))

    async def _look(self, step: Step) -> None:
        caller, path = await self._cast.caller(step.who), self._filled(step.path)
        seen: Any = None
        try:
            async with asyncio.timeout(LOOK_S_MAX):
                while True:
                    answer = await caller.try_get(path)
                    seen = answer.json()
                    if answer.is_success and self._is_as_it_should_be(step, seen):
                        self._keep(step, seen)
                        return
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            found = member_of(seen, step.member) if step.member else seen
            raise ScenarioFailed(f"{step.tells}: it is {found}") from None

    def _is_as_it_should_be(self, step: Step, seen: Any) -> bool:
        if not step.member:
            return True
        found = member_of(seen, step.member)
        return str(found) in step.values if step.values else bool(found)

    async def _require_ending(self, scenario: Scenario) -> None:
        path, agent = self._filled(DELIVERY), await self._cast.caller("agent")
        wrong: list[str] = []
        try:
            async with asyncio.timeout(LOOK_S_MAX):
                while True:
                    seen, ledger = await agent.get(path), await agent.get(f"{path}/ledger")
                    wrong = differences(scenario.ending, seen, ledger)
                    if not wrong:
                        break
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            raise ScenarioFailed("; ".join(wrong)) from None
        report = await check_invariants(self._engine, DeliveryId(self._memory["delivery"]))
        if report.violations:
            raise ScenarioFailed("; ".join(str(violation) for violation in report.violations))

    def _keep(self, step: Step, answer: Any) -> None:
        for name, member in step.keeps.items():
            self._memory[name] = str(member_of(answer, member))

    def _filled(self, content: Any) -> Any:
        ahead = timedelta(seconds=int(self._memory.get(AHEAD, "0")))
        return filled(content, self._memory, ahead)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two answers are the same but for what each says of its own moment."""
    return {**one, _MOMENT: None} == {**other, _MOMENT: None}


_MOMENT = "server_time"
_ADVANCE = "/v1/sandbox/deliveries/{delivery}/advance"
