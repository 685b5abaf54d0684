"""Says at the end of a session how many plans were played, and from which seed."""

from __future__ import annotations

import pytest

PROPERTY = "money machine"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each run of the machine has told; workers hand it over with their reports."""
    told = [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    if told:
        terminalreporter.section(PROPERTY)
        for line in sorted(told):
            terminalreporter.write_line(line)
