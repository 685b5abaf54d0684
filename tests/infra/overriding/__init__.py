"""Emergency overrides in the database."""
