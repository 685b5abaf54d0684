"""Finds what keeps a person's data from being erased, and erases it."""
