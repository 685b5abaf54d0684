"""Deliveries on hold, one by one or many at once."""
