"""Leaving a delivery before its pickup: withdrawals, no-shows and what they cost."""
