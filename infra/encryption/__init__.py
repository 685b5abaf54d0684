"""Encryption of what the platform keeps: keys, fields of tables, payloads of workflows."""
