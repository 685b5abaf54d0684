"""Keeps scans that were made without network, and signs what phones take along for them."""
