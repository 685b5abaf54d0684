"""Devices: their keys, and what they have signed."""
