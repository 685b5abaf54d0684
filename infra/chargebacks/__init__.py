"""Chargebacks in the database: their records, what follows from the books, and their evidence."""
