"""Says at the end of a session what the money machine and the fault harness have played."""

from __future__ import annotations

import pytest

PROPERTY = "money machine"
FAULTS = "fault harness"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each run has told; workers hand it over with their reports."""
    for title in (PROPERTY, FAULTS):
        if told := _told(terminalreporter, title):
            terminalreporter.section(title)
            for line in sorted(told):
                terminalreporter.write_line(line)


def _told(terminalreporter: pytest.TerminalReporter, title: str) -> list[str]:
    return [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == title
    ]
