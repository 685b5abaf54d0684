"""A device with passkeys, in software: the one that robots have."""

from __future__ import annotations

from infra.robo.authenticator import Device

__all__ = ["Device"]
