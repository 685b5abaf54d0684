"""How plans are drawn: mostly what fits where the delivery is believed to stand, and some that does not."""

from __future__ import annotations

from hypothesis import strategies as st

import tests.money_machine.relaying
import tests.money_machine.surprises  # noqa: F401 -- Both add their commands to the others.
from tests.money_machine.commands import CARDS, COMMANDS
from tests.money_machine.plan import HORIZONS, Plan, Stage, Step, Trouble
from tests.stripe_stand_in import EVERY_GET, EVERY_POST, Fault

STEPS_MAX = 10
COUNTS = [*range(STEPS_MAX // 2, STEPS_MAX + 1), *range(0, STEPS_MAX, 3)]
"""How many steps a story has: rather many, since what is late in it comes after four at least."""
TROUBLES_MAX = 4
NTH_MAX = 5
CRASHES_MAX = 3
CROSSINGS_MAX = 40
"""A delivery without trouble crosses about thirty times."""
OUT_OF_PLACE = 10
"""One step in so many is any command at all."""

DEBTS = (0, 0, 0, 0, 50, 1_000, 2_000_000)
"""None, a part of what most deliveries earn, and more than any of them does."""
SHARES = (5_000, 500, 9_500, 3_333)
REPLAYS = (1, 1, 1, 2, 5)
PRICES = (4_200, 100, 101, 333, 1_000_000)
HARMLESS_CARDS = 3
"""The first cards just work; they are drawn half of the time."""


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan; it shrinks towards a delivery to which nothing happens."""
    names = list(CARDS)
    horizon = draw(st.sampled_from(list(HORIZONS)))
    card = draw(st.sampled_from(names[:HARMLESS_CARDS]) | st.sampled_from(names))
    return Plan(
        card=card,
        price_minor=draw(st.sampled_from(PRICES)),
        horizon=horizon,
        account=draw(st.sampled_from(["ready", "ready", "ready", "late"])),
        steps=draw(stories(_first(CARDS[card], horizon))),
        troubles=tuple(draw(st.lists(troubles, max_size=TROUBLES_MAX))),
        crashes=tuple(sorted(draw(st.sets(st.integers(0, CROSSINGS_MAX), max_size=CRASHES_MAX)))),
        owes_minor=draw(st.sampled_from(DEBTS)),
        share_points=draw(st.sampled_from(SHARES)),
        is_carried_on=draw(st.booleans()),
        replays=draw(st.sampled_from(REPLAYS)),
    )


@st.composite
def stories(draw: st.DrawFn, stage: Stage) -> tuple[Step, ...]:
    """Draw the steps of a delivery that stands at a stage."""
    steps = []
    for _ in range(draw(st.sampled_from(COUNTS))):
        if draw(st.integers(1, OUT_OF_PLACE)) == OUT_OF_PLACE:
            name = draw(st.sampled_from(sorted(COMMANDS)))
        else:
            name = draw(st.sampled_from(LIKELY[stage]))
        steps.append(Step(name, draw(COMMANDS[name].how)))
        stage = COMMANDS[name].leads.get(stage, stage)
    return tuple(steps)


def _first(stage: Stage, horizon: str) -> Stage:
    return Stage.SCHEDULED if stage is Stage.HELD and horizon == "save" else stage


LIKELY: dict[Stage, list[str]] = {
    stage: [
        name
        for name, command in COMMANDS.items()
        if stage in command.leads
        for _ in range(command.weight)
    ]
    for stage in Stage
}

troubles = st.builds(
    Trouble,
    route=st.sampled_from([EVERY_POST, EVERY_POST, EVERY_GET]),
    fault=st.sampled_from([str(fault) for fault in Fault]),
    nth=st.integers(1, NTH_MAX),
)
