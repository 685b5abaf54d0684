"""Every scenario, by name; a new one is a row in one of the tables here."""

from __future__ import annotations

from collections.abc import Mapping

from infra.robo.scenario import Scenario
from infra.robo.scenarios.beside import BESIDE_SCENARIOS
from infra.robo.scenarios.carried import CARRIED_SCENARIOS
from infra.robo.scenarios.erased import ERASED_SCENARIOS
from infra.robo.scenarios.leaving import LEAVING_SCENARIOS
from infra.robo.scenarios.missed import MISSED_SCENARIOS
from infra.robo.scenarios.offline import OFFLINE_SCENARIOS
from infra.robo.scenarios.payments import PAYMENT_SCENARIOS
from infra.robo.scenarios.proven import PROVEN_SCENARIOS
from infra.robo.scenarios.quarrels import LADDER_SCENARIOS, QUARREL_SCENARIOS
from infra.robo.scenarios.relayed import RELAY_SCENARIOS
from infra.robo.scenarios.undelivered import UNDELIVERED_SCENARIOS
from infra.robo.scenarios.watched import WATCHED_SCENARIOS

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *CARRIED_SCENARIOS,
        *PROVEN_SCENARIOS,
        *OFFLINE_SCENARIOS,
        *BESIDE_SCENARIOS,
        *LEAVING_SCENARIOS,
        *MISSED_SCENARIOS,
        *PAYMENT_SCENARIOS,
        *WATCHED_SCENARIOS,
        *UNDELIVERED_SCENARIOS,
        *RELAY_SCENARIOS,
        *QUARREL_SCENARIOS,
        *LADDER_SCENARIOS,
        *ERASED_SCENARIOS,
    )
}
"""By the name under which a run is asked for."""
