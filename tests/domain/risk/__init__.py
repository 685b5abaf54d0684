"""Rules of risk."""
