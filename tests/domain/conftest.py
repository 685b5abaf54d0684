"""Settings of the property tests."""

from __future__ import annotations

from hypothesis import settings

# Rules are cheap to try: more examples than elsewhere.
settings.register_profile("rules", max_examples=150)
settings.load_profile("rules")
