"""Devices: keys that sign in the place of the phone that keeps them."""
