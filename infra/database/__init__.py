"""PostgreSQL: the schema, its migrations and the adapters that read and write it."""
