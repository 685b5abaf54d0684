"""The sagas: the order of events only."""
