"""Scans that are made without network: what a phone takes along, and what becomes of its claims."""
