"""Programs that measure; what they found is in README.md."""
