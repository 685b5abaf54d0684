"""Logs are in UTC, and a refusal is one line of them."""

from __future__ import annotations

import json
import logging
import logging.config
import re
import sys
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from infra.logs import FORMAT, RefusalsInOneLine, UtcFormatter

API_LOGS = Path(__file__).parents[2] / "infra/api_logs.json"


def record_of(failure: BaseException | None = None) -> logging.LogRecord:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "failed: %s", ("pay_out",), None)
    if failure is not None:
        try:
            raise failure
        except type(failure):
            record.exc_info = sys.exc_info()
    return record


def line(record: logging.LogRecord) -> str:
    assert RefusalsInOneLine().filter(record)
    return UtcFormatter(FORMAT).format(record)


def test_a_line_has_its_time_in_utc() -> None:
    record = record_of()
    record.created, record.msecs = 1_780_000_000.25, 250.0
    assert line(record) == "2026-05-28T20:26:40.250Z WARNING x: failed: pay_out"


def test_a_refusal_is_one_line_that_says_why() -> None:
    refusal = ApplicationError("No such account.", type="provider_refused", non_retryable=True)
    text = line(record_of(refusal))
    assert text.endswith("WARNING x: failed: pay_out: provider_refused: No such account.")


@pytest.mark.parametrize("fault", [ValueError("broken"), ApplicationError("try again")])
def test_a_fault_keeps_its_traceback(fault: Exception) -> None:
    assert "Traceback (most recent call last)" in line(record_of(fault))


def test_the_api_writes_the_same_lines() -> None:
    chosen = json.loads(API_LOGS.read_text())
    assert chosen["formatters"]["utc"]["fmt"] == FORMAT.replace(":", " [%(trace_id)s]:", 1)
    configurator = logging.config.DictConfigurator(chosen)
    form = configurator.configure_formatter(chosen["formatters"]["utc"])
    record = record_of()
    assert configurator.configure_filter(chosen["filters"]["trace"]).filter(record)
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z WARNING x \[-\]: failed", form.format(record))
