"""Sandbox mode for integrators: deliveries move through time, and robots play them."""
