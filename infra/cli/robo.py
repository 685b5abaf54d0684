"""`sendalong robo`: robots play scenarios through the REST API."""

from __future__ import annotations

import argparse

from infra.local_stack.errors import StackError
from infra.local_stack.folder import default_folder
from infra.robo.main import list_scenarios, play
from infra.robo.scenarios import SCENARIOS


def run(options: argparse.Namespace) -> int:
    """Play, or list what can be played; the exit code is 0 when everything ended as it should."""
    if options.list:
        list_scenarios()
        return 0
    if options.scenario not in {*SCENARIOS, "all"}:
        raise StackError(
            f"There is no scenario {options.scenario}; `sendalong robo --list` names them."
        )
    return play(options.scenario, options.speed, options.data or default_folder())
