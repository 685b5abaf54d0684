"""Adapters to the real world and the local stack."""
