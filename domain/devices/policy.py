"""Figures of devices, the same for the whole platform: a device belongs to no delivery."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """What devices are bounded by."""

    devices_max: int = 10
    """Devices of one person that count at once: a phone and a tablet, and those that were lost or
    emptied and never revoked."""
    name_chars_max: int = 60
    """Longest name of a device: what fits on one line of a phone."""
    places_s: int = 86_400
    """How long the positions of a presence are kept, in seconds. They are compared within minutes; a day
    is how long a scan without network may take to arrive, and that is compared with them as well."""


DEVICES = DevicePolicy()
"""The figures that are in force."""
