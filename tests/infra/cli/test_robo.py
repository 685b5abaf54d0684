"""`sendalong robo` names its scenarios and refuses one that it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.cli import main
from infra.robo.scenarios import SCENARIOS


def test_every_scenario_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robo", "--list"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == list(SCENARIOS)


def test_an_unknown_scenario_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["robo", "--scenario", "fairy-tale", "--data", str(tmp_path / "stack")]) == 1
    assert "--list" in capsys.readouterr().err
    assert not (tmp_path / "stack").exists()


def test_a_speed_has_to_be_a_speed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["robo", "--speed", "0"])
    assert "whole number" in capsys.readouterr().err
