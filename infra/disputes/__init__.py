"""Disputes in the database: agents and files."""
