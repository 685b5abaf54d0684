"""Signals of risk and what is kept of decisions, on the real database."""
