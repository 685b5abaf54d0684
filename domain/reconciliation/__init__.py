"""Compares what the payment provider says it moved with what the ledger says, as pure rules."""
