"""Compares the provider's statement with the ledger and lists what differs; it books nothing."""
