"""The local stack: the whole system on one machine, for newcomers, the demo and end-to-end tests."""
