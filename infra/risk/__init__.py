"""Reads the signals of risk from the database and keeps what was decided."""
