"""Emergency overrides: rules only."""
