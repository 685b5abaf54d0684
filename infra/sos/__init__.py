"""Calls for help: kept with where the caller is, for staff alone."""
