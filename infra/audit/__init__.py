"""The audit besides the events of deliveries: entries, signed roots over all chains, verification."""
