"""Settings of the property tests."""

from __future__ import annotations

from hypothesis import settings

# The same examples on every run: a failure is a change of ours, never luck or a busy machine.
settings.register_profile("sendalong", deadline=None, derandomize=True, max_examples=150)
settings.load_profile("sendalong")
