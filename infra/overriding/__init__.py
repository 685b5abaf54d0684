"""Emergency overrides in the database and on their way to deliveries."""
