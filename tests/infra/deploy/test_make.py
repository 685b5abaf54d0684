"""The commands that a newcomer types first."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def make(*arguments: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_help_lists_every_target_in_one_line() -> None:
    listed = re.findall(r"^  ([\w-]+) +\S", make("help"), re.MULTILINE)
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(listed) == set(targets[0].split())
    assert listed[:7] == ["help", "demo", "up", "test", "test-deep", "check", "fmt"]


def test_nothing_is_installed_again_while_the_lock_is_the_same() -> None:
    assert "pip install" not in make("--dry-run", "check", "--assume-old=.venv/.installed")
    assert "pip install" in make("--dry-run", "check", "--assume-new=requirements.lock")


def test_continuous_integration_runs_what_a_person_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "exec make test" in script.read_text()


def test_the_deep_test_plays_as_many_plans_as_asked_for_from_the_seed_of_a_run() -> None:
    asked = make("--dry-run", "test-deep", "--assume-old=.venv/.installed", "SEED=7")
    assert "MONEY_EXAMPLES=2000 MONEY_SEED=7" in asked
