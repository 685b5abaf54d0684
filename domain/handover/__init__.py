"""Handover codes: their texts and levels, and what must hold before one is accepted."""
